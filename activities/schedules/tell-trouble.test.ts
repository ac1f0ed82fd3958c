import { expect, test } from 'vitest';
import { openMail } from '#connectors/mail/mailer.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { insertSchedule } from '#db/schedules/schedules.ts';
import { startSmtpServer } from '#simulators/smtp/smtp-server.ts';
import { Secret } from '#system/secret.ts';
import { triggerWorld } from '#tests/kit/trigger-world.ts';
import { notifier } from '../notifications/notifier.ts';
import { scheduleTroubleTeller } from './tell-trouble.ts';

test('whoever made a schedule gets one letter for a time that did not start, however often it is told', async () => {
  const world = await triggerWorld();
  const smtp = await startSmtpServer();
  const mail = openMail(new Secret(smtp.url));
  const scheduleId = world.people.vic.id; // any id will do
  await world.tx((tx) =>
    insertSchedule(
      tx,
      scheduleId,
      {
        name: 'Nightly', description: '', targetKind: 'playbook', targetId: scheduleId, targetVersion: null, inputs: {}, sealedInputs: 'x', cron: ['0 0 * * *'], everyMs: null, timeZone: 'UTC',
        overlap: 'skip', catchUpMs: 1, jitterMs: 0, startAt: null, endAt: null,
      },
      { paused: false, actor: { kind: 'user', id: world.people.mia.id, name: 'Mia' } },
    ),
  ); // prettier-ignore
  const { db, vault, log, workspaceId } = world;
  const tell = scheduleTroubleTeller({
    db,
    notify: notifier({ db, vault, mail, log }),
    hasMail: true,
    publicUrl: 'https://wl.example',
    log,
  });
  const trouble = {
    workspaceId,
    scheduleId,
    nominalAt: new Date('2026-11-21T00:00:00Z'),
    problem: { code: 'schedule.missed', message: 'It was away.' },
  };
  await tell(trouble);
  await tell(trouble);
  await tell({ ...trouble, scheduleId: world.people.max.id }); // a schedule that is gone concerns nobody
  expect(smtp.letters.map(({ to }) => to)).toEqual([['mia@example.com']]);
  expect(smtp.letters[0]?.raw).toContain('It was away.');
  mail.close();
  await smtp.close();
  await world.close();
});

test('channels of a query’s alerts on failure and lateness hear of a time that started nothing, also without mail', async () => {
  const world = await triggerWorld();
  const scheduleId = world.people.vic.id; // any id will do
  const [one, two, three] = [world.people.mia.id, world.people.max.id, scheduleId];
  const alerts: Json[] = [
    { channelId: one, when: { on: 'failure' } },
    { channelId: two, when: { on: 'no_rows' } },
    { channelId: three, when: { on: 'late', afterMs: 60_000 } },
  ];
  await world.tx((tx) =>
    insertSchedule(
      tx,
      scheduleId,
      {
        name: 'Orders', description: '', targetKind: 'query', targetId: scheduleId, targetVersion: null, inputs: { after: { deliveries: [], alerts } }, sealedInputs: 'x', cron: ['0 0 * * *'], everyMs: null,
        timeZone: 'UTC', overlap: 'skip', catchUpMs: 1, jitterMs: 0, startAt: null, endAt: null,
      },
      { paused: false, actor: { kind: 'user', id: world.people.mia.id, name: 'Mia' } },
    ),
  ); // prettier-ignore
  const sent: { key: string; to: unknown }[] = [];
  const { db, log, workspaceId } = world;
  const tell = scheduleTroubleTeller({
    db,
    // One that cannot be told keeps none of the others from theirs.
    notify: async ({ key, to }) => {
      sent.push({ key, to: to[0] });
      if (sent.length === 1) throw new Error('It is away.');
      return { delivered: [], failed: [], reasons: [] };
    },
    hasMail: false,
    publicUrl: 'https://wl.example',
    log,
  });
  const nominalAt = new Date('2026-11-21T00:00:00Z');
  await tell({ workspaceId, scheduleId, nominalAt, problem: { code: 'schedule.target_unknown', message: 'Gone.' } });
  const key = `schedule/${scheduleId}/2026-11-21T00:00:00.000Z/alert`;
  expect(sent).toEqual([
    { key: `${key}/0`, to: { channel: one, urgent: true } },
    { key: `${key}/2`, to: { channel: three, urgent: false } },
  ]);
  await world.close();
});
