import { useNowLocal } from './use-now-local.ts';
import { useStreamState, useTryNow } from '../kit/live.tsx';
import { clockTime } from '../kit/time.ts';
import { Icon } from '../ui/icon.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Check } from 'lucide-react';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';

/** Says since when the page may be old, and when the next try is; and, back again, what was caught up. */
export function ReconnectBar() {
  const { status, lostAt, nextTryAt, caughtUp } = useStreamState();
  const tryNow = useTryNow();
  const zone = useZone();
  const now = useNowLocal(status === 'lost');
  if (status === 'lost' && lostAt !== null) {
    const left = nextTryAt === null ? 0 : Math.max(0, Math.ceil((nextTryAt - now) / 1_000));
    return (
      <div role="alert" className="flex flex-none items-center gap-2.5 bg-wait-soft px-5 py-2 text-meta text-wait-fg">
        <StatusShapeOnly status="running" />
        <span>{`Connection lost at ${clockTime(lostAt, { zone })}. What you see may be old.`}</span>
        <span className="num ml-auto">{left > 0 ? `next try in ${left} s` : 'trying now'}</span>
        <button type="button" onClick={tryNow} className="font-semibold hover:underline">
          Now
        </button>
      </div>
    );
  }
  if (caughtUp === null) return null;
  return (
    <div role="status" className="flex flex-none items-center gap-2.5 bg-ok-soft px-5 py-2 text-meta text-ok-fg">
      <Icon of={Check} size={14} />
      {`Back. ${caughtUp} ${caughtUp === 1 ? 'event' : 'events'} caught up, none missed.`}
    </div>
  );
}
