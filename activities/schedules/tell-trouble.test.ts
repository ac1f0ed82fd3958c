import { expect, test } from 'vitest';
import { openMail } from '#connectors/mail/mailer.ts';
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
