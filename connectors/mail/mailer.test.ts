import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { Secret } from '#system/secret.ts';
import { openMail } from './mailer.ts';

let smtp: SmtpServer;
beforeAll(async () => void (smtp = await startSmtpServer()));
afterAll(() => smtp.close());

const letter = {
  to: 'ana@example.com',
  subject: 'Go on?\r\nBcc: eve@example.com',
  text: 'Über allem.\n.\nEnd',
  key: 'k1',
};

test('a letter arrives with its text, and a line break in the subject makes no header', async () => {
  const mail = openMail(new Secret(smtp.url));
  await mail.send(letter);
  mail.close();
  expect(smtp.letters).toHaveLength(1);
  const [got] = smtp.letters;
  expect(got?.to).toEqual(['ana@example.com']);
  expect(got?.raw).not.toMatch(/^Bcc:/m);
  expect(got?.raw).toMatch(/^Message-ID: <[0-9a-f]{40}@windlass>/im);
});

test('the same key gives the same message id, another key another', async () => {
  const mail = openMail(new Secret(smtp.url));
  const id = (raw: string | undefined): string | undefined => /^Message-ID: (.*)$/im.exec(raw ?? '')?.[1];
  for (const key of ['a', 'a', 'b']) await mail.send({ ...letter, key });
  mail.close();
  const [one, two, three] = smtp.letters.slice(-3).map(({ raw }) => id(raw));
  expect(one).toBe(two);
  expect(one).not.toBe(three);
});

test('an address that the server refuses is refused for good, a busy or absent server is not', async () => {
  const mail = openMail(new Secret(smtp.url));
  smtp.refuseNext('550 no such user');
  await expect(mail.send(letter)).rejects.toMatchObject({ code: 'mail.refused' });
  smtp.refuseNext('451 try later');
  await expect(mail.send(letter)).rejects.toMatchObject({ code: 'mail.unreachable' });
  mail.close();
  const away = openMail(new Secret('smtp://127.0.0.1:9'));
  await expect(away.send(letter)).rejects.toMatchObject({ code: 'mail.unreachable' });
  away.close();
});

test('without SMTP_URL nothing is sent, and it says so', async () => {
  const mail = openMail(undefined);
  expect(mail.isReady).toBe(false);
  await expect(mail.send(letter)).rejects.toMatchObject({ code: 'mail.not_configured' });
});
