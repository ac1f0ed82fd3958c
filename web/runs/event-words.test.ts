import { expect, test } from 'vitest';
import { eventWords } from './event-words.ts';

const words = (type: string, data: Parameters<typeof eventWords>[0]['data'] = {}) =>
  eventWords({ type, data }, new Map([['s', 'Ship']]));

test('events of runs, steps and hosts are sentences', () => {
  expect(words('run.ended', { status: 'failed', error: { message: 'No.' } })).toEqual({
    title: 'Ended: failed',
    detail: 'No.',
  });
  expect(words('step.updated', { address: 's', status: 'running', attempt: 2 })).toEqual({
    title: 'Ship running',
    detail: 'attempt 2',
  });
  expect(words('host.updated', { host: 'web-1', status: 'failed', exitCode: 3 }).detail).toBe('exit 3');
});

test('a query is told by what it came to, a file by whether it is whole', () => {
  expect(words('query.progress', { phase: 'ready', rows: 1_500 })).toEqual({
    title: 'Rows can be read',
    detail: '1,500 rows',
  });
  expect(words('query.progress', { phase: 'remote_queued', rows: null })).toEqual({
    title: 'Queued at the service',
    detail: '',
  });
  expect(words('query.export_ended', { format: 'csv', state: 'whole', rows: 1 })).toEqual({
    title: 'CSV exported',
    detail: '1 row',
  });
  expect(words('query.export_ended', { format: 'xlsx', state: 'broken', rows: null }).title).toBe('XLSX broke off');
});
