import type { AfterQuery, DeliveryOutcome } from '#contracts/queries/delivery.ts';
import { Go } from '../kit/navigation.tsx';
import { SectionHead } from '../ui/card.tsx';
import { useAfterChoices } from './after-fields.tsx';
import { alertWords, deliveryWords, outcomeTitles, outcomeWords } from './after-words.ts';

const tones: Readonly<Record<DeliveryOutcome['state'], string>> = {
  delivering: 'text-run-fg',
  delivered: 'text-ok-fg',
  linked: 'text-ok-fg',
  held: 'text-wait-fg',
  failed: 'text-fail-fg',
};

/** What a schedule does with the rows of its runs and whom it tells, and how each delivery went the last time. */
export function AfterSummary({
  after,
  last,
}: {
  after: AfterQuery;
  last: { runId: string | null; deliveries: readonly DeliveryOutcome[] } | undefined;
}) {
  const { names } = useAfterChoices();
  const { deliveries, alerts } = after;
  return (
    <>
      {deliveries.length > 0 && (
        <section aria-label="Where the rows go">
          <SectionHead title="Where the rows go" className="px-0!" />
          <ul className="flex flex-col gap-2">
            {deliveries.map((delivery, index) => (
              <li key={index}>
                <p className="break-words">{deliveryWords(delivery, names)}</p>
                <Outcome outcome={last?.deliveries.find((one) => one.index === index)} runId={last?.runId ?? null} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {alerts.length > 0 && (
        <section aria-label="Who hears of it">
          <SectionHead title="Who hears of it" className="px-0!" />
          <ul className="flex flex-col gap-1">
            {alerts.map(({ channelId, when }, index) => (
              <li key={index} className="break-words">
                {`Tells ${names.get(channelId) ?? 'a channel that is gone'} when ${alertWords(when)}.`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Outcome({ outcome, runId }: { outcome: DeliveryOutcome | undefined; runId: string | null }) {
  if (!outcome) return <p className="text-meta text-text-3">No run has taken rows there yet.</p>;
  const { state, rows, failure, kind } = outcome;
  return (
    <p className="text-meta text-text-2" data-delivery={state}>
      Last: <strong className={`font-semibold ${tones[state]}`}>{outcomeWords[state]}</strong>
      {rows !== null && state === 'delivered' && ` · ${rows.toLocaleString('en-GB')} ${rows === 1 ? 'row' : 'rows'}`}
      {failure && ` · ${failure.message}`}{' '}
      {runId && (
        <Go
          to={`/runs/${runId}`}
          className="text-accent hover:underline"
          aria-label={`The run of ${outcomeTitles[kind]}`}
        >
          run
        </Go>
      )}
    </p>
  );
}
