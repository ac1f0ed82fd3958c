import { expect, test } from 'vitest';
import type { Json, Playbook, Step } from '../document.ts';
import { chooseHosts } from './hosts/selection.ts';
import { cutToStep } from './step-test.ts';
import { replacing } from './virtual/replacing.ts';
import { runVirtually, type VirtualCase } from './virtual/run-virtually.ts';

const book = (steps: readonly Step[], more: Partial<Playbook> = {}): Playbook => ({ name: 'X', steps, ...more });
const step = (value: object): Step => value as Step;
const servers = [{ name: 'h1', tags: ['w'] }, { name: 'h2', tags: ['w'] }, { name: 'h3', tags: ['w'] }]; // prettier-ignore
const dry = (definition: Playbook, more: Partial<VirtualCase> = {}) =>
  runVirtually({ definition, servers, dryRun: true, ...more });

test('values that set computes are known to the steps after it', () => {
  const { plan } = dry(
    book([
      step({ id: 's', kind: 'set', values: { name: 'nginx' } }),
      step({
        id: 'a',
        kind: 'ssh',
        hosts: { tags: ['w'] },
        command: 'reload ${{ steps.s.output.name }} on ${{ host.name }}',
        canary: 1,
        batch: 2,
      }),
      step({
        id: 'i',
        kind: 'if',
        condition: "steps.s.output.name == 'nginx'",
        // oxlint-disable-next-line unicorn/no-thenable -- a field of the language
        then: [step({ id: 't', kind: 'notify', to: ['#ops'], message: 'hi' })],
        else: [step({ id: 'f', kind: 'fail', message: 'no' })],
      }),
      step({
        id: 'w',
        kind: 'switch',
        on: 'steps.a.output.failed',
        cases: [{ when: 1, steps: [step({ id: 'c', kind: 'set', values: { x: 1 } })] }],
      }),
    ]),
  );
  expect(plan).toMatchObject([
    { id: 's', action: 'run', details: { values: { name: 'nginx' } } },
    {
      id: 'a',
      action: 'run',
      hosts: ['h1', 'h2', 'h3'],
      batches: [['h1'], ['h2', 'h3']],
      rendered: "reload 'nginx' on 'h1'",
      renderedByHost: { h3: "reload 'nginx' on 'h3'" },
    },
    { id: 'i', action: 'run', details: { branch: 'then' } },
    { id: 't', action: 'run', rendered: 'hi', details: { to: ['#ops'] } },
    { id: 'f', action: 'skip' },
    { id: 'w', action: 'depends', dependsOn: ['a'] },
    { id: 'c', action: 'depends', dependsOn: ['a'] },
  ]);
});

test('items that are known are written out, others stand once', () => {
  const inner = [step({ id: 'n', kind: 'notify', to: ['#ops'], message: '${{ item }}' })];
  const { plan } = dry(
    book([
      step({ id: 'e', kind: 'each', items: ['a', 'b'], steps: inner }),
      step({ id: 'g', kind: 'http', method: 'GET', url: 'https://x.example.com' }),
      step({
        id: 'u',
        kind: 'each',
        items: '${{ steps.g.output.list }}',
        steps: [step({ id: 'm', kind: 'notify', to: ['#ops'], message: '${{ item }}' })],
      }),
    ]),
  );
  expect(plan).toMatchObject([
    { id: 'e', details: { items: 2 } },
    { id: 'e[0].n', rendered: 'a' },
    { id: 'e[1].n', rendered: 'b' },
    { id: 'g', rendered: 'https://x.example.com', details: { method: 'GET' } },
    { id: 'u', action: 'depends', dependsOn: ['g'] },
    { id: 'u[0].m', action: 'depends', dependsOn: ['g'] },
  ]);
});

test('what would fail is told in its place, and the plan goes on', () => {
  const { plan } = dry(
    book([
      step({ id: 'a', kind: 'ssh', hosts: { names: ['gone'] }, command: 'c' }),
      step({ id: 'b', kind: 'set', values: { x: '${{ vars.none }}' } }),
      step({ id: 'c', kind: 'assert', that: '1 > 2' }),
    ]),
  );
  expect(plan).toMatchObject([
    { error: { code: 'hosts.unknown_name', path: '/steps/0/hosts' } },
    { error: { code: 'expression.failed' } },
    { details: { holds: [false] } },
  ]);
});

