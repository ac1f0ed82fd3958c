import type { Letter } from '../mail/mailer.ts';
import type { Message } from './message.ts';

const footOf = ({ run, link }: Message): string[] => [
  ...(run ? [`${run.title}: ${run.url}`] : []),
  ...(link ? [`${link.label}: ${link.url}`] : []),
];

/** A message as a letter: plain text, and with acts also as HTML with buttons large enough for a thumb. */
export function letterOf(to: string, message: Message): Letter {
  const acts = message.acts ?? [];
  const lines = acts.map(({ label, url }) => `${label}: ${url}`);
  return {
    to,
    subject: `[${message.workspace}] ${message.subject}`,
    text: [message.text, ...(lines.length > 0 ? [lines.join('\n')] : []), footOf(message).join('\n')]
      .filter(Boolean)
      .join('\n\n'),
    ...(acts.length > 0 && { html: htmlOf(message) }),
    key: `${message.key}/${to}`,
    isUrgent: message.isUrgent,
  };
}

const button =
  'display:inline-block;margin:0 8px 8px 0;padding:12px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none';

const htmlOf = ({ subject, text, acts = [], link, run, workspace }: Message): string => {
  const links = [link, run && { label: run.title, url: run.url }].filter((one) => one !== null && one !== undefined);
  return [
    '<!doctype html><html lang="en"><body style="font:15px/1.5 system-ui,sans-serif;color:#111827;max-width:560px;margin:0 auto;padding:16px">',
    `<p style="font-size:18px;font-weight:600;margin:0 0 12px">${escapeHtml(subject)}</p>`,
    `<p style="white-space:pre-line;margin:0 0 16px">${escapeHtml(text)}</p>`,
    `<p style="margin:0 0 8px">${acts.map(({ label, url }) => `<a href="${escapeHtml(url)}" style="${button}">${escapeHtml(label)}</a>`).join('')}</p>`,
    ...links.map(
      ({ label, url }) => `<p style="margin:0 0 8px"><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></p>`,
    ),
    `<p style="color:#6b7280;font-size:13px">${escapeHtml(workspace)} · Each button asks once more before it acts, works once, and for a day.</p>`,
    '</body></html>',
  ].join('');
};

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
