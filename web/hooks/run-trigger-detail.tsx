import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import { Go } from '../kit/navigation.tsx';
import { Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { endsInWords, firingStatus, firingWord } from './run-trigger-words.ts';

/** One run trigger: after what it starts, under which condition, and what became of the last ends. */
export function RunTriggerDetail({ trigger, nameOf }: { trigger: RunTrigger; nameOf: (playbookId: string) => string }) {
  const { target, playbooks, statuses, condition, inputs, lastFirings } = trigger;
  return (
    <div className="flex flex-col gap-4 p-5">
      <KeyValue
        pairs={[
          [
            'State',
            <Tag key="s" tone={trigger.enabled ? 'ok' : 'plain'}>
              {trigger.enabled ? 'on' : 'off'}
            </Tag>,
          ],
          ['After', playbooks.length === 0 ? 'any playbook' : playbooks.map((id) => nameOf(id)).join(', ')],
          ['Ended as', endsInWords(statuses)],
          [
            'Starts',
            <Go key="t" to={`/playbooks/${target.id}`} className="text-accent hover:underline">
              {`${target.name ?? 'deleted playbook'}${target.version ? ` v${target.version}` : ', the newest version'}`}
            </Go>,
          ],
          ['Made by', trigger.createdBy.name],
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
        <SectionHead title="Last ends" className="px-0!" />
        {lastFirings.length === 0 && <p className="text-meta text-text-3">No run has ended yet that it listens to.</p>}
        <ul>
          {lastFirings.map((firing) => (
            <li key={`${firing.endedRunId}${firing.at}`} className="border-t border-line py-1.5">
              <p className="flex items-center gap-2.5">
                <StatusGlyph status={firingStatus[firing.status]} word={firingWord[firing.status]} />
                <span className="min-w-0 flex-1">{firingWord[firing.status]}</span>
                <Go to={`/runs/${firing.endedRunId}`} className="text-meta text-accent hover:underline">
                  run that ended
                </Go>
                {firing.runId && (
                  <Go to={`/runs/${firing.runId}`} className="text-meta text-accent hover:underline">
                    run it started
                  </Go>
                )}
                <RelativeTime at={firing.at} className="text-meta text-text-3" />
              </p>
              {firing.error && (
                <Note tone="fail" className="mt-1">
                  <span>
                    {firing.error.message} <span className="font-mono text-[11.5px]">{firing.error.code}</span>
                  </span>
                </Note>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
