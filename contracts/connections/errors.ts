import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the connections room. */
export const connectionsErrors = defineErrors({
  'connection.config_invalid': { status: 422, retry: false, message: 'The connection cannot be made so: {why}.' },
  'connection.disconnecting': {
    status: 409,
    retry: false,
    message: 'The connection {name} is being disconnected: nothing new begins on it.',
  },
  'connection.name_taken': { status: 409, retry: false, message: 'There is a connection {name} already.' },
  'connection.needs_sign_in': {
    status: 409,
    retry: false,
    message: 'Nobody is signed in on the connection {name}. Sign in at the service, then try again.',
  },
  'connection.service_failed': { status: 502, retry: true, message: 'The service did not answer as it should: {why}' },
  'connection.sign_in_expired': {
    status: 410,
    retry: false,
    message: 'This sign-in is not open any more. Begin again from the connection’s page.',
  },
  'connection.sign_in_failed': { status: 422, retry: false, message: 'The service did not let you in: {why}' },
  'connection.unit_unknown': {
    status: 422,
    retry: false,
    message: 'The connection has no business unit or instance {unit} that you may use.',
  },
});
