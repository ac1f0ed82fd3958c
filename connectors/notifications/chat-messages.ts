import type { Message } from './message.ts';

/** Slack takes `<…>` for links and mentions: what people wrote must stay text. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
/** Slack's own limits of a section's text and of a button's words. */
const mostOfSection = 2_900;
const mostOfButton = 70;
const mostButtons = 10;

/**
 * A message for Slack's incoming webhook. Acts are buttons: with `isInteractive` they answer to us and the message changes
 * in place, else they lead to a page.
 */
export function slackBody(
  { subject, text, isUrgent, run, link, acts = [] }: Message,
  { isInteractive }: { isInteractive: boolean },
) {
  const head = `${isUrgent ? ':rotating_light: ' : ''}*${plain(subject)}*`;
  const links = [run && { label: run.title, url: run.url }, link].filter((one) => one !== null && one !== undefined);
  const foot = links.map(({ label, url }) => `<${url}|${plain(label).replaceAll('|', '¦')}>`);
  const whole = { text: [head, plain(text), ...foot].join('\n') };
  if (acts.length === 0) return whole;
  return {
    ...whole,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: cut([head, plain(text), ...foot].join('\n'), mostOfSection) } },
      {
        type: 'actions',
        elements: acts.slice(0, mostButtons).map(({ label, url, token }, at) => ({
          type: 'button',
          action_id: `windlass_act_${at}`,
          text: { type: 'plain_text', text: cut(label, mostOfButton), emoji: false },
          ...(isInteractive ? { value: token } : { url }),
          ...(at === 0 && { style: 'primary' }),
        })),
      },
    ],
  };
}

/** An Adaptive Card in the envelope that the webhook of a Teams workflow takes. */
export const teamsBody = ({ subject, text, isUrgent, workspace, run, link, acts = [] }: Message) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          {
            type: 'TextBlock', text: markdownSafe(subject), weight: 'bolder', size: 'medium', wrap: true,
            ...(isUrgent && { color: 'attention' }),
          }, // prettier-ignore
          ...text.split(/\n+/).map((line) => ({ type: 'TextBlock', text: markdownSafe(line), wrap: true })),
          { type: 'TextBlock', text: markdownSafe(workspace), isSubtle: true, size: 'small' },
        ],
        actions: [
          ...acts.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
          ...[link, run && { label: run.title, url: run.url }]
            .filter((one) => one !== null && one !== undefined)
            .map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
        ],
      },
    },
  ],
});

/** Cards read a part of Markdown: what people wrote must stay text. */
const markdownSafe = (text: string): string => text.replaceAll(/[\\*_[\]~`]/g, String.raw`\$&`);
