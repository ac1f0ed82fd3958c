import { Columns3, Flame, Plus, Rows3, SearchX } from 'lucide-react';
import { useState } from 'react';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useIsPhone } from '../kit/media.ts';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import { FilterBar, Page, PageFoot } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { Board } from './board.tsx';
import { clockText } from './clock-now.ts';
import { DeclareDialog } from './declare-dialog.tsx';
import { IncidentFilters } from './incident-filters.tsx';
import { IncidentList } from './incident-list.tsx';
import { boardStates, counted, refusalWords } from './incident-words.ts';
import { type Board as BoardAnswer, useBoard, useStateNames, useTakeIn } from './incidents.ts';
import { boardFilter, IncidentsView, isNarrowed, noFilters } from './incidents-view.ts';
import { MoveDialog } from './move-dialog.tsx';
import { useMoves } from './use-moves.ts';
import { WhoIsOnCall } from './who-is-on-call.tsx';

/** Everything that is wrong: a board by state, or a list. */
export function IncidentsPage() {
  const [view, setView] = useUrlState(IncidentsView);
  const go = useGo();
  const isPhone = useIsPhone();
  const names = useStateNames();
  const offline = useOffline();
  const mayAct = useRefusal()('incidents:act');
  const refusal = offline ?? mayAct;
  const board = useBoard(boardFilter(view), view.view === 'board');
  const { move, pending } = useMoves();
  const takeIn = useTakeIn();
  const [moving, setMoving] = useState<ListedIncident | null>(null);
  const declare = () => refusal === null && setView({ declare: 'new' });
  useKeys([
    { keys: 'c', label: 'Declare an incident', run: declare },
    { keys: 'v', label: view.view === 'board' ? 'Show as a list' : 'Show as a board', run: () => setView({ view: view.view === 'board' ? 'list' : 'board' }) },
  ]); // prettier-ignore
  const acknowledge = (incident: ListedIncident) => {
    if (refusal !== null) toast.note(refusal);
    else if (incident.state === 'open') void move(incident, 'acknowledged');
    else toast.note(`${incident.key} is ${names[incident.state]} already.`);
  };
  const escalate = async (incident: ListedIncident) => {
    if (refusal !== null) {
      toast.note(refusal);
      return;
    }
    try {
      takeIn(await api.escalateIncident({ params: { id: incident.id }, body: {} }));
      toast.done(`The next level is told of ${incident.key}`);
    } catch (error) {
      toast.error(refusalWords(error, incident, names));
    }
  };
  const add = (
    <Button look="primary" icon={Plus} keys="c" refusal={refusal} onClick={declare}>
      Declare incident
    </Button>
  );
  const clear = () => setView({ ...noFilters, severity: [], state: [] });
  const empty = isNarrowed(view) ? (
    <EmptyState icon={SearchX} title="No incident matches" action={<Button onClick={clear}>Clear filters</Button>} />
  ) : (
    <EmptyState icon={Flame} title="No incident yet" action={add}>
      Alerts raise incidents by themselves; anybody can declare one. From then on clocks count and people are told.
    </EmptyState>
  );
  return (
    <Page
      title="Incidents"
      testId="incidents.page"
      panes
      mark={
        <>
          <Segmented
            label="Shown as"
            value={view.view}
            onValue={(next) => setView({ view: next })}
            options={[
              { value: 'board', label: <><Icon of={Columns3} size={14} />Board</>, name: 'Board' },
              { value: 'list', label: <><Icon of={Rows3} size={14} />List</>, name: 'List' },
            ]}
          />
          <WhoIsOnCall />
        </>
      } // prettier-ignore
      action={!isPhone && add}
      head={
        <FilterBar>
          <IncidentFilters view={view} onView={setView} names={names} />
          {view.view === 'board' && board.data && <Medians figures={board.data.figures} />}
        </FilterBar>
      }
      foot={view.view === 'board' && board.data && <BoardFoot figures={board.data.figures} />}
    >
      {view.view === 'board' ? (
        <Answer
          of={board}
          what="The board"
          waiting={<BoardSkeleton />}
          isEmpty={({ columns }) => columns.every(({ count }) => count === 0)}
          empty={empty}
        >
          {({ columns, readAt }) => (
            <Board
              columns={columns}
              pending={pending}
              readAt={readAt}
              names={names}
              refusal={refusal}
              move={move}
              onAcknowledge={acknowledge}
              onSetState={setMoving}
              onEscalate={(incident) => void escalate(incident)}
            />
          )}
        </Answer>
      ) : (
        <IncidentList view={view} onView={setView} names={names} refusal={refusal} empty={empty} />
      )}
      {isPhone && (
        <div className="flex flex-none border-t border-line bg-surface px-4 py-2 [&>*]:w-full [&>*]:flex-1">{add}</div>
      )}
      {moving && (
        <MoveDialog key={moving.id} incident={moving} names={names} move={move} onClose={() => setMoving(null)} />
      )}
      {view.declare === 'new' && (
        <DeclareDialog
          onClose={() => setView({ declare: '' }, 'replace')}
          onDeclared={(incident) => {
            takeIn(incident);
            toast.done(`${incident.key} is declared`);
            go(`/incidents/${incident.key}`);
          }}
        />
      )}
    </Page>
  );
}

