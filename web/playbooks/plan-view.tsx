import type { z } from 'zod';
import type { Plan, PlanEntry } from '#contracts/playbooks/playbooks.ts';
import { Copy } from '../ui/copy.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Tag } from '../ui/card.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import type { StatusName } from '../ui/status.ts';
import { planFault, queryLine } from './plan-query.ts';

type Entry = z.output<typeof PlanEntry>;
const looks: Readonly<Record<Entry['action'], { word: string; status: StatusName }>> = {
  run: { word: 'would run', status: 'succeeded' },
  skip: { word: 'would be skipped', status: 'skipped' },
  ask: { word: 'would ask', status: 'waiting' },
  depends: { word: 'depends on earlier results', status: 'unknown' },
};

const renderedText = (rendered: unknown): string => {
  if (rendered === undefined || rendered === null) return '';
  if (typeof rendered === 'string') return rendered;
  if (typeof rendered === 'object' && 'command' in rendered && typeof rendered.command === 'string')
    return rendered.command;
  return JSON.stringify(rendered, null, 2);
};

/** What a playbook would do with these inputs: on which hosts, with which commands, and which of them answer. Nothing has run. */
export function PlanView({ plan }: { plan: z.output<typeof Plan> }) {
  return (
    <section aria-label="Dry run" className="rounded-lg border border-line" data-testid="playbook.plan">
      <header className="flex items-center gap-2 border-b border-line px-3 py-2 text-meta">
        <h3 className="font-semibold">What would happen</h3>
        <span className="text-text-3">nothing has run</span>
        <span className="ml-auto font-mono text-[11px] text-text-3">
          <Copy text={plan.hash} what="the plan's hash">
            {plan.hash.slice(0, 12)}
          </Copy>
        </span>
      </header>
      <Summary entries={plan.entries} />
      <ol>
        {plan.entries.map((entry, index) => (
          <PlanRow key={`${entry.id}${index}`} entry={entry} reachability={plan.reachability} />
        ))}
      </ol>
    </section>
  );
}

const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Who would be asked, and what would be taken back if it failed: the newest first. */
function Summary({ entries }: { entries: readonly Entry[] }) {
  const asked = entries.filter(({ action }) => action === 'ask');
  const undone = entries.filter((entry) => words(entry['undo']).length > 0).toReversed();
  if (asked.length + undone.length === 0) return null;
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 border-b border-line px-3 py-2 text-meta">
      {asked.length > 0 && (
        <>
          <dt className="text-text-3">Would ask</dt>
          <dd>{asked.map(({ id }) => id).join(', ')}</dd>
        </>
      )}
      {undone.length > 0 && (
        <>
          <dt className="text-text-3">If it fails, undone</dt>
          <dd data-testid="plan.undo">
            {undone.map((entry) => `${entry.id} by ${words(entry['undo']).join(', ')}`).join(', then ')}
          </dd>
        </>
      )}
    </dl>
  );
}

function PlanRow({ entry, reachability }: { entry: Entry; reachability: z.output<typeof Plan>['reachability'] }) {
  const { word, status } = looks[entry.action];
  const text = renderedText(entry.rendered);
  const where = entry.kind === 'query' ? queryLine(entry['details']) : '';
  const fault = planFault(entry['error']);
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <p className="flex items-center gap-2">
        <StatusGlyph status={status} word={word} />
        <span className="font-medium">{entry.id}</span>
        {entry.kind && <span className="font-mono text-[11px] text-text-3">{entry.kind}</span>}
        <span className="ml-auto text-meta text-text-2">
          {entry.hosts
            ? `${entry.hosts.length} ${entry.hosts.length === 1 ? 'host' : 'hosts'}${entry.batches && entry.batches.length > 1 ? ` in ${entry.batches.length} batches` : ''}`
            : word}
          {entry.dependsOn && entry.dependsOn.length > 0 ? ` · after ${entry.dependsOn.join(', ')}` : ''}
        </span>
      </p>
      {entry.hosts && (
        <p className="mt-1 flex flex-wrap gap-1">
          {entry.hosts.slice(0, 60).map((host) => {
            const known = reachability[host];
            return (
              <Tag key={host} tone={known?.reachable === false ? 'fail' : 'plain'}>
                {known?.reachable === false ? `${host} · no answer` : host}
              </Tag>
            );
          })}
          {entry.hosts.length > 60 && <Tag>{`and ${entry.hosts.length - 60} more`}</Tag>}
        </p>
      )}
      {where && <p className="mt-1 break-words text-meta text-text-2">{where}</p>}
      {fault && <p className="mt-1 text-meta text-fail-fg">{fault}</p>}
      {text && (
        <CodeBlock className="mt-1.5" what="what is rendered">
          {text}
        </CodeBlock>
      )}
    </li>
  );
}