test('a called playbook’s plan stands within, and finally and undo are shown', () => {
  const { plan } = dry(
    book(
      [
        step({
          id: 'p',
          kind: 'playbook',
          playbook: 'Child',
          inputs: { n: 2 },
          undo: [step({ id: 'back', kind: 'set', values: { x: 1 } })],
        }),
      ],
      {
        finally: [step({ id: 'bye', kind: 'notify', to: ['#ops'], message: '${{ run.status }}' })],
      },
    ),
    {
      playbooks: {
        Child: {
          name: 'Child',
          inputs: [{ name: 'n', type: 'integer' }],
          steps: [step({ id: 's', kind: 'set', values: { x: '${{ inputs.n }}' } })],
        },
      },
    },
  );
  expect(plan).toMatchObject([
    { id: 'p', undo: ['back'], plan: [{ id: 's', details: { values: { x: 2 } } }] },
    { id: 'bye', phase: 'finally' },
  ]);
});

test('the hash tells inputs, hosts, texts and secrets apart, and nothing else', () => {
  const definition = book(
    [
      step({
        id: 'a',
        kind: 'ssh',
        hosts: { tags: ['w'] },
        command: 'x ${{ inputs.n }}',
        env: { T: '${{ secrets.t }}' },
      }),
    ],
    {
      inputs: [{ name: 'n', type: 'integer', default: 1 }, { name: 'pw', type: 'secret' }], // prettier-ignore
    },
  );
  const hash = (more: Partial<VirtualCase> = {}, from: Playbook = definition): string =>
    dry(from, { secrets: { t: 'first-secret', other: 'o' }, ...more }).planHash ?? '';
  const base = hash();
  expect(hash()).toBe(base);
  expect(hash({ secrets: { t: 'first-secret', other: 'changed' } })).toBe(base);
  const others: Partial<VirtualCase>[] = [
    { inputs: { n: 2 } },
    { servers: servers.slice(1) },
    { secrets: { t: 'second-secret' } },
    { inputs: { pw: 'pppppp' } },
  ];
  expect(
    new Set([
      base,
      ...others.map((more) => hash(more)),
      hash({}, { ...definition, steps: [{ ...definition.steps[0], command: 'y' } as Step] }),
    ]).size,
  ).toBe(6);
});

/** An approval bound to the plan, with an inventory that grows at the n-th look. */
function askWithPlan(growsAt: number) {
  const asked: (string | undefined)[] = [];
  let looks = 0;
  const definition = book([
    step({ id: 'ask', kind: 'approve', roles: ['owner'], bindToPlan: true }),
    step({ id: 'a', kind: 'ssh', hosts: { tags: ['w'] }, command: 'c' }),
  ]);
  const result = runVirtually(
    { definition, mocks: { ask: [{ output: { decision: 'approved', by: ['ana'] }, delay: '1h' }] } },
    {
      effects: replacing((inner) => ({
        selectServers: (selection) => {
          looks += 1;
          const now = servers.slice(0, looks < growsAt ? 2 : 3);
          return chooseHosts(
            selection,
            now.map((server) => ({ ...server, id: server.name, host: server.name, port: 22 })),
          );
        },
        ask: (request, cancel) => {
          asked.push(request.plan?.hash);
          return inner.ask(request, cancel);
        },
      })),
    },
  );
  return { asked, result };
}

test('an approval bound to the plan is asked anew where the rest of the plan has changed by then', () => {
  const same = askWithPlan(99);
  expect(same.asked).toHaveLength(1);
  expect(same.result).toMatchObject({ status: 'succeeded', warnings: 0 });
  const changed = askWithPlan(2);
  expect(new Set(changed.asked).size).toBe(2);
  expect(changed.result).toMatchObject({ status: 'succeeded', warnings: 1, elapsedMs: 7_200_000 });
  expect(changed.result.changes.find(({ type }) => type === 'warning')).toMatchObject({
    code: 'approval.plan_changed',
  });
});

test('a single step runs alone with given results of the others', () => {
  const definition = book([
    step({ id: 'a', kind: 'http', method: 'GET', url: 'https://x.example.com' }),
    step({
      id: 'e',
      kind: 'each',
      items: [1],
      steps: [
        step({
          id: 'b',
          kind: 'set',
          values: { x: '${{ steps.a.output.n + 1 }}' },
          undo: [step({ id: 'ub', kind: 'fail', message: 'no' })],
        }),
      ],
    }),
  ]);
  const outputs: { readonly [id: string]: Json } = { a: { n: 4 } };
  const cut = cutToStep(definition, 'b', outputs);
  expect(cut?.definition.steps.map(({ id }) => id)).toEqual(['a', 'e', 'b']);
  const result = runVirtually({
    definition: cut?.definition ?? definition,
    rerun: { fromStep: 'b', previous: cut?.carried.steps ?? {} },
  });
  expect(result.order).toEqual(['b']);
  expect(result.steps['b']?.output).toEqual({ x: 5 });
  expect(cutToStep(definition, 'nowhere', {})).toBeNull();
});
