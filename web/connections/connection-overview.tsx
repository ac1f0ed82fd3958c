import type { Connection } from '#contracts/connections/connections.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Meter } from '../ui/meter.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { stateLooks, waitsForSignIn } from './connections.ts';
import { ExpiryBar } from './expiry-bar.tsx';
import { FailureNote } from './failure-note.tsx';
import { useConnectionActs } from './use-connection-acts.ts';
import { useUses } from './uses.ts';

/** How one connection stands: its sign-in, its slots, what of ours is at the service, what uses it. */
export function ConnectionOverview({ connection }: { connection: Connection }) {
  const { id, kind, state, stateSince, failure, account, scopes, running, waiting, slots, temporaryAssets, budget } =
    connection;
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  const uses = useUses(id, kind);
  const use = offline ?? refusal('connections:use');
  return (
    <div className="flex flex-col gap-4">
      {failure && state !== 'connected' && (
        <FailureNote failure={failure} tone={state === 'unavailable' ? 'fail' : 'wait'} />
      )}
      {connection.description && <p className="whitespace-pre-line">{connection.description}</p>}
      <ExpiryBar connection={connection} />
      <div>
        <p className="num mb-1.5 flex items-baseline gap-2 text-meta text-text-2">
          <span>
            {running} of {slots} at once
          </span>
          {waiting > 0 && <span>{waiting} waiting</span>}
        </p>
        <Meter label="Queries at once" value={running} max={slots} family={running >= slots ? 'wait' : 'run'} />
      </div>
      {state !== 'new' && state !== 'disconnecting' && (
        <div className="flex flex-wrap gap-2">
          <Button busy={acts.busy === 'test'} refusal={use} onClick={() => void acts.test()}>
            Test
          </Button>
          {connection.expiresAt !== null && !waitsForSignIn(connection) && (
            <Button busy={acts.busy === 'refresh'} refusal={use} onClick={() => void acts.refresh()}>
              Refresh now
            </Button>
          )}
        </div>
      )}
      <KeyValue
        pairs={[
          [
            'State',
            <span key="s" className="inline-flex flex-wrap items-center gap-x-2">
              <StatusGlyph status={stateLooks[state].status} word={stateLooks[state].word} withWord />
              <span className="text-text-3">
                since <RelativeTime at={stateSince} />
              </span>
            </span>,
          ],
          ['Signed in as', account ? <bdi key="a">{account.name}</bdi> : 'nobody'],
          ...(scopes.length > 0
            ? [
                [
                  'May',
                  <span key="c" className="flex flex-wrap gap-1">
                    {scopes.map((scope) => (
                      <Tag key={scope} mono>
                        {scope}
                      </Tag>
                    ))}
                  </span>,
                ] as const,
              ]
            : []),
          ['Secrets kept', connection.secretsHeld.length === 0 ? 'none' : `${connection.secretsHeld.length}, sealed`],
          [
            'Calls',
            `${budget.callsLastMinute} in the last minute${budget.throttledLastMinute > 0 ? `, ${budget.throttledLastMinute} refused as too many` : ''}`,
          ],
          ['Temporary objects', temporaryAssets === 0 ? 'none at the service' : `${temporaryAssets} at the service`],
          ...(uses
            ? [
                [
                  'Used by',
                  `${uses.isCapped ? 'at least ' : ''}${uses.queries} saved ${uses.queries === 1 ? 'query' : 'queries'}`,
                ] as const,
              ]
            : []),
          ...(connection.runId
            ? [
                [
                  'Kept fresh by',
                  <Go key="r" to={`/runs/${connection.runId}`} className="text-accent hover:underline">
                    its workflow
                  </Go>,
                ] as const,
              ]
            : []),
          [
            'Made',
            <span key="m">
              <RelativeTime at={connection.createdAt} /> by <bdi>{connection.createdBy.name}</bdi>
            </span>,
          ],
        ]}
      />
    </div>
  );
}
