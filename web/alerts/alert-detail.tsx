import type { ShownAlert } from '#contracts/alerts/alerts.ts';
import { Answer } from '../ui/answer.tsx';
import { SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { AlertOutcome, FiringBars, SeverityTag } from './alert-columns.tsx';
import { statusWords, useAlert } from './alerts.ts';

/** The payload as its sender wrote it, indented where it is whole JSON. */
function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

/** One alert: what it says, what became of it, and what came last as it came. */
export function AlertDetail({ id }: { id: string }) {
  const alert = useAlert(id);
  return (
    <div className="flex flex-col gap-4 p-5">
      <Answer of={alert} what="The alert" waiting={<SkeletonLines />}>
        {(shown) => <Facts alert={shown} />}
      </Answer>
    </div>
  );
}

function Facts({ alert }: { alert: ShownAlert }) {
  const labels = Object.entries(alert.labels).sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SeverityTag severity={alert.severity} />
        <Tag tone={alert.status === 'firing' ? 'fail' : 'plain'}>{statusWords[alert.status]}</Tag>
        <FiringBars hours={alert.hours} />
      </div>
      {alert.description && <p className="whitespace-pre-wrap break-words">{alert.description}</p>}
      <KeyValue
        pairs={[
          ['Incident', <AlertOutcome key="i" alert={alert} />],
          ['Source', alert.source.name],
          ...(alert.rule ? ([['Rule', alert.rule.name]] as const) : []),
          ...(alert.monitored.length > 0 ? ([['Monitored by', alert.monitored.join(', ')]] as const) : []),
          ['Reported', alert.count === 1 ? 'once' : `${alert.count.toLocaleString('en')} times`],
          ['First seen', <RelativeTime key="f" at={alert.firstSeenAt} />],
          ['Last seen', <RelativeTime key="l" at={alert.lastSeenAt} />],
          [alert.status === 'resolved' ? 'Fired last' : 'Fires since', <RelativeTime key="s" at={alert.firedAt} />],
          ...(alert.resolvedAt ? ([['Over since', <RelativeTime key="r" at={alert.resolvedAt} />]] as const) : []),
        ]}
      />
      {alert.links.length > 0 && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {alert.links.map(({ label, url }) => (
            <li key={`${label} ${url}`}>
              <a href={url} target="_blank" rel="noreferrer" className="text-accent hover:underline">
                {label}
              </a>
            </li>
          ))}
        </ul>
      )}
      <section>
        <SectionHead title="Labels" count={labels.length} className="px-0!" />
        <KeyValue mono pairs={labels} />
      </section>
      {alert.payload && (
        <section>
          <SectionHead title="As it came last" className="px-0!" />
          <CodeBlock what="payload" wrap className="max-h-96 overflow-auto">
            {readable(alert.payload)}
          </CodeBlock>
        </section>
      )}
    </>
  );
}
