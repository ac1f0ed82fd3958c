import type { ReactNode } from 'react';
import type { StepKind } from '#contracts/playbooks/document.ts';
import { kinds } from '#contracts/playbooks/shape/steps.ts';
import { fieldWord } from './field-words.ts';
import type { DrawField } from './language-form.tsx';

/** What stands first for a kind; the rest of its fields is behind a heading. */
const first: Readonly<Record<StepKind, readonly string[]>> = {
  ssh: ['hosts', 'command', 'sudo', 'timeout'],
  script: ['hosts', 'script', 'args', 'sudo', 'timeout'],
  upload: ['hosts', 'to', 'content', 'artifact', 'mode', 'owner'],
  http: ['method', 'url', 'headers', 'body', 'expect', 'timeout'],
  connector: ['connector', 'operation', 'connection', 'params', 'timeout'],
  query: ['query', 'sql', 'connection', 'unit', 'parameters', 'expect', 'timeout'],
  notify: ['to', 'subject', 'message'],
  approve: ['message', 'roles', 'users', 'quorum', 'notStarter', 'expires', 'default', 'onReject'],
  wait: ['for', 'until'],
  parallel: ['failFast'],
  each: ['items', 'as', 'parallel', 'maxFailures', 'failFast', 'collect'],
  if: ['condition'],
  switch: ['on'],
  assert: ['that', 'message'],
  set: ['values'],
  playbook: ['playbook', 'version', 'inputs'],
  fail: ['message', 'code'],
};
const rolling = ['parallel', 'batch', 'canary', 'batchPause', 'maxFailures', 'allowEmpty'];
/** Short fields that stand two beside each other. */
const short = new Set([
  'sudo', 'timeout', 'mode', 'owner', 'quorum', 'expires', 'default', 'onReject', 'for', 'until', 'parallel', 'batch', 'canary',
  'batchPause', 'maxFailures', 'as', 'version', 'code', 'interpreter', 'shell', 'connector', 'operation', 'method',
]); // prettier-ignore

/** The fields of a kind, in the order in which one thinks of them. */
export function KindFields({ kind, draw }: { kind: StepKind; draw: DrawField }) {
  const own = Object.keys(kinds[kind].fields);
  const isRolling = own.includes('batch');
  const rest = own.filter((name) => !first[kind].includes(name) && !(isRolling && rolling.includes(name)));
  return (
    <>
      <Fields kind={kind} names={first[kind]} draw={draw} />
      {isRolling && (
        <Fold title="Rolling" hint="batches, canary, how many may fail">
          <Fields kind={kind} names={rolling} draw={draw} />
        </Fold>
      )}
      {rest.some((name) => draw(name) !== null) && (
        <Fold title="More" hint={rest.slice(0, 4).join(', ')}>
          <Fields kind={kind} names={rest} draw={draw} />
        </Fold>
      )}
    </>
  );
}

function Fields({ kind, names, draw }: { kind: StepKind; names: readonly string[]; draw: DrawField }) {
  return (
    <div className="grid grid-cols-2 gap-x-2.5 gap-y-4">
      {names.map((name) => {
        const className = short.has(name) ? 'min-w-0' : 'col-span-2 min-w-0';
        return draw(name, { label: fieldWord(name, kind), className });
      })}
    </div>
  );
}

function Fold({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <details className="rounded-md border border-line px-3 py-2">
      <summary className="flex items-baseline gap-2">
        <span className="font-medium">{title}</span>
        <span className="truncate text-meta text-text-3">{hint}</span>
      </summary>
      <div className="mt-3">{children}</div>
    </details>
  );
}
