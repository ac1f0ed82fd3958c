import { ListChecks, RotateCw, Tag as TagIcon, Trash2, Wrench, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { BulkActs } from '#contracts/servers/bulk.ts';
import type { Server } from '#contracts/servers/servers.ts';
import { announce } from '../kit/announce.tsx';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';
import { changeMany, type ManyOutcome } from './change-many.ts';
import { MaintenancePopover } from './maintenance-popover.tsx';
import { ManyOutcomeDialog } from './many-outcome-dialog.tsx';
import { RunOnServers } from './run-on-servers.tsx';
import { TagPopover } from './tag-popover.tsx';

interface ServerBulkBarProps {
  /** The ids that are selected, some perhaps not loaded. */
  selected: ReadonlySet<string>;
  /** Those of them that are loaded. */
  servers: readonly Server[];
  nameOf: (id: string) => string | undefined;
  /** How many the filter shows in all; undefined while it is not counted. */
  matching: number | undefined;
  onSelectAll: () => Promise<void>;
  onClear: () => void;
  /** Servers were changed, or changed back. */
  onChanged: () => void;
}

const figure = (count: number) => count.toLocaleString('en-GB');
const servers = (count: number) => `${figure(count)} ${count === 1 ? 'server' : 'servers'}`;
/** Servers whose check is asked for in one request. */
const MOST_CHECKS = 1_000;

/** Rises when servers are selected: what can be done to all of them, how far it is, and which could not be. */
export function ServerBulkBar(props: ServerBulkBarProps) {
  const { selected, matching, nameOf, onSelectAll, onClear, onChanged } = props;
  const refusal = useRefusal();
  const offline = useOffline();
  const [work, setWork] = useState<{ doing: string; done: number; of: number } | null>(null);
  const [isFinding, setFinding] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const [isRunning, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<{ result: ManyOutcome; done: string } | null>(null);
  const stop = useRef<AbortController | null>(null);
  const ids = [...selected];
  const manage = offline ?? refusal('servers:manage');
  const isInMaintenance = props.servers.length > 0 && props.servers.every(({ maintenance }) => maintenance !== null);

  const takeBack = async ({ undo }: ManyOutcome): Promise<void> => {
    let refused = 0;
    for (const { ids: some, ...acts } of undo)
      refused += (await changeMany(some, acts, (body) => api.changeServers({ body }))).failed.length;
    onChanged();
    if (refused > 0) toast.error(`${servers(refused)} could not be changed back.`);
    else toast.note('Taken back');
  };
  const change = async (acts: BulkActs, doing: string, doneTo: (count: string) => string) => {
    stop.current = new AbortController();
    setWork({ doing, done: 0, of: ids.length });
    const onProgress = (done: number) => setWork({ doing, done, of: ids.length });
    const result = await changeMany(ids, acts, (body) => api.changeServers({ body }), onProgress, stop.current.signal);
    setWork(null);
    setDeleting(false);
    onChanged();
    const done = doneTo(servers(result.changed.length));
    if (result.failed.length > 0 || result.left.length > 0) {
      setOutcome({ result, done });
      announce(`${result.failed.length} of ${ids.length} could not be done`, 'urgent');
      return;
    }
    toast.done(done, result.undo.length > 0 ? { undo: () => void takeBack(result) } : {});
    if (acts.delete) onClear();
  };
  const check = async () => {
    try {
      let requested = 0;
      for (let from = 0; from < ids.length; from += MOST_CHECKS)
        requested += (await api.checkServers({ body: { ids: ids.slice(from, from + MOST_CHECKS) } })).requested;
      toast.note(`${servers(requested)} ${requested === 1 ? 'is' : 'are'} being checked`);
    } catch (error) {
      toast.failure(error);
    }
  };
  return (
    <>
      <div
        role="toolbar"
        aria-label="Selected servers"
        data-testid="servers.bulk"
        className="absolute inset-x-2 bottom-4 z-(--wl-z-sticky) mx-auto flex min-h-[42px] w-fit flex-wrap items-center gap-1 rounded-xl border border-line-strong bg-raised py-1 pr-2 pl-3.5 whitespace-nowrap shadow-2"
      >
        {work ? (
          <>
            <span className="num mr-2 font-medium">{`${work.doing}: ${figure(work.done)} of ${figure(work.of)}`}</span>
            <Button look="ghost" onClick={() => stop.current?.abort()}>
              Stop after these
            </Button>
          </>
        ) : (
          <>
            <span className="num mr-1 font-medium">{`${figure(selected.size)} selected`}</span>
            {matching !== undefined && matching > selected.size && (
              <Button
                look="ghost"
                className="text-accent!"
                busy={isFinding}
                onClick={() => {
                  setFinding(true);
                  void onSelectAll()
                    .catch(toast.failure)
                    .finally(() => setFinding(false));
                }}
              >
                {`Select all ${figure(matching)}`}
              </Button>
            )}
            <Button
              look="ghost"
              icon={ListChecks}
              refusal={offline ?? refusal('playbooks:run')}
              onClick={() => setRunning(true)}
            >
              Run playbook
            </Button>
            <Button
              look="ghost"
              icon={RotateCw}
              refusal={offline ?? refusal('servers:check')}
              onClick={() => void check()}
            >
              Check
            </Button>
            <TagPopover
              busy={work !== null}
              trigger={
                <Button look="ghost" icon={TagIcon} refusal={manage}>
                  Tag
                </Button>
              }
              onTags={(acts) =>
                void change(acts, 'Tagging', (count) =>
                  acts.addTags ? `${count} tagged ${acts.addTags.join(', ')}` : `Tags taken off ${count}`,
                )
              }
            />
            {isInMaintenance ? (
              <Button
                look="ghost"
                icon={Wrench}
                refusal={manage}
                onClick={() => void change({ maintenance: null }, 'Ending', (count) => `Maintenance of ${count} ended`)}
              >
                End maintenance
              </Button>
            ) : (
              <MaintenancePopover
                busy={work !== null}
                trigger={
                  <Button look="ghost" icon={Wrench} refusal={manage}>
                    Maintenance
                  </Button>
                }
                onStart={(maintenance) =>
                  void change(
                    { maintenance: { reason: '', ...maintenance } },
                    'Taking out',
                    (count) => `${count} in maintenance`,
                  )
                }
              />
            )}
            <Button look="ghost" icon={Trash2} refusal={manage} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <IconButton icon={X} label="Select none" onClick={onClear} />
          </>
        )}
      </div>
      <AlertDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${servers(ids.length)}?`}
        act={ids.length === 1 ? 'Delete server' : 'Delete servers'}
        keep={ids.length === 1 ? 'Keep it' : 'Keep them'}
        busy={work !== null}
        typeName={ids.length === 1 ? (nameOf(ids[0] ?? '') ?? servers(1)) : `delete ${ids.length}`}
        onAct={() => change({ delete: true }, 'Deleting', (count) => `${count} deleted`)}
      >
        Their pinned keys and checks go, and no playbook finds them any more. Past runs keep their logs.
      </AlertDialog>
      {isRunning && <RunOnServers names={ids.flatMap((id) => nameOf(id) ?? [])} onClose={() => setRunning(false)} />}
      {outcome && (
        <ManyOutcomeDialog
          outcome={outcome.result}
          done={outcome.done}
          nameOf={nameOf}
          onUndo={
            outcome.result.undo.length > 0
              ? () => {
                  setOutcome(null);
                  void takeBack(outcome.result);
                }
              : undefined
          }
          onClose={() => setOutcome(null)}
        />
      )}
    </>
  );
}
