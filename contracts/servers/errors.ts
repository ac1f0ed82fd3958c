import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the servers room. */
export const serversErrors = defineErrors({
  'credential.generate_conflict': {
    status: 400,
    retry: false,
    message: 'Give a private key or have one generated, not both.',
  },
  'credential.in_use': {
    status: 409,
    retry: false,
    message: 'The credential is used by {count} servers. Give them another one first.',
  },
  'credential.kind_mismatch': { status: 400, retry: false, message: 'A credential of kind {kind} takes no {field}.' },
  'credential.name_taken': { status: 409, retry: false, message: 'Another credential is called {name}.' },
  'credential.secret_missing': { status: 400, retry: false, message: 'A credential of kind {kind} needs {field}.' },
  'credential.unknown': { status: 422, retry: false, message: 'There is no credential {credential}.' },
  'csv.credential_unknown': { status: 422, retry: false, message: 'There is no credential called {value}.' },
  'csv.header_missing': {
    status: 422,
    retry: false,
    message: 'The first line must name the columns; {column} is missing.',
  },
  'csv.header_unknown': {
    status: 422,
    retry: false,
    message: 'There is no column {column}. Columns are name, host, port, tags, credential, jump, hostKey, description.',
  },
  'csv.host_key_differs': {
    status: 422,
    retry: false,
    message: 'Another host key is pinned on this server. Only a person can replace it, on the server’s page.',
  },
  'csv.jump_unknown': { status: 422, retry: false, message: 'There is no server called {value} to jump through.' },
  'csv.name_twice': { status: 422, retry: false, message: 'Line {other} already has a server of this name.' },
  'csv.row_broken': {
    status: 422,
    retry: false,
    message: 'The line has another number of fields than the header, or its quotes do not close.',
  },
  'csv.too_many_rows': { status: 422, retry: false, message: 'A file may hold {limit} servers.' },
  'csv.value_refused': { status: 422, retry: false, message: '{reason}' },
  'import.refused': {
    status: 422,
    retry: false,
    message: '{count} lines are wrong, so nothing was imported. See details.',
  },
  'jump.cycle': { status: 422, retry: false, message: 'The jump hosts lead in a circle: {path}.' },
  'jump.too_deep': { status: 422, retry: false, message: 'More than {limit} jumps lie before this server.' },
  'jump.unknown': { status: 422, retry: false, message: 'The jump server does not exist.' },
  'private_key.needs_passphrase': {
    status: 422,
    retry: false,
    message: 'The private key is encrypted: give its passphrase.',
  },
  'private_key.unreadable': {
    status: 422,
    retry: false,
    message: 'This is no private key that can be read. OpenSSH, PEM and PuTTY formats are understood.',
  },
  'private_key.unsupported': {
    status: 422,
    retry: false,
    message: 'Keys of type {type} are not supported. Use ed25519, ECDSA or RSA (2,048 bits and more).',
  },
  'private_key.wrong_passphrase': {
    status: 422,
    retry: false,
    message: 'The passphrase does not open the private key.',
  },
  'server.check_pending': {
    status: 503,
    retry: true,
    message:
      'The check is asked for, but no worker has done it within {seconds} s. Its result will show on the server.',
  },
  'server.degraded_disk': { status: 422, retry: false, message: 'The disk is {percent} % full.' },
  'server.degraded_memory': { status: 422, retry: false, message: '{percent} % of the memory is in use.' },
  'server.degraded_slow': {
    status: 422,
    retry: false,
    message: 'A command took {latencyMs} ms to answer. A slow login script is the usual cause.',
  },
  'server.host_key_not_offered': {
    status: 409,
    retry: false,
    message: 'The server does not offer this key now. Load it again and compare.',
  },
  'server.in_use': {
    status: 409,
    retry: false,
    message: 'Other servers jump through this one: {names}. Change them first.',
  },
  'server.in_work': { status: 409, retry: false, message: 'A run is working on this server. Cancel it first or wait.' },
  'server.name_taken': { status: 409, retry: false, message: 'Another server is called {name}.' },
  'server.no_credential': {
    status: 422,
    retry: false,
    message: 'The server {name} has no credential to sign in with.',
  },
  'server.own_port': {
    status: 422,
    retry: false,
    message: '{host} port {port} is a port of this installation itself, and no server.',
  },
  'server.trust_needed': {
    status: 403,
    retry: false,
    message: 'Changing a pinned host key needs the permission servers:trust.',
  },
});
