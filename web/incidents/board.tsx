import {
  DndContext,
  DragOverlay,
  PointerSensor,
  pointerWithin,
  useDroppable,
  useSensor,
  useSensors,
  type DragEndEvent,
} from '@dnd-kit/core';
import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { type IncidentState, needsReason } from '#contracts/incidents/states.ts';
import { announce } from '../kit/announce.tsx';
import { cx } from '../kit/cx.ts';
import { useKeys } from '../kit/keys.ts';
import { useIsPhone } from '../kit/media.ts';
import { useGo } from '../kit/navigation.tsx';
import { Count } from '../ui/card.tsx';
import { BoardCard, CarriedCard } from './board-card.tsx';
import { type BoardColumn, carryWords, columnRefusal, neighbour, stopsOf, withMoves } from './board-moves.ts';
import type { StateNames } from './incident-words.ts';
import { ReasonForm } from './reason-form.tsx';
import { StateShape } from './state-glyph.tsx';
import type { Mover } from './use-moves.ts';

// What it says by itself is about pixels; the board announces columns.
const quiet = { announcements: { onDragStart: () => '', onDragOver: () => '', onDragEnd: () => '', onDragCancel: () => '' }, screenReaderInstructions: { draggable: '' } }; // prettier-ignore

interface BoardProps {
  columns: readonly BoardColumn[];
  pending: ReadonlyMap<string, IncidentState>;
  readAt: number;
  names: StateNames;
  /** Why nothing can be moved; null where it can. */
  refusal: string | null;
  move: Mover;
  onAcknowledge: (incident: ListedIncident) => void;
  onSetState: (incident: ListedIncident) => void;
  onEscalate: (incident: ListedIncident) => void;
}

/** What is lifted by a key: which, and over which column it is. */
interface Lift {
  incident: ListedIncident;
  over: IncidentState;
}

