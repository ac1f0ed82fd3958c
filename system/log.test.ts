import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, withIds } from './log.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { Secret } from './secret.ts';

function collected() {
  let text = '';
  const to = new Writable({ write: (chunk: Buffer, _encoding, done) => ((text += chunk.toString()), done()) });
  return { log: createLog({ level: 'debug', to }), text: () => text };
}

test('a line carries the ids of the work it is about', () => {
  const { log, text } = collected();
  withIds(log, { requestId: 'r-1', workspaceId: 'w-1', runId: 'x-1' }).info('begun');
  expect(JSON.parse(text())).toMatchObject({
    level: 'info',
    requestId: 'r-1',
    workspaceId: 'w-1',
    runId: 'x-1',
    msg: 'begun',
  });
});

test('no secret reaches the log: not by key, not by type, not inside a text', () => {
  const { log, text } = collected();
  log.info(
    { password: 'hunter2', body: { privateKey: 'hunter2', deep: { token: 'hunter2' } }, typed: new Secret('hunter2') },
    'saved',
  );
  log.warn('connecting to postgresql://app:hunter2@127.0.0.1:5432/windlass');
  log.warn({ header: 'Bearer hunter2.hunter2', key: 'wl_hunter2hunter2' }, 'odd header');
  log.error(
    {
      err: Object.assign(new Error('duplicate key'), {
        code: '23505',
        detail: 'Key (password)=(hunter2) already exists.',
      }),
    },
    'insert failed',
  );
  expect(text()).not.toContain('hunter2');
  expect(text().trim().split('\n')).toHaveLength(4);
  expect(text()).toContain('23505');
});

test('an error keeps its causes', () => {
  const { log, text } = collected();
  log.error({ err: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
  expect(JSON.parse(text())).toMatchObject({
    err: { message: 'outer', cause: { type: 'TypeError', message: 'inner' } },
  });
});

test('a service’s failure is logged without the values that its words quote, and its cause without words', () => {
  const { log, text } = collected();
  const cause = new Error('invalid input syntax for type integer: "hunter2"');
  const facts = { kind: 'syntax', code: '22P02', message: cause.message, hint: '' } as const;
  log.info({ err: new QueryFailure(facts, cause) }, 'an export broke off');
  const told = { err: { type: 'QueryFailure', kind: 'syntax', code: '22P02' } };
  expect(JSON.parse(text())).toMatchObject({ ...told, msg: 'an export broke off' });
  log.error(new QueryFailure(facts, cause));
  expect(JSON.parse(text().split('\n')[1] ?? '')).toMatchObject({ ...told, msg: 'a query service failed' });
  expect(text()).not.toContain('hunter2');
});
