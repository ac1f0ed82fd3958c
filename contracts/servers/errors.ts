import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the servers room. */
export const serversErrors = defineErrors({
  'command.cancel_denied': {
    status: 409,
    retry: false,
    message: 'Some processes of the command run as another user and could not be ended.',
  },
  'command.canceled': {
    status: 409,
    retry: false,
    message: 'The command was cancelled and all its processes are gone.',
  },
  'command.disk_full': {
    status: 503,
    retry: true,
    message: 'The disk of the host is full, so the command was not started.',
  },
  'command.failed': {
    status: 422,
    retry: false,
    message: 'The command ended with exit code {exitCode}.',
  },
  'command.host_rebooted': {
    status: 409,
    retry: false,
    message: 'The host restarted while the command ran, or before its start was known. Look at the host, then decide.',
  },
  'command.no_state_folder': {
    status: 422,
    retry: false,
    message:
      'Neither the home folder nor /var/tmp of the host takes our state, so the command was not started. Make one writable, or set durable to false.',
  },
  'command.not_begun': {
    status: 503,
    retry: true,
    message: 'The command was announced on the host and did not begin.',
  },
  'command.not_startable': {
    status: 422,
    retry: false,
    message: 'The shell {shell} could not be started on the host (exit code {exitCode}).',
  },
  'command.outcome_unknown': {
    status: 409,
    retry: false,
    message: 'What became of the command cannot be known ({reason}). Look at the host, then decide.',
  },
  'command.output_lost': {
    status: 422,
    retry: false,
    message: 'The disk of the host was full: part of the output is lost. The exit code counts.',
  },
  'command.output_truncated': {
    status: 422,
    retry: false,
    message: 'The output is longer than what is kept of it.',
  },
  'command.refused': {
    status: 422,
    retry: false,
    message: 'The command cannot be sent: {reason}.',
  },
  'command.shell_missing': {
    status: 422,
    retry: false,
    message: 'The account gives no POSIX shell. It answered: {answer}',
  },
  'command.sudo_refused': {
    status: 422,
    retry: false,
    message: 'sudo refused: {answer}',
  },
  'command.timed_out': {
    status: 504,
    retry: true,
    message: 'The command did not end within {limitMs} ms.',
  },
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
  'credential.unreadable': {
    status: 500,
    retry: false,
    message: 'The secret of credential {name} cannot be opened: it was altered, or its key is gone. Give it again.',
  },
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
  'server.gone': { status: 404, retry: false, message: 'The server was deleted.' },
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
  'ssh.auth_refused': {
    status: 422,
    retry: false,
    message: '{host} does not let {username} in with this credential.',
  },
  'ssh.busy': {
    status: 503,
    retry: true,
    message: '{host} drops new connections (MaxStartups), also after {attempts} attempts.',
  },
  'ssh.connection_lost': {
    status: 503,
    retry: true,
    message: 'The connection to {host} was lost: {reason}.',
  },
  'ssh.handshake_failed': {
    status: 422,
    retry: false,
    message: '{host} and we have no common way to talk: {reason}.',
  },
  'ssh.host_key_changed': {
    status: 409,
    retry: false,
    message:
      '{host} shows the key {offered}, but {pinned} is pinned. Nothing was sent. If the key was changed on purpose, pin the new one.',
  },
  'ssh.host_key_unknown': {
    status: 409,
    retry: false,
    message: '{host} shows the key {offered}, none is pinned, and the workspace does not trust a first contact.',
  },
  'ssh.unreachable': {
    status: 503,
    retry: true,
    message: '{host} port {port} cannot be reached: {reason}.',
  },
  'upload.refused': {
    status: 422,
    retry: false,
    message: 'The file {path} could not be written: {reason}.',
  },
});
