import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id } from '../kit/schemas.ts';

const Token = z.object({ token: z.string().min(40).max(400) });
const Answering = z.object({ workspaceId: Id, channelId: Id });

/** What people do from a message. Who calls is proven by the link's MAC or by the provider's signature. */
export const messageActRoutes = defineRoutes({
  showActLink: {
    method: 'GET',
    path: '/act/:token',
    access: 'public',
    secretPath: true,
    stream: 'raw',
    summary: 'A page that says what the link of a message does; nothing is done by looking at it',
    params: Token,
  },
  useActLink: {
    method: 'POST',
    path: '/act/:token',
    access: 'public',
    secretPath: true,
    rawBody: true,
    bodyLimit: 4_096,
    stream: 'raw',
    summary: 'Do what the link of a message does, once; answers with a page',
    params: Token,
  },
  answerFromSlack: {
    method: 'POST',
    path: '/notify/:workspaceId/slack/:channelId',
    access: 'public',
    rawBody: true,
    bodyLimit: 262_144,
    stream: 'raw',
    summary: 'A button of a message in Slack was pressed (`X-Slack-Signature`)',
    params: Answering,
  },
  answerFromSms: {
    method: 'POST',
    path: '/notify/:workspaceId/sms/:channelId',
    access: 'public',
    rawBody: true,
    bodyLimit: 65_536,
    stream: 'raw',
    summary: 'Somebody answered to an SMS, `ACK 328` (`X-Twilio-Signature`)',
    params: Answering,
  },
  reportSms: {
    method: 'POST',
    path: '/notify/:workspaceId/sms/:channelId/status',
    access: 'public',
    rawBody: true,
    bodyLimit: 65_536,
    stream: 'raw',
    summary: 'The provider tells what became of an SMS (`X-Twilio-Signature`)',
    params: Answering,
  },
});
