import { useDraggable } from '@dnd-kit/core';
import { BellRing, ListChecks, TrendingUp, UserRound } from 'lucide-react';
import { memo } from 'react';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { stateFlags } from '#contracts/incidents/states.ts';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { RowLink } from '../kit/navigation.tsx';
import { Icon } from '../ui/icon.tsx';
import { Avatar } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { ageText, clockText } from './clock-now.ts';
import { ClockLine } from './clock-line.tsx';
import { counted } from './incident-words.ts';
import { Severity } from './severity.tsx';

interface BoardCardProps {
  incident: ListedIncident;
  readAt: number;
  isTab: boolean;
  isLifted: boolean;
  /** Moved here, and the server has not answered yet. */
  isUnsaved: boolean;
  mayDrag: boolean;
}

const box = 'rounded-md border bg-surface px-[11px] py-2.5 shadow-1';

/** One incident on the board. It is dragged by the pointer; its keys are the board's. */
export const BoardCard = memo(function BoardCard(props: BoardCardProps) {
  const { incident, isTab, isLifted, isUnsaved, mayDrag } = props;
  const drag = useDraggable({ id: incident.id, disabled: !mayDrag });
  return (
    <li
      ref={drag.setNodeRef}
      {...(mayDrag && drag.listeners)}
      data-incident={incident.id}
      data-key={incident.key}
      data-state={incident.state}
      data-lifted={isLifted || undefined}
      data-unsaved={isUnsaved || undefined}
      tabIndex={isTab ? 0 : -1}
      aria-label={cardWords(incident)}
      className={cx(
        box,
        'relative cursor-default touch-manipulation select-none max-sm:py-3',
        isLifted ? 'border-focus shadow-3 ring-2 ring-focus' : 'border-line hover:border-line-strong',
        isUnsaved && 'border-dashed!',
        drag.isDragging && 'opacity-40',
      )}
    >
      <CardBody {...props} />
    </li>
  );
});

/** The same under the pointer while it is dragged. */
export const CarriedCard = ({ incident, readAt }: Pick<BoardCardProps, 'incident' | 'readAt'>) => (
  <div className={cx(box, 'cursor-grabbing border-focus shadow-3')}>
    <CardBody incident={incident} readAt={readAt} />
  </div>
);

/** What a screen reader says of a card. */
function cardWords({ key, title, severity, service, owner, alertsFiring, runsActive }: ListedIncident): string {
  const facts = [
    `${key}, ${severity.toUpperCase()}: ${title}`,
    service ?? '',
    owner ? `owned by ${owner.name}` : 'nobody owns it',
    alertsFiring > 0 ? counted(alertsFiring, 'alert') : '',
    runsActive > 0 ? `${counted(runsActive, 'playbook')} running` : '',
  ];
  return facts.filter(Boolean).join(', ');
}

function CardBody({ incident, readAt }: Pick<BoardCardProps, 'incident' | 'readAt'>) {
  const { key, severity, service, owner, alertsFiring, alertsTotal, runsActive, escalationLevel } = incident;
  const isDone = !stateFlags[incident.state].active;
  if (incident.state === 'closed')
    return (
      <span className="flex min-w-0 flex-col gap-0.5">
        <span className="flex items-center gap-1.5">
          <Severity severity={severity} />
          <span className="num text-meta text-text-3">{key}</span>
          <RelativeTime at={incident.stateSince} className="ml-auto truncate text-meta text-text-3" />
        </span>
        <Title incident={incident} className="truncate text-text-2" />
      </span>
    );
  return (
    <>
      <span className="flex items-center gap-1.5">
        <Severity severity={severity} />
        <span className="num truncate text-meta text-text-3">{key}</span>
        <span className="ml-auto flex-none" title={owner?.name ?? 'Nobody owns it'}>
          {owner ? (
            <Avatar name={owner.name} />
          ) : (
            <span className="grid size-5 place-items-center rounded-full border border-dashed border-line-input text-text-3">
              <Icon of={UserRound} size={11} />
            </span>
          )}
        </span>
      </span>
      <Title
        incident={incident}
        className={cx('mt-[7px] mb-1 line-clamp-3 leading-[18px] font-medium', isDone && 'text-text-2')}
      />
      {service && (
        <span className="block truncate text-meta text-text-3" title={service}>
          <bdi>{service}</bdi>
        </span>
      )}
      {!isDone && (
        <span className="mt-2.5 block empty:hidden">
          <ClockLine incident={incident} readAt={readAt} />
        </span>
      )}
      {runsActive > 0 && (
        <span className="mt-[9px] flex items-center gap-1.5 rounded-[5px] bg-sunken px-2 py-1.5 text-meta text-run-fg">
          <Icon of={ListChecks} size={13} />
          {`${counted(runsActive, 'playbook')} running`}
        </span>
      )}
      <span className="num mt-[9px] flex items-center gap-2.5 text-meta whitespace-nowrap text-text-3">
        {alertsTotal > 0 && (
          <span
            className={cx('flex items-center gap-1', alertsFiring > 0 && 'text-fail-fg')}
            title={`${alertsFiring} of ${counted(alertsTotal, 'alert')} firing`}
          >
            <Icon of={BellRing} size={13} />
            {alertsTotal}
          </span>
        )}
        {escalationLevel > 0 && (
          <span className="flex items-center gap-1" title={`Level ${escalationLevel} was told`}>
            <Icon of={TrendingUp} size={13} />
            {escalationLevel}
          </span>
        )}
        <Age incident={incident} />
      </span>
    </>
  );
}

const Title = ({ incident: { key, title }, className }: { incident: ListedIncident; className: string }) => (
  <RowLink to={`/incidents/${key}`} title={title} className={cx('block break-words', className)}>
    <bdi>{title}</bdi>
  </RowLink>
);

function Age({ incident: { openedAt, resolvedAt } }: { incident: ListedIncident }) {
  const now = useNow(resolvedAt === null);
  const took = resolvedAt && Date.parse(resolvedAt) - Date.parse(openedAt);
  return (
    <span className="ml-auto truncate">
      {took ? `resolved in ${clockText(Math.max(1_000, took))}` : ageText(now - Date.parse(openedAt))}
    </span>
  );
}
