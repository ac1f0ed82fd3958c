import { defineErrors } from './error-def.ts';

/** Codes that belong to no room: the contract of the API itself. */
export const kitErrors = defineErrors({
  'contract.broken': {
    status: 400,
    retry: false,
    message: 'The request does not fit the contract. See details for each field.',
  },
  'request.not_found': { status: 404, retry: false, message: 'There is nothing here by that id.' },
  'request.conflict': { status: 409, retry: false, message: 'Another one stands in the way: {what}.' },
  'request.stale': {
    status: 412,
    retry: false,
    message: 'Somebody else changed it meanwhile. Load it again and repeat the change.',
  },
  'request.too_large': { status: 413, retry: false, message: 'The body is larger than {limit}.' },
  'request.unsupported_type': { status: 415, retry: false, message: 'This content type is not understood here.' },
  'request.key_reused': { status: 422, retry: false, message: 'This Idempotency-Key was used with another body.' },
  'request.in_flight': {
    status: 409,
    retry: true,
    message: 'A request with this Idempotency-Key is still being answered.',
  },
  'request.rate_limited': { status: 429, retry: true, message: 'Too many requests. Try again in {retryAfter} s.' },
  'request.workspace_ambiguous': {
    status: 400,
    retry: false,
    message: 'Header X-Workspace and ?workspace= name different workspaces.',
  },
  'request.workspace_needed': {
    status: 400,
    retry: false,
    message: 'You belong to several workspaces: name one by the header X-Workspace.',
  },
  'request.origin_refused': {
    status: 403,
    retry: false,
    message: 'Writes are accepted from the console’s own origin only.',
  },
  'request.host_refused': {
    status: 403,
    retry: false,
    message: 'This server does not answer to the host name {host}.',
  },
  'events.cursor_gone': {
    status: 410,
    retry: false,
    message: 'The cursor is of another epoch or too old. Load the state again and start from now.',
  },
  'server.busy': { status: 503, retry: true, message: 'The server is starting or overloaded. Try again shortly.' },
  'server.failed': {
    status: 500,
    retry: true,
    message: 'Something went wrong on our side. The request id helps us to find it.',
  },
});
