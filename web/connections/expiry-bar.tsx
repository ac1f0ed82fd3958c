import type { Connection } from '#contracts/connections/connections.ts';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { durationText } from '../kit/time.ts';

/** How a token's life stands: shares of it that are over and that lie before its renewal, and a sentence. */
export function lifeOf(
  { refreshedAt, refreshAt, expiresAt }: Pick<Connection, 'refreshedAt' | 'refreshAt' | 'expiresAt'>,
  now: number,
): { used: number; renewal: number | null; sentence: string; isOver: boolean } | null {
  if (expiresAt === null) return null;
  const end = Date.parse(expiresAt);
  const renewAt = refreshAt === null ? null : Date.parse(refreshAt);
  // Where nobody knows when it began, the renewal point tells: it lies at four fifths of the life.
  const begin =
    refreshedAt !== null ? Date.parse(refreshedAt) : renewAt === null ? Math.min(now, end) : end - (end - renewAt) * 5;
  const life = Math.max(1, end - begin);
  const share = (at: number) => Math.min(1, Math.max(0, (at - begin) / life));
  const left = end - now;
  const sentence =
    left <= 0
      ? 'The token has expired'
      : renewAt !== null && renewAt > now
        ? `Token renews in ${durationText(renewAt - now)}, expires in ${durationText(left)}`
        : `Token expires in ${durationText(left)}`;
  return { used: share(now), renewal: renewAt === null ? null : share(renewAt), sentence, isOver: left <= 0 };
}

/** The life of the token in use: what is over, where it is renewed, what is left. */
export function ExpiryBar({ connection }: { connection: Connection }) {
  const now = useNow(connection.expiresAt !== null);
  const life = lifeOf(connection, now);
  if (!life) return null;
  const { used, renewal, sentence, isOver } = life;
  const isLate = !isOver && renewal !== null && used > renewal;
  return (
    <div>
      <p className={cx('num mb-1.5 text-meta', isOver ? 'text-fail-fg' : isLate ? 'text-wait-fg' : 'text-text-2')}>
        {sentence}
      </p>
      <span
        role="meter"
        aria-label="Life of the token"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(used * 100)}
        aria-valuetext={sentence}
        className="relative block h-[5px] w-full rounded-full bg-line"
      >
        <i
          className={cx(
            'block h-full rounded-full',
            isOver ? 'bg-fail-solid' : isLate ? 'bg-wait-solid' : 'bg-idle-solid',
          )}
          style={{ width: `${used * 100}%` }}
        />
        {renewal !== null && (
          <i
            title="It is renewed here"
            className="absolute -top-[3px] h-[11px] w-0.5 -translate-x-1/2 rounded-full bg-text"
            style={{ left: `${renewal * 100}%` }}
          />
        )}
      </span>
    </div>
  );
}
