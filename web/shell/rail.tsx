import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Go, usePagePath } from '../kit/navigation.tsx';
import { useMay, useMembership } from '../kit/session.ts';
import { Icon } from '../ui/icon.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { useBadges } from './badges.ts';
import { rooms, settingsRoom, type Room } from './rooms.ts';

/** Does this page belong to the room? */
export const isInRoom = (path: string, room: Room): boolean =>
  room.to === '/' ? path === '/' : path === room.to || path.startsWith(`${room.to}/`);

/** The rail: every room the person may read, with its badge. Folded, it shows icons alone. */
export function Rail({ isFolded = false, onGo }: { isFolded?: boolean; onGo?: () => void }) {
  const path = usePagePath();
  const membership = useMembership();
  const badges = useBadges();
  const isReadable = (room: Room) => !membership || membership.permissions.includes(room.reads);
  const link = (room: Room) => (
    <RailLink
      key={room.to}
      room={room}
      isOn={isInRoom(path, room)}
      badge={room.badge ? badges[room.badge] : 0}
      isFolded={isFolded}
      onGo={onGo}
    />
  );
  return (
    <nav aria-label="Main" className="flex min-h-0 flex-1 flex-col overflow-auto px-2 pt-0.5 pb-2">
      {rooms.map(({ group, rooms: inGroup }) => {
        const shown = inGroup.filter(isReadable);
        if (shown.length === 0) return null;
        return (
          <div key={group ?? 'first'}>
            {group &&
              (isFolded ? (
                <div className="mx-2 my-[7px] h-px bg-line" />
              ) : (
                <p className="px-2 pt-3.5 pb-1 text-meta font-medium text-text-3">{group}</p>
              ))}
            <ul>{shown.map(link)}</ul>
          </div>
        );
      })}
      <div className="mt-auto pt-2">
        {isReadable(settingsRoom) && <ul>{link(settingsRoom)}</ul>}
        <QueueLine isFolded={isFolded} />
      </div>
    </nav>
  );
}

function RailLink({
  room,
  isOn,
  badge,
  isFolded,
  onGo,
}: {
  room: Room;
  isOn: boolean;
  badge: number;
  isFolded: boolean;
  onGo?: (() => void) | undefined;
}) {
  const isWaiting = room.badge !== 'runs' && badge > 0;
  const figure = badge > 999 ? '999+' : String(badge);
  const link = (
    <Go
      to={room.to}
      onClick={onGo}
      aria-current={isOn ? 'page' : undefined}
      aria-keyshortcuts={room.key ? `g ${room.key}` : undefined}
      className={cx(
        'relative mb-px flex h-[30px] items-center rounded-md max-sm:h-11',
        isFolded ? 'justify-center' : 'gap-2.5 px-2',
        isOn ? 'bg-text/8 font-medium text-text' : 'text-text-2 hover:bg-text/5 hover:text-text',
      )}
    >
      <Icon of={room.icon} className={isOn ? 'text-text' : 'text-text-3'} />
      <span className={isFolded ? 'sr-only' : 'min-w-0 flex-1 truncate'}>{room.label}</span>
      {badge > 0 && (
        <span
          aria-label={isWaiting ? `${figure} waiting for you` : `${figure} alive`}
          className={cx(
            'num',
            isFolded
              ? cx(
                  'absolute top-[3px] right-[3px] size-[7px] overflow-hidden rounded-full text-transparent',
                  isWaiting ? 'bg-wait-solid' : 'hidden',
                )
              : isWaiting
                ? 'h-[18px] min-w-[18px] rounded-full bg-wait-soft px-[5px] text-center text-[11px] leading-[18px] font-semibold text-wait-fg'
                : cx('text-meta font-normal', isOn ? 'text-text-2' : 'text-text-3'), // on the ground of the room that is on
          )}
        >
          {figure}
        </span>
      )}
    </Go>
  );
  return (
    <li>
      {isFolded ? (
        <Tooltip says={room.label} side="right" keys={room.key ? `g ${room.key}` : undefined}>
          {link}
        </Tooltip>
      ) : (
        link
      )}
    </li>
  );
}

/** What the queues say at the foot: how many workers listen. It leads to the queues. */
function QueueLine({ isFolded }: { isFolded: boolean }) {
  const { data } = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => api.queueStatus({ signal }),
    enabled: useMay('runs:read'),
    refetchInterval: 60_000,
  });
  if (!data) return null;
  const pollers = data.workers.reduce((sum, worker) => sum + worker.pollers, 0);
  const words =
    pollers === 0
      ? 'No worker listens'
      : `${pollers} ${pollers === 1 ? 'worker' : 'workers'}${data.queued > 0 ? ` · ${data.queued} in line` : ''}`;
  return (
    <Go
      to="/settings/queues"
      title={words}
      className={cx(
        'flex min-h-6 items-center gap-[13px] rounded-md pt-2 pb-1 text-meta text-text-3 hover:text-text',
        isFolded ? 'justify-center' : 'pr-2 pl-[13px]',
      )}
    >
      <i className={cx('size-[7px] flex-none rounded-full', pollers === 0 ? 'bg-fail-solid' : 'bg-ok-solid')} />
      <span className={isFolded ? 'sr-only' : undefined}>{words}</span>
    </Go>
  );
}
