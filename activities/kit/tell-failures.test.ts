import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Refusal } from '#db/kit/refusal.ts';
import { createLog } from '#system/log.ts';
import { told } from './tell-failures.ts';

function tell(error: unknown, info: Partial<Parameters<typeof told>[1]> = {}) {
  const lines: { level: string; msg: string; runId: string; err: { message: string } }[] = [];
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const failure = told(
    error,
    {
      activityType: 'runHostBatch',
      attempt: 1,
      isLocal: false,
      workflowExecution: { workflowId: 'run-1', runId: 'x' },
      ...info,
    },
    createLog({ to }),
  );
  return { failure, lines };
}

test('a refusal keeps its code and is not tried again', () => {
  const { failure, lines } = tell(new Refusal('secret.missing', { name: 'token' }));
  expect(failure).toMatchObject({ type: 'secret.missing', nonRetryable: true });
  expect(lines).toMatchObject([{ level: 'info', runId: 'run-1' }]);
});

test('a database that is away is told as that, with its cause in the log, and is tried again', () => {
  const { failure, lines } = tell(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  expect(failure).toMatchObject({ type: 'server.busy', nonRetryable: false });
  expect(lines).toMatchObject([{ level: 'warn', err: { message: 'connect ECONNREFUSED' } }]);
});

test('a fault of ours is in the log with its cause and tells the workflow no detail; after ten attempts it is for good', () => {
  const fault = new Error('value "hunter2" breaks a rule');
  const { failure, lines } = tell(fault);
  expect(failure).toMatchObject({ type: 'step.crashed', nonRetryable: false });
  expect(failure.message).not.toContain('hunter2');
  expect(lines).toMatchObject([{ level: 'error', err: { message: fault.message } }]);
  expect(tell(fault, { attempt: 10 }).failure.nonRetryable).toBe(true);
  // Without its bookkeeping a run has no end at all: that is tried for as long as it takes.
  expect(tell(fault, { attempt: 10, isLocal: true }).failure.nonRetryable).toBe(false);
});

test('an outage of hours leaves few lines', () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => tell(new Error('x'), { attempt: index + 1 }).lines).flat();
  expect(lines).toHaveLength(10);
});