function Medians({ figures: { acknowledgeMs, resolveMs } }: { figures: BoardAnswer['figures'] }) {
  if (acknowledgeMs === null && resolveMs === null) return null;
  const figure = (label: string, ms: number | null) =>
    ms !== null && (
      <span className="text-text-2">
        {label} <b className="num font-semibold text-text">{clockText(ms)}</b>
      </span>
    );
  return (
    <span className="ml-auto flex items-center gap-3 text-meta whitespace-nowrap max-md:hidden">
      {figure('Time to acknowledge', acknowledgeMs)}
      {figure('Time to resolve', resolveMs)}
      <span className="text-text-3">median, 30 days</span>
    </span>
  );
}

function BoardFoot({ figures: { active, atRisk, breached, paused } }: { figures: BoardAnswer['figures'] }) {
  const words = [
    `${active} active`,
    atRisk > 0 && `${counted(atRisk, 'clock')} at risk`,
    breached > 0 && `${breached} late`,
    paused > 0 && `${paused} paused`,
  ].filter(Boolean);
  const keys: [string[], string][] = [
    [['←', '→', '↑', '↓'], 'move focus'],
    [['A'], 'acknowledge'],
    [['S'], 'set state'],
    [['M'], 'move card'],
    [['↵'], 'open'],
  ];
  return (
    <PageFoot>
      <span className="num" data-testid="incidents.figures">
        {words.join(' · ')}
      </span>
      <span className="ml-auto flex items-center gap-4 max-lg:hidden">
        {keys.map(([caps, word]) => (
          <span key={word} className="flex items-center gap-1.5">
            {caps.map((cap) => (
              <KeyCap key={cap}>{cap}</KeyCap>
            ))}
            {word}
          </span>
        ))}
      </span>
    </PageFoot>
  );
}

/** The columns and a few cards, before they have come. */
function BoardSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="appear-late flex min-h-0 flex-1 gap-2.5 overflow-hidden px-5 pb-3 max-sm:flex-col"
    >
      {boardStates.slice(0, 5).map((state, column) => (
        <div key={state} className="flex min-w-0 flex-1 flex-col gap-2 rounded-lg bg-sunken p-2">
          <Skeleton className="my-2 h-[9px] w-24" />
          {Array.from({ length: 3 - (column % 3) }, (_, card) => (
            <div key={card} className="rounded-md border border-line bg-surface p-3">
              <Skeleton className="mb-3 h-[9px] w-20" />
              <Skeleton className="mb-2 h-[9px] w-full" />
              <Skeleton className="h-[9px] w-2/3" />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
