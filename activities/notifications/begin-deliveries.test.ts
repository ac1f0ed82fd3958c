import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantTx } from '#db/kit/database.ts';
import { beginDue } from '#db/notifications/due-deliveries.ts';
import { pagePeople } from '#db/notifications/page-people.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { ownerPool } from '#tests/kit/test-database.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let smtp: SmtpServer;
beforeAll(async () => {
  smtp = await startSmtpServer();
  // Without sweeps: what happens here happens at the word of a commit.
  app = await startTestApp({ withHosts: false, withSweeps: false, environment: { SMTP_URL: smtp.url } });
});
afterAll(async () => {
  await app?.close();
  await smtp?.close();
});

const page = (tx: TenantTx, personId: string, name: string) =>
  pagePeople(tx, {
    dedupKey: name, targets: [{ kind: 'person', id: personId }], incidentId: null, severity: null, subject: name,
    text: 'On db-1.', path: '/', acts: [], isUrgent: true, at: new Date(Date.now() - 1_000),
  }); // prettier-ignore

test('a message begins at the word of its commit, as a run of its own that its row and the list of runs name', async () => {
  await app.parts.inTenant(app.workspaceId, (tx) => page(tx, app.owner.id, 'Disk full'));
  await until(() => smtp.letters.some(({ raw }) => /Subject: .*Disk full/.test(raw)));
  const { data } = await until(async () => {
    const list = await app.ok('GET', '/deliveries?status=delivered');
    return list.data.length > 0 ? list : null;
  });
  expect(data).toMatchObject([{ subject: 'Disk full', status: 'delivered', attempts: 1 }]);
  const run = await app.untilRun(data[0].runId);
  expect(run).toMatchObject({ kind: 'notification', shape: 'part', status: 'succeeded' });
  expect((await app.ok('GET', '/runs?shape=part')).data.map(({ id }: { id: string }) => id)).toContain(run.id);
});

test('hundreds that wait for one contact hold up nobody else', async () => {
  const busy = await app.addMember('busy', 'member');
  const other = await app.addMember('other', 'member');
  await app.parts.inTenant(app.workspaceId, async (tx) => {
    for (let n = 0; n < 5; n += 1) await page(tx, busy.id, `early ${n}`);
    expect((await beginDue(tx, app.parts.vault, app.workspaceId)).runs).toHaveLength(5);
  });
  // More than one look takes, all of them due before the other one's.
  const owner = ownerPool(app.database);
  await owner.query(
    `insert into deliveries (workspace_id, id, key, channel, kind, target, subject, status, person_id, contact_key, due_at)
     select workspace_id, gen_random_uuid(), 'late/' || n, channel, kind, target, 'late ' || n, 'waiting', person_id,
       contact_key, now() - interval '1 minute'
     from (select * from deliveries where person_id = $1 limit 1) one, generate_series(1, 520) n`,
    [busy.id],
  );
  await owner.end();
  const begun = await app.parts.inTenant(app.workspaceId, async (tx) => {
    await page(tx, other.id, 'for the other');
    return beginDue(tx, app.parts.vault, app.workspaceId);
  });
  expect(begun.looked).toBe(1);
  expect(begun.runs).toHaveLength(1);
});
