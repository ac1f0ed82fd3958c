import { fillMessage } from '#contracts/kit/error-def.ts';
import { errorDef, type ErrorCode } from '#contracts/errors.ts';

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** What went wrong on the way to a host or on it, by its stable code. Facts hold no secret. */
export class SshProblem extends Error {
  override readonly name = 'SshProblem';
  readonly code: ErrorCode;
  readonly facts: Facts;
  /** Whether trying the same again can help. */
  readonly retry: boolean;

  constructor(code: ErrorCode, facts: Facts = {}, cause?: unknown) {
    const known = errorDef(code);
    super(fillMessage(known?.message ?? code, facts), { cause });
    this.code = code;
    this.facts = facts;
    this.retry = known?.retry ?? false;
  }
}

export const isProblem = (error: unknown, code?: ErrorCode): error is SshProblem =>
  error instanceof SshProblem && (code === undefined || error.code === code);

const playbookCodes: Partial<Record<ErrorCode, string>> = {
  'command.host_rebooted': 'outcome.unknown',
  'command.outcome_unknown': 'outcome.unknown',
  'command.cancel_denied': 'outcome.unknown', // part of it may still be running
  'command.not_begun': 'host.unreachable',
  'command.timed_out': 'step.timed_out',
  'ssh.auth_refused': 'host.auth_failed',
  'ssh.busy': 'host.unreachable',
  'ssh.connection_lost': 'host.unreachable',
  'ssh.handshake_failed': 'host.unreachable',
  'ssh.host_key_changed': 'host.key_changed',
  'ssh.host_key_unknown': 'host.key_changed',
  'ssh.unreachable': 'host.unreachable',
};

/**
 * The code a playbook sees (`specs/playbook-language.md` §10). A code without a word of its own there, as
 * `command.disk_full` or `private_key.unreadable`, stays as it is and is not repeated.
 */
export function playbookCode({ code, facts }: { code: ErrorCode; facts?: Facts }): string {
  if (code === 'command.failed') return facts?.signal === undefined ? 'command.exited_nonzero' : 'command.killed';
  return playbookCodes[code] ?? code;
}
