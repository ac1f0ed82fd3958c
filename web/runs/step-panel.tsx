import { X } from 'lucide-react';
import { useState } from 'react';
import type { RunDetail, RunStep } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Countdown, Duration } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { errorLine } from './run-words.ts';

/** What one step did: its attempts, its output, why it failed; and, where nobody knows, the question what became of it. */
export function StepPanel({ run, step, onClose }: { run: RunDetail; step: RunStep; onClose: () => void }) {
  return (
    <section
      aria-label={`Step ${step.name ?? step.id}`}
      className="max-h-[34%] flex-none overflow-auto border-b border-line bg-sunken px-5 py-3"
    >
      <div className="flex items-center gap-2">
        <StatusGlyph status={step.status} withWord />
        <h2 className="min-w-0 truncate font-semibold">{step.name ?? step.id}</h2>
        <Tag mono>{step.kind}</Tag>
        <span className="font-mono text-[11px] text-text-3">{step.address}</span>
        {step.carried && <Tag>kept from the run before</Tag>}
        {step.undo && <Tag tone={step.undo === 'failed' ? 'fail' : 'plain'}>{`undo ${step.undo}`}</Tag>}
        <span className="num ml-auto text-meta text-text-2">
          {step.waitingUntil ? (
            <>
              until <Countdown until={step.waitingUntil} />
            </>
          ) : step.startedAt ? (
            <Duration from={step.startedAt} to={step.endedAt} />
          ) : null}
        </span>
        <IconButton size="sm" icon={X} label="Close the step" onClick={onClose} />
      </div>
      {step.reason && <p className="mt-1 text-meta text-text-2">{step.reason}</p>}
      {step.childRunId && (
        <p className="mt-1 text-meta">
          <Go to={`/runs/${step.childRunId}`} className="text-accent hover:underline">
            The run it started
          </Go>
        </p>
      )}
      {step.error && (
        <Note tone="fail" className="mt-2">
          <span>
            {errorLine(step.error)} <span className="font-mono text-[11.5px]">{step.error.code}</span>
          </span>
        </Note>
      )}
      {step.attempts.length > 1 && (
        <ol className="mt-2 flex flex-col gap-1 text-meta">
          {step.attempts.map((attempt) => (
            <li key={attempt.attempt} className="flex items-center gap-2">
              <StatusGlyph status={attempt.status} size={13} /> {`Attempt ${attempt.attempt}`}
              <span className="num text-text-2">
                <Duration from={attempt.startedAt} to={attempt.endedAt} />
              </span>
              {attempt.error && <span className="truncate text-fail-fg">{attempt.error.message}</span>}
            </li>
          ))}
        </ol>
      )}
      <UnknownOutcome run={run} step={step} />
      {step.output !== null && step.output !== undefined && (
        <CodeBlock className="mt-2" what="output">
          {typeof step.output === 'string' ? step.output : JSON.stringify(step.output, null, 2)}
        </CodeBlock>
      )}
    </section>
  );
}

/** Nobody can know what became of a command: a person says so, host by host. */
export function UnknownOutcome({ run, step }: { run: RunDetail; step: RunStep }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const [busy, setBusy] = useState('');
  const hosts = run.hosts.filter(({ address, status }) => address === step.address && status === 'unknown');
  if (step.status !== 'unknown' && hosts.length === 0) return null;
  const answer = async (host: string | undefined, outcome: 'ran' | 'not_ran' | 'repeat') => {
    setBusy(`${host}${outcome}`);
    try {
      await api.answerUnknownStep({ params: { id: run.id, address: step.address }, body: { host, outcome } });
      toast.done('Noted. The run goes on by it.');
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const stop = offline ?? refusal('runs:manage');
  const targets = hosts.length > 0 ? hosts.map(({ host }) => host) : [undefined];
  return (
    <Note tone="wait" className="mt-2 flex-col">
      <p>
        Nobody can know whether this command ran to its end: the host lost what it kept. Look at the host, then say what
        became of it.
      </p>
      {targets.map((host) => (
        <div key={host ?? 'step'} className="mt-1.5 flex flex-wrap items-center gap-2 text-text">
          {host && <span className="w-36 truncate font-mono text-[11.5px]">{host}</span>}
          <Button size="sm" refusal={stop} busy={busy === `${host}ran`} onClick={() => void answer(host, 'ran')}>
            It ran
          </Button>
          <Button
            size="sm"
            refusal={stop}
            busy={busy === `${host}not_ran`}
            onClick={() => void answer(host, 'not_ran')}
          >
            It did not run
          </Button>
          <Button size="sm" refusal={stop} busy={busy === `${host}repeat`} onClick={() => void answer(host, 'repeat')}>
            Run it again
          </Button>
        </div>
      ))}
    </Note>
  );
}
