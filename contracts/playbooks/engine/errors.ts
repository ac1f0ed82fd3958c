import { defineErrors } from '../../kit/error-def.ts';

/** Codes with which steps and runs end (§10), and with which a rerun is refused (§8). `retry` is what holds without `retry.on`. */
export const engineErrors = defineErrors({
  'assertion.failed': { status: 422, retry: false, message: 'An assertion does not hold.' },
  'command.exited_nonzero': { status: 422, retry: true, message: 'The command ended with exit code {exitCode}.' },
  'command.killed': { status: 422, retry: true, message: 'The command was ended by signal {signal}.' },
  'connector.rejected': { status: 422, retry: false, message: 'The other system refused the call.' },
  'connector.unavailable': { status: 502, retry: true, message: 'The other system did not answer.' },
  'host.auth_failed': { status: 422, retry: false, message: 'The host refused the credential.' },
  'host.key_changed': {
    status: 422,
    retry: false,
    message: 'The host shows another key than the pinned one. Check it and pin it anew.',
  },
  'host.unreachable': { status: 502, retry: true, message: 'The host could not be reached.' },
  'hosts.canary_failed': { status: 422, retry: false, message: 'The canary failed; nothing else was started.' },
  'hosts.none_matched': { status: 422, retry: false, message: 'No server fits the selection.' },
  'hosts.too_many_failed': { status: 422, retry: false, message: 'More hosts failed than may.' },
  'hosts.unknown_name': { status: 422, retry: false, message: 'The selection names a server that does not exist.' },
  'http.address_refused': {
    status: 422,
    retry: false,
    message: 'The workspace does not allow requests to this address.',
  },
  'http.unexpected_status': {
    status: 422,
    retry: true,
    message: 'The answer has status {status}, which the step does not expect.',
  },
  'http.unreachable': { status: 502, retry: true, message: 'The address did not answer.' },
  'lock.timed_out': { status: 409, retry: true, message: 'The lock was not free in time.' },
  'outcome.unknown': {
    status: 409,
    retry: false,
    message: 'Nobody could know whether the step ran; a person answered that it did not.',
  },
  'query.not_allowed': {
    status: 403,
    retry: false,
    message: 'Who started the run may not run queries.',
  },
  'query.name_ambiguous': {
    status: 422,
    retry: false,
    message: 'Several saved queries have this name: name one by its id.',
  },
  'query.unexpected_result': {
    status: 422,
    retry: false,
    message: 'The query gave what the step does not expect.',
  },
  'query.unknown': { status: 422, retry: false, message: 'A step runs a saved query that does not exist.' },
  'rerun.not_on_hosts': {
    status: 409,
    retry: false,
    message: 'This step does not run on hosts, so it cannot run on failed ones alone.',
  },
  'rerun.nothing_failed': { status: 409, retry: false, message: 'No step of the run failed; say where to begin.' },
  'rerun.step_missing': {
    status: 409,
    retry: false,
    message: 'A step that would be taken over does not stand before the first one in this version.',
  },
  'rerun.step_undone': {
    status: 409,
    retry: false,
    message: 'A step that would be taken over was undone. The earliest step to begin at is {earliest}.',
  },
  'run.canceled': { status: 409, retry: false, message: 'The run was canceled.' },
  'step.crashed': { status: 500, retry: false, message: 'The step ended by a fault of the product.' },
  'step.timed_out': { status: 422, retry: true, message: 'The step took longer than its time limit.' },
});
