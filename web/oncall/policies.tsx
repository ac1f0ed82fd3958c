import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import type { ShownPolicy } from '#contracts/oncall/oncall.ts';
import { IconButton } from '../ui/button.tsx';
import { Card, SectionHead, Tag } from '../ui/card.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import type { Targets } from './policy-form.tsx';
import { policyStory, targetWords } from './policy-words.ts';

interface PoliciesProps {
  policies: readonly ShownPolicy[];
  targets: Targets;
  refusal: string | null;
  onEdit: (policy: ShownPolicy) => void;
  onDelete: (policy: ShownPolicy) => void;
}

/** Escalation policies, each with what it does if nobody answers. */
export function Policies({ policies, targets, refusal, onEdit, onDelete }: PoliciesProps) {
  const nameOf = targetWords(targets);
  return (
    <div className="grid gap-4 px-5 py-4 lg:grid-cols-2 max-sm:px-4">
      {policies.map((policy) => (
        <Card key={policy.id} label={policy.name}>
          <SectionHead
            title={policy.name}
            hint={`${policy.steps.length} ${policy.steps.length === 1 ? 'step' : 'steps'}, ${policy.repeats + 1} ${policy.repeats === 0 ? 'round' : 'rounds'}`}
            end={
              <Menu label={`Acts on ${policy.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={refusal} onSelect={() => onEdit(policy)}>
                  Edit
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={refusal} onSelect={() => onDelete(policy)}>
                  Delete policy
                </MenuItem>
              </Menu>
            }
          />
          <ol
            className="border-t border-line px-3.5 py-2 text-meta"
            aria-label={`What ${policy.name} does if nobody answers`}
          >
            {policyStory(policy, nameOf).map(({ at, who, round }, index) => (
              <li key={index} className="flex items-baseline gap-3 py-1">
                <span className="num w-24 flex-none text-text-2">{at}</span>
                <span className="min-w-0 flex-1">{who}</span>
                {round === null ? <Tag tone="wait">at last</Tag> : round > 0 && <Tag>{`again ${round}`}</Tag>}
              </li>
            ))}
          </ol>
        </Card>
      ))}
    </div>
  );
}
