import type { StepKind } from '#contracts/playbooks/document.ts';

const onHosts: Readonly<Record<string, string>> = {
  succeeded: 'names',
  failed: 'names',
  skipped: 'names',
  stdout: 'where there is one host',
  stderr: 'where there is one host',
  exitCode: 'where there is one host',
};

/** What a step of each kind returns (playbook-language §6), for completion. Kinds that are missing return nothing fixed. */
export const outputFields: Partial<Readonly<Record<StepKind, Readonly<Record<string, string>>>>> = {
  ssh: onHosts,
  script: onHosts,
  upload: { succeeded: 'names', failed: 'names', skipped: 'names' },
  http: { status: 'int', headers: 'map', body: 'parsed if JSON', bytes: 'int', truncated: 'bool' },
  query: { rowCount: 'int, or null', columns: 'list of {name, type}' },
  notify: { delivered: 'list', failed: 'list' },
  approve: {
    decision: 'approved or rejected',
    by: 'list of people',
    reason: 'string',
    form: 'what was filled in',
    at: 'timestamp',
    expired: 'bool',
  },
  wait: { waitedMs: 'int' },
  parallel: { branches: 'list of {status}' },
  each: { items: 'what was collected', succeeded: 'int', failed: 'int', skipped: 'int' },
  if: { branch: 'then or else' },
  switch: { case: 'index or null' },
  assert: { passed: 'int' },
};

/** `steps.x.hosts["web-1"]`. */
export const hostResultFields: readonly string[] = [
  'status',
  'stdout',
  'stderr',
  'exitCode',
  'signal',
  'error',
  'truncated',
  'stdoutBytes',
  'stderrBytes',
];
export const errorFields: readonly string[] = [
  'code',
  'message',
  'step',
  'path',
  'host',
  'attempt',
  'retryable',
  'details',
];
