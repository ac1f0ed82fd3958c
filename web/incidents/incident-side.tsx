import { ChevronUp, Link2, ListChecks, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { type ChangeIncident, responderRoles, type ShownIncident } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { IncidentPlaybooks } from '../incident-rules/incident-playbooks.tsx';
import { useIncidentStarts } from '../incident-rules/incident-rules.ts';
import { useRun } from '../runs/runs.ts';
import { useOnCall, usePolicies } from '../oncall/oncall.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem, MenuLabel, MenuRadio } from '../ui/menu.tsx';
import { Avatar, Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { AddLinkDialog } from './add-link-dialog.tsx';
import { roleWords } from './incident-words.ts';
import type { OpenedIncident } from './incidents.ts';
import { IncidentAlerts } from './incident-alerts.tsx';
import { IncidentAssets } from './incident-assets.tsx';
import { IncidentTasks } from './incident-tasks.tsx';
import { SideSection } from './side-section.tsx';

interface IncidentSideProps {
  incident: OpenedIncident;
  refusal: string | null;
  change: (changes: ChangeIncident, words: string) => Promise<boolean>;
  takeIn: (incident: ShownIncident) => void;
  onEscalate: () => void;
  refresh: () => void;
}

const line = 'flex min-h-[27px] min-w-0 items-center gap-2 max-sm:min-h-11';

/** What belongs to an incident: who works on it, who is told, what it is about, what is to be done. */
export function IncidentSide(props: IncidentSideProps) {
  const { incident, refusal, takeIn, refresh } = props;
  const [linking, setLinking] = useState<'asset' | 'url' | null>(null);
  const runs = incident.links.filter(({ kind }) => kind === 'run');
  const addresses = incident.links.filter(({ kind }) => kind === 'url');
  const unlink = async (linkId: string) => {
    try {
      await api.removeLink({ params: { id: incident.id, linkId } });
      refresh();
    } catch (error) {
      toast.failure(error);
    }
  };
  return (
    <>
      <Responders {...props} />
      <Escalation {...props} />
      <IncidentAlerts incident={incident} />
      <IncidentAssets
        incident={incident}
        refusal={refusal}
        onAdd={() => setLinking('asset')}
        onUnlink={(id) => void unlink(id)}
      />
      <SideSection
        title="Links"
        count={addresses.length}
        end={
          <IconButton size="sm" icon={Plus} label="Add a link" refusal={refusal} onClick={() => setLinking('url')} />
        }
      >
        <ul>
          {addresses.length === 0 && <li className="text-text-3">None</li>}
          {addresses.map(({ id, ref, label }) => (
            <li key={id} className={line}>
              <Icon of={Link2} size={14} className="text-text-3" />
              <a
                href={ref}
                target="_blank"
                rel="noopener noreferrer"
                title={label || ref}
                className="min-w-0 flex-1 truncate text-accent hover:underline"
              >
                <bdi>{label || ref}</bdi>
              </a>
              <IconButton
                size="sm"
                icon={X}
                label={`Take ${label || 'the link'} away`}
                refusal={refusal}
                onClick={() => void unlink(id)}
              />
            </li>
          ))}
        </ul>
      </SideSection>
      <StartedPlaybooks incidentId={incident.id} />
      <SideSection title="Runs" count={runs.length}>
        <ul>
          {runs.length === 0 && <li className="text-text-3">None</li>}
          {runs.map(({ id, ref, label }) => (
            <RunLine key={id} id={ref} label={label} />
          ))}
        </ul>
      </SideSection>
      <IncidentTasks incident={incident} refusal={refusal} refresh={refresh} />
      {linking && (
        <AddLinkDialog
          incidentId={incident.id}
          kind={linking}
          onClose={() => setLinking(null)}
          onLinked={(linked) => {
            takeIn(linked);
            setLinking(null);
          }}
        />
      )}
    </>
  );
}

/** What rules suggest or have begun; without any there is no such part. */
function StartedPlaybooks({ incidentId }: { incidentId: string }) {
  const starts = useIncidentStarts(incidentId);
  if (!starts.data?.data.length) return null;
  return (
    <SideSection title="Playbooks">
      <IncidentPlaybooks incidentId={incidentId} />
    </SideSection>
  );
}

function RunLine({ id, label }: { id: string; label: string }) {
  const { data: run } = useRun(id);
  return (
    <li className={line}>
      {run ? <StatusGlyph status={run.status} /> : <Icon of={ListChecks} size={14} className="text-text-3" />}
      <Go to={`/runs/${id}`} className="min-w-0 flex-1 truncate hover:underline" title={run?.title ?? label}>
        <bdi>{run?.title ?? (label || 'A run')}</bdi>
      </Go>
      {run && <Duration from={run.startedAt} to={run.endedAt} className="text-meta text-text-3" />}
    </li>
  );
}

function Responders({ incident, refusal, change }: IncidentSideProps) {
  const people = useOnCall().data?.people ?? [];
  const { owner, responders } = incident;
  const given = responders.map(({ personId, role }) => ({ personId, role }));
  const free = people.filter(({ id }) => !responders.some(({ personId }) => personId === id));
  return (
    <SideSection
      title="People"
      end={
        <Menu
          label="Add a responder"
          trigger={<IconButton size="sm" icon={Plus} label="Add a responder" refusal={refusal} />}
        >
          <MenuLabel>Who helps</MenuLabel>
          {free.map(({ id, name }) => (
            <MenuItem
              key={id}
              refusal={refusal}
              onSelect={() =>
                void change({ responders: [...given, { personId: id, role: 'responder' }] }, `${name} helps now`)
              }
            >
              <bdi>{name}</bdi>
            </MenuItem>
          ))}
        </Menu>
      }
    >
      <ul>
        <li className={line}>
          {owner ? (
            <span className="min-w-0 flex-1">
              <Person name={owner.name} />
            </span>
          ) : (
            <span className="flex-1 text-text-2">Nobody owns it</span>
          )}
          <Menu
            label="Hand over"
            trigger={
              <Button size="sm" look="ghost" refusal={refusal}>
                {owner ? 'owns it' : 'Give it to…'}
              </Button>
            }
          >
            <MenuLabel>Who owns it</MenuLabel>
            <MenuRadio
              value={owner?.id ?? 'nobody'}
              onValue={(id) => {
                const person = people.find((one) => one.id === id);
                void change(
                  { ownerId: person?.id ?? null },
                  person ? `${person.name} owns it now` : 'Nobody owns it now',
                );
              }}
              options={[
                ...people.map(({ id, name }) => ({ value: id, label: <bdi>{name}</bdi> })),
                { value: 'nobody', label: 'Nobody' },
              ]}
            />
          </Menu>
        </li>
        {responders.map(({ personId, name, role }) => (
          <li key={personId} className={line}>
            <Avatar name={name} />
            <bdi className="min-w-0 flex-1 truncate" title={name}>
              {name}
            </bdi>
            <Menu
              label={`What ${name} does`}
              trigger={
                <Button size="sm" look="ghost" refusal={refusal} className="font-normal!">
                  {roleWords[role]}
                </Button>
              }
            >
              <MenuRadio
                value={role}
                onValue={(next) =>
                  void change(
                    { responders: given.map((one) => (one.personId === personId ? { personId, role: next } : one)) },
                    `${name} ${roleWords[next]} now`,
                  )
                }
                options={responderRoles.map((one) => ({ value: one, label: roleWords[one] }))}
              />
              <MenuItem
                icon={X}
                onSelect={() =>
                  void change({ responders: given.filter((one) => one.personId !== personId) }, `${name} helps no more`)
                }
              >
                Take away
              </MenuItem>
            </Menu>
          </li>
        ))}
      </ul>
    </SideSection>
  );
}

function Escalation({ incident, refusal, change, onEscalate }: IncidentSideProps) {
  const policies = usePolicies();
  const may = useMay('oncall:read');
  const { escalationPolicy, escalationLevel, nextEscalationAt, slaPolicy } = incident;
  const rows = policies.data?.data ?? [];
  return (
    <SideSection
      title="Escalation"
      end={
        may && (
          <Menu
            label="Escalation policy"
            trigger={
              <Button size="sm" look="ghost" refusal={refusal} className="max-w-40 font-normal!">
                <bdi className="truncate">{escalationPolicy?.name ?? 'Choose a policy'}</bdi>
              </Button>
            }
          >
            <MenuRadio
              value={escalationPolicy?.id ?? 'none'}
              onValue={(id) => {
                const policy = rows.find((one) => one.id === id);
                void change(
                  { escalationPolicyId: policy?.id ?? null },
                  policy ? `${policy.name} tells people now` : 'Nobody is told by itself now',
                );
              }}
              options={[
                ...rows.map(({ id, name }) => ({ value: id, label: <bdi>{name}</bdi> })),
                { value: 'none', label: 'None' },
              ]}
            />
          </Menu>
        )
      }
    >
      <div className={line}>
        <span className="min-w-0 flex-1 truncate text-text-2">
          {escalationLevel > 0 ? `Level ${escalationLevel} was told` : 'Nobody has been told yet'}
          {nextEscalationAt && (
            <>
              {', the next '}
              <RelativeTime at={nextEscalationAt} />
            </>
          )}
        </span>
        <Button size="sm" icon={ChevronUp} refusal={refusal} onClick={onEscalate}>
          Escalate
        </Button>
      </div>
      {slaPolicy && (
        <p className="truncate text-meta text-text-3" title={slaPolicy.name}>
          Promised by <bdi>{slaPolicy.name}</bdi>
        </p>
      )}
    </SideSection>
  );
}
