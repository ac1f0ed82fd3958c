import type { ShownIncidentRule } from '#contracts/incident-rules/incident-rules.ts';
import { Go } from '../kit/navigation.tsx';
import { Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Suggestion } from './incident-playbooks.tsx';
import { startStatus, startWord, whenInWords } from './incident-rule-words.ts';

/** One rule: when it holds, what it starts, its limits, and what became of the last times. */
export function IncidentRuleDetail({ rule }: { rule: ShownIncidentRule }) {
  const { target, condition, inputs, limits, lastStarts, tripped, mode, enabled } = rule;
  return (
    <div className="flex flex-col gap-4 p-5">
      {tripped && (
        <Note tone="fail">
          <span>
            Stopped <RelativeTime at={tripped.at} />. {tripped.why}
          </span>
        </Note>
      )}
      <KeyValue
        pairs={[
          [
            'State',
            <Tag key="s" tone={tripped ? 'fail' : enabled ? 'ok' : 'plain'}>
              {tripped ? 'stopped' : enabled ? 'on' : 'off'}
            </Tag>,
          ],
          ['Holds', whenInWords(rule)],
          [
            mode === 'auto' ? 'Starts' : 'Suggests',
            <Go key="t" to={`/playbooks/${target.id}`} className="text-accent hover:underline">
              {`${target.name ?? 'deleted playbook'}${target.version ? ` v${target.version}` : ', the newest version'}`}
            </Go>,
          ],
          ['At most', `${limits.perHour} an hour, ${limits.mostAtOnce} at once on a host`],
          ['Then rests', limits.coolDown === '0s' ? 'not at all' : `${limits.coolDown} for the same service`],
          ['Stops after', `${limits.mostFailures} failures in a row (${rule.failures} now)`],
          ['Made by', rule.createdBy.name],
        ]}
      />
      {condition && (
        <section>
          <h3 className="mb-1 font-semibold">Only where</h3>
          <CodeBlock what="condition" wrap>
            {condition}
          </CodeBlock>
        </section>
      )}
      {Object.keys(inputs).length > 0 && (
        <section>
          <h3 className="mb-1 font-semibold">Inputs</h3>
          <KeyValue mono pairs={Object.entries(inputs)} />
        </section>
      )}
      <section>
        <SectionHead title="Last times" className="px-0!" />
        {lastStarts.length === 0 && <p className="text-meta text-text-3">It has not held for an incident yet.</p>}
        <ul>
          {lastStarts.map((start) => (
            <li key={start.id} className="border-t border-line py-1.5">
              <p className="flex items-center gap-2.5">
                <StatusGlyph status={startStatus(start)} word={startWord[start.status]} />
                <Go to={`/incidents/${start.incident.key}`} className="min-w-0 flex-1 truncate hover:underline">
                  {`${start.incident.key} ${start.incident.title}`}
                </Go>
                {start.runId && start.status !== 'due' && (
                  <Go to={`/runs/${start.runId}`} className="text-meta text-accent hover:underline">
                    its run
                  </Go>
                )}
                <RelativeTime at={start.at} className="text-meta text-text-3" />
              </p>
              {start.status === 'suggested' && (
                <ul className="pt-1">
                  <Suggestion start={start} />
                </ul>
              )}
              {(start.status === 'held' || start.error) && (
                <p className="pl-6 text-meta text-text-2">{start.error?.message ?? start.why}</p>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
