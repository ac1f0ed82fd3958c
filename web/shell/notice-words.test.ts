import { expect, test } from 'vitest';
import { type Notice, noticeKinds } from '#contracts/notices/notices.ts';
import { noticeWords } from './notice-words.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const notice = (more: Partial<Notice>): Notice => ({
  id: 'run:1', kind: 'run.failed', title: 'Deploy', detail: null, by: [], runId: id, serverId: null, tookMs: null,
  expiresAt: null, at: '2026-01-01T00:00:00Z', isNew: true, ...more,
}); // prettier-ignore

test('every kind is a sentence about its thing and leads to where one can act', () => {
  for (const kind of noticeKinds) {
    const { title, to } = noticeWords(notice({ kind, serverId: id }));
    expect(title, kind).toContain('Deploy');
    expect(to, kind).toMatch(/^\/(runs\/|servers|settings\/queues|connections)/);
  }
});

test('who decided is named, and that nobody did', () => {
  expect(noticeWords(notice({ kind: 'approval.rejected', by: ['Ana', 'Ben'] })).title).toBe('Ana, Ben rejected Deploy');
  expect(noticeWords(notice({ kind: 'approval.approved' })).title).toBe('Deploy was approved when the time was up');
  expect(noticeWords(notice({ kind: 'approval.expired' })).title).toBe('Nobody decided on Deploy in time');
});

test('a question says its words once, though the playbook asks by its own name', () => {
  const asked = (detail: string) => noticeWords(notice({ kind: 'approval.asked', detail, by: ['Ana'] })).detail;
  expect(asked('Deploy')).toBe('started by Ana');
  expect(asked('May it go on?')).toBe('May it go on? · started by Ana');
});

test('a server leads to its panel, a run that took long says how long', () => {
  expect(noticeWords(notice({ kind: 'server.unhealthy', serverId: id })).search).toEqual({ sel: id });
  expect(noticeWords(notice({ kind: 'run.succeeded', tookMs: 90_000 })).detail).toBe('after 1:30');
});