/** Incidents by state. Cards are moved by the pointer or by keys, with the same checks and the same words. */
export function Board({ columns, pending, readAt, names, refusal, move, ...acts }: BoardProps) {
  const go = useGo();
  const isPhone = useIsPhone();
  const box = useRef<HTMLDivElement>(null);
  const [tabId, setTabId] = useState<string | null>(null);
  const [lifted, setLift] = useState<Lift | null>(null);
  const [dragged, setDragged] = useState<ListedIncident | null>(null);
  const [asking, setAsking] = useState<{ incident: ListedIncident; to: IncidentState } | null>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));
  const drawn = useMemo(
    () => withMoves(columns, asking ? new Map([...pending, [asking.incident.id, asking.to]]) : pending),
    [columns, pending, asking],
  );
  const states = useMemo(() => columns.map(({ state }) => state), [columns]);
  const all = drawn.flatMap(({ incidents }) => incidents);
  const stop = all.some(({ id }) => id === tabId) ? tabId : (all[0]?.id ?? null);
  // Of the columns as the server has them: a change is made upon what stands there.
  const find = (id: string | null | undefined) =>
    columns.flatMap(({ incidents }) => incidents).find((one) => one.id === id);
  // One that has gone elsewhere meanwhile is lifted no more.
  const stands = find(lifted?.incident.id);
  const lift = lifted && stands?.state === lifted.incident.state ? lifted : null;
  const hasGone = lifted !== null && lift === null;
  useEffect(() => {
    if (!hasGone) return;
    setLift(null);
    announce(
      stands ? `${stands.key} was moved meanwhile: it is ${names[stands.state]} now` : 'The card is no longer here',
      'urgent',
    );
  }, [hasGone, stands, names]);

  // A card that goes to another column is another node: whoever had the focus keeps it.
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-incident="${wanted.current}"]`)?.focus();
    wanted.current = null;
  });
  const focusCard = (id: string | null) => {
    if (id === null) return;
    setTabId(id);
    wanted.current = id;
  };
  const drop = (incident: ListedIncident, to: IncidentState) => {
    const refused = columnRefusal(incident.state, to, names);
    if (to === incident.state || refused) {
      announce(refused ? `${incident.key} stays. ${refused}` : `${incident.key} stays in ${names[to]}`, 'urgent');
      focusCard(incident.id);
      return;
    }
    if (needsReason(incident.state, to)) {
      setAsking({ incident, to });
      return;
    }
    announce(`${incident.key} dropped on ${names[to]}`, 'urgent');
    focusCard(incident.id);
    void move(incident, to);
  };
  const carry = (to: IncidentState) => {
    if (!lift) return;
    setLift({ ...lift, over: to });
    announce(carryWords(lift.incident.key, to, stopsOf(lift.incident.state, states), names), 'urgent');
  };
  const begin = (incident: ListedIncident) => {
    if (refusal) {
      announce(refusal, 'urgent');
      return;
    }
    setLift({ incident, over: incident.state });
    const stops = stopsOf(incident.state, states);
    announce(`${incident.key} lifted. ${carryWords(incident.key, incident.state, stops, names)}. Arrows move it, Enter drops it, Escape returns it.`, 'urgent'); // prettier-ignore
  };

  const inFocus = () => find(document.activeElement?.closest('[data-incident]')?.getAttribute('data-incident'));
  const has = () => inFocus() !== undefined && lift === null;
  // What an act is done upon is only known once the last move is answered.
  const act = (work: (incident: ListedIncident) => void) => () => {
    const incident = inFocus();
    if (!incident) return;
    if (pending.has(incident.id)) announce(`${incident.key} is still being moved`, 'urgent');
    else work(incident);
  };
  const first = () => focusCard(stop);
  const focusFirst = () => {
    box.current?.querySelector<HTMLElement>('[data-incident][tabindex="0"]')?.focus();
    first();
  };
  useKeys([
    { keys: 'a', label: 'Acknowledge', run: act(acts.onAcknowledge), when: has },
    { keys: 's', label: 'Set state', run: act(acts.onSetState), when: has },
    { keys: 'e', label: 'Escalate', run: act(acts.onEscalate), when: has },
    { keys: 'm', label: 'Move card', run: act(begin), when: has },
    { keys: 'j', label: 'Into the board', run: focusFirst, when: () => all.length > 0 && !has() },
    { keys: 'down', label: 'Into the board', run: focusFirst, when: () => all.length > 0 && !has() },
  ]);

  const onKeyDown = (event: KeyboardEvent) => {
    const card = (event.target as HTMLElement).closest('[data-incident]');
    if (event.target !== card || event.metaKey || event.ctrlKey || event.altKey) return;
    const { key } = event;
    if (lift) {
      const stops = stopsOf(lift.incident.state, states);
      const at = stops.indexOf(lift.over);
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
      if (step) {
        const to = stops[Math.min(stops.length - 1, Math.max(0, at + step))];
        if (to) carry(to);
      } else if (key === 'Enter') {
        setLift(null);
        drop(lift.incident, lift.over);
      } else if (key === 'Escape') {
        setLift(null);
        announce(`${lift.incident.key} returned to ${names[lift.incident.state]}`, 'urgent');
      } else if (key === 'Tab') setLift(null);
      if (key === 'Tab') return;
    } else {
      const where = { ArrowUp: 'up', k: 'up', ArrowDown: 'down', j: 'down', ArrowLeft: 'left', ArrowRight: 'right', Home: 'home', End: 'end' }[key] as Parameters<typeof neighbour>[2] | undefined; // prettier-ignore
      if (where) {
        const next = neighbour(drawn, card?.getAttribute('data-incident') ?? null, where);
        const node = next && box.current?.querySelector<HTMLElement>(`[data-incident="${next}"]`);
        if (node) {
          setTabId(next);
          node.focus();
          node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        }
      } else if (key === 'Enter' || key === ' ') go(`/incidents/${card?.getAttribute('data-key') ?? ''}`);
      else return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent) => {
    const card = (event.target as HTMLElement).closest('[data-incident]');
    if (!card || (event.target as HTMLElement).closest('a, button')) return;
    go(`/incidents/${card.getAttribute('data-key') ?? ''}`);
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    const incident = find(String(active.id));
    if (incident && over) drop(incident, over.id as IncidentState);
  };
  const carried = lift?.incident ?? dragged;
  return (
    <DndContext
      sensors={sensors}
      // Where the pointer is, and nowhere beside it: over a column that refuses, the next one is not meant.
      collisionDetection={pointerWithin}
      accessibility={quiet}
      onDragStart={({ active }) => {
        setLift(null);
        setDragged(find(String(active.id)) ?? null);
      }}
      onDragEnd={onDragEnd}
      onDragCancel={() => setDragged(null)}
    >
      <div
        ref={box}
        data-testid="incidents.board"
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => {
          const id = event.target.closest('[data-incident]')?.getAttribute('data-incident');
          if (id) setTabId(id);
        }}
        onBlur={(event) => {
          if (lift && !event.currentTarget.contains(event.relatedTarget as Node | null)) setLift(null);
        }}
        className={cx(
          'min-h-0 flex-1',
          isPhone
            ? 'overflow-y-auto px-4 pb-4'
            : 'flex snap-x scroll-px-5 gap-2.5 overflow-x-auto px-5 pb-3 max-md:snap-mandatory',
        )}
      >
        {drawn.map((column) => (
          <Column
            key={column.state}
            column={column}
            isPhone={isPhone}
            isOver={lift?.over === column.state && lift.incident.state !== column.state}
            refusal={carried ? columnRefusal(carried.state, column.state, names) : null}
            isCarrying={carried !== null}
          >
            {asking?.to === column.state && (
              <li className="list-none">
                <ReasonForm
                  label={`Why is ${asking.incident.key} ${names[asking.to]}?`}
                  act={`Move to ${names[asking.to]}`}
                  onAct={(reason) => {
                    const { incident, to } = asking;
                    setAsking(null);
                    focusCard(incident.id);
                    void move(incident, to, reason);
                  }}
                  onCancel={() => {
                    setAsking(null);
                    focusCard(asking.incident.id);
                    announce(`${asking.incident.key} returned to ${names[asking.incident.state]}`, 'urgent');
                  }}
                />
              </li>
            )}
            {column.incidents.map((incident) => (
              <BoardCard
                key={incident.id}
                incident={incident}
                readAt={readAt}
                isTab={incident.id === stop}
                isLifted={lift?.incident.id === incident.id}
                isUnsaved={pending.has(incident.id) || asking?.incident.id === incident.id}
                mayDrag={refusal === null && !isPhone && !pending.has(incident.id)}
              />
            ))}
          </Column>
        ))}
      </div>
      <DragOverlay dropAnimation={null}>{dragged && <CarriedCard incident={dragged} readAt={readAt} />}</DragOverlay>
    </DndContext>
  );
}

interface ColumnProps {
  column: BoardColumn;
  isPhone: boolean;
  isOver: boolean;
  isCarrying: boolean;
  refusal: string | null;
  children: ReactNode;
}

function Column({ column, isPhone, isOver, isCarrying, refusal, children }: ColumnProps) {
  const { state, name, count, incidents } = column;
  const drop = useDroppable({ id: state });
  const isTarget = isOver || (drop.isOver && refusal === null);
  // On a phone an empty state is no news; a column is where something can be dropped.
  if (isPhone && count === 0) return null;
  return (
    <section
      ref={drop.setNodeRef}
      aria-label={name}
      data-column={state}
      data-refused={refusal !== null || undefined}
      data-over={isTarget || undefined}
      className={cx(
        'flex min-w-0 flex-col rounded-lg',
        isPhone ? 'mb-4' : 'min-h-0 snap-start bg-sunken',
        !isPhone && (count === 0 ? 'flex-[1_0_150px]' : state === 'closed' ? 'flex-[2_0_176px]' : 'flex-[3_0_206px]'),
        isTarget && 'bg-accent-soft! ring-2 ring-focus ring-inset',
        refusal !== null && 'opacity-50',
      )}
    >
      <h2 className="flex h-[38px] flex-none items-center gap-[7px] px-2.5 font-semibold max-sm:h-11 max-sm:px-0">
        <StateShape state={state} />
        <bdi className="min-w-0 truncate" title={name}>
          {name}
        </bdi>
        <Count>{count}</Count>
        {state === 'closed' && count > 0 && (
          <span className="ml-auto text-meta font-normal whitespace-nowrap text-text-3">7 days</span>
        )}
      </h2>
      {isCarrying && refusal && <p className="px-3 pb-2 text-meta text-text-2">{refusal}</p>}
      <ul
        aria-label={`${name}, ${count}`}
        className={cx('flex flex-col gap-2', !isPhone && 'min-h-0 flex-1 overflow-y-auto px-2 pt-1 pb-2')}
      >
        {isOver && (
          <li aria-hidden="true" className="h-14 flex-none rounded-md border border-dashed border-focus bg-surface" />
        )}
        {children}
      </ul>
      {count > incidents.length && (
        <p className="px-3 py-2 text-meta text-text-3">{`The newest ${incidents.length} of ${count}. The list shows all.`}</p>
      )}
    </section>
  );
}
