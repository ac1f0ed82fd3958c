/* oxlint-disable unicorn/no-thenable -- `then` is a field of the language */
import { expect, test } from 'vitest';
import {
  approve, assert, boolean, cel, choice, definePlaybook, each, fail, http, iff, inOrder, integer, list, multiChoice, notify, object, parallel, playbook, raw, script, secret, servers, set, sh, ssh, string,
  switchOn, text, upload, wait,
} from './define-playbook.ts'; // prettier-ignore
import type { Expr } from './define-playbook.ts';
import { validatePlaybook } from './validate.ts';
import { readYaml, writeYaml } from './yaml.ts';

const restart = definePlaybook({
  name: 'Restart a service',
  inputs: { service: choice(['nginx', 'redis'], { required: true }), web: servers({ tags: ['web'] }), note: text() },
  steps: ({ inputs, steps }) => [
    ssh('restart', {
      hosts: { from: inputs.web },
      command: sh`systemctl restart ${inputs.service}`,
      retry: { attempts: 3, on: ['host.unreachable'] },
    }),
    iff('noted', cel<boolean>`${inputs.note} != null`, [
      notify('tell', {
        to: ['#ops'],
        message: text`${inputs.service} on ${cel`size(${steps.restart.output.succeeded})`} hosts`,
      }),
    ]),
  ],
  outputs: ({ steps }) => ({ hosts: steps.restart.output.succeeded }),
});

test('the builder makes the document that the editor saves', () => {
  expect(restart.definition).toEqual({
    name: 'Restart a service',
    inputs: [
      { name: 'service', type: 'choice', options: ['nginx', 'redis'], required: true },
      { name: 'web', type: 'servers', tags: ['web'] },
      { name: 'note', type: 'text' },
    ],
    steps: [
      {
        id: 'restart',
        kind: 'ssh',
        hosts: { from: '${{ inputs.web }}' },
        command: 'systemctl restart ${{ inputs.service }}',
        retry: { attempts: 3, on: ['host.unreachable'] },
      },
      {
        id: 'noted',
        kind: 'if',
        condition: 'inputs.note != null',
        then: [
          {
            id: 'tell',
            kind: 'notify',
            to: ['#ops'],
            message: '${{ inputs.service }} on ${{ size(steps.restart.output.succeeded) }} hosts',
          },
        ],
      },
    ],
    outputs: { hosts: '${{ steps.restart.output.succeeded }}' },
  });
  const read = readYaml(writeYaml(JSON.parse(JSON.stringify(restart.definition)) as never));
  expect(read.ok && read.value).toEqual(restart.definition);
  expect(Object.keys(restart.definition.steps[0] ?? {})).toEqual(['id', 'kind', 'hosts', 'command', 'retry']);
});

const everything = definePlaybook({
  name: 'Everything',
  description: 'Every kind once.',
  inputs: {
    token: secret({ required: true }),
    size: integer({ min: 1, default: 2 }),
    apps: multiChoice(['git', { value: 'wiki', label: 'Wiki' }], { default: ['git'] }),
    rows: list(object({ name: string({ required: true }), on: boolean() })),
    free: object(),
  },
  concurrency: { key: ({ inputs }) => cel<string>`string(${inputs.size})`, onBusy: 'skip' },
  timeout: '2h',
  undoOn: ['failed'],
  steps: ({ inputs, run, secret: named, variable }) => {
    const file = set('file', { path: cel<string>`${variable('folder')} + '/x'`, count: inputs.size });
    const put = upload('put', {
      hosts: { tags: ['web'] },
      to: text`${file.output.path}.conf`,
      content: 'costs ${{ 5 }}',
      undoWhen: 'started',
      undo: (self) => [
        ssh('restore', {
          hosts: { from: self.output.succeeded },
          command: sh`mv -- ${file.output.path} ${raw(file.output.path)}`,
        }),
      ],
    });
    return [
      file,
      put,
      script('work', {
        hosts: { names: ['a'] },
        script: 'echo "$1"',
        args: [file.output.path, inputs.apps],
        env: { TOKEN: inputs.token },
        stdin: named('api'),
        timeout: '1m',
      }),
      http<{ id: number }>()('order', {
        method: 'POST',
        url: text`https://x.example.com/${run.id}`,
        headers: { Authorization: 'Bearer x' },
        body: { n: inputs.size, token: named('api') },
        expect: { json: cel<boolean>`response.status == 200` },
      }),
      each('all', { items: inputs.apps, as: 'app', parallel: 2, collect: ({ item }) => item }, ({ item, index }) => [
        set('one', { app: item, index }),
      ]),
      parallel(
        'both',
        [
          [wait('rest', { for: '5s' })],
          [assert('sane', [cel<boolean>`${inputs.size} > 0`, { that: '1 < 2', message: 'no' }])],
        ],
        { failFast: true },
      ),
      switchOn(
        'which',
        inputs.size,
        [{ when: [1, 2], steps: [set('few', { x: 1 })] }],
        [fail('many', 'too many', { code: 'my.code' })],
      ),
      approve('ask', {
        roles: ['owner'],
        message: text`Go on with ${put.output.succeeded}?`,
        form: { window: integer({ default: 5 }) },
      }),
      playbook('call', restart, { inputs: { service: 'nginx', web: put.output.succeeded } }),
    ];
  },
  finally: ({ run }) => [notify('bye', { to: ['#ops'], message: text`ended ${run.status}` })],
});

test('every kind can be built, and what is built passes the check of a save', () => {
  expect(
    validatePlaybook(everything.definition, {
      playbooks: () => ({ name: restart.name, definition: restart.definition }),
    }).errors,
  ).toEqual([]);
  const [file, put, work, order, all, , , ask, call] = everything.definition.steps;
  expect(file).toEqual({
    id: 'file',
    kind: 'set',
    values: { path: "${{ vars.folder + '/x' }}", count: '${{ inputs.size }}' },
  });
  expect(put).toMatchObject({
    content: 'costs ${{ 5 }}',
    to: '${{ steps.file.output.path }}.conf',
    undo: [
      {
        hosts: { from: '${{ steps.put.output.succeeded }}' },
        command: 'mv -- ${{ steps.file.output.path }} ${{ raw(steps.file.output.path) }}',
      },
    ],
  });
  expect(work).toMatchObject({
    env: { TOKEN: '${{ inputs.token }}' },
    stdin: '${{ secrets.api }}',
    args: ['${{ steps.file.output.path }}', '${{ inputs.apps }}'],
  });
  expect(order).toMatchObject({ expect: { json: 'response.status == 200' } });
  expect(all).toMatchObject({
    items: '${{ inputs.apps }}',
    collect: '${{ app }}',
    steps: [{ values: { app: '${{ app }}', index: '${{ appIndex }}' } }],
  });
  expect(ask).toMatchObject({ form: [{ name: 'window', type: 'integer', default: 5 }] });
  expect(call).toMatchObject({
    playbook: 'Restart a service',
    inputs: { service: 'nginx', web: '${{ steps.put.output.succeeded }}' },
  });
  expect(everything.definition).toMatchObject({
    concurrency: { key: '${{ string(inputs.size) }}', onBusy: 'skip' },
    inputs: [
      {},
      {},
      {},
      {
        items: {
          type: 'object',
          fields: [
            { name: 'name', type: 'string', required: true },
            { name: 'on', type: 'boolean' },
          ],
        },
      },
      { name: 'free', type: 'object' },
    ],
    finally: [{ message: 'ended ${{ run.status }}' }],
  });
});

test('a literal ${{ in text is escaped, values of JavaScript become CEL literals', () => {
  const built = definePlaybook({
    name: 'X',
    inputs: { n: integer() },
    steps: ({ inputs }) => [
      set('a', { x: text`\${{ no }} ${inputs.n}`, y: cel`${inputs.n} == ${'a"b'} || ${null} == ${true}` }),
    ],
  });
  expect(built.definition.steps[0]).toMatchObject({
    values: { x: '$${{ no }} ${{ inputs.n }}', y: '${{ inputs.n == "a\\"b" || null == true }}' },
  });
});

test('what would not pass the check of a save is told when it is made', () => {
  expect(() => definePlaybook({ name: 'X', steps: ({ steps }) => [set('a', { x: steps.nope.output })] })).toThrow(
    /steps\/0\/values\/x expression.step_unknown/,
  );
});

test('inOrder lets each step read those before it', () => {
  const built = definePlaybook({
    name: 'X',
    steps: () =>
      inOrder(
        ssh('a', { hosts: { tags: ['x'] }, command: 'ls' }),
        ({ steps }) => set('b', { ok: steps.a.output.succeeded }),
        ({ steps }) => set('c', { all: steps.b.output.ok, how: steps.a.status }),
      ),
    outputs: ({ steps }) => ({ all: steps.c.output.all }),
  });
  expect(built.definition.steps[2]).toMatchObject({
    values: { all: '${{ steps.b.output.ok }}', how: '${{ steps.a.status }}' },
  });
});

/** Compiled, never run: each marked line must be an error of `tsc`. */
export function wrongNamesAndTypesDoNotCompile(): void {
  definePlaybook({
    name: 'X',
    inputs: { service: choice(['nginx', 'redis']), web: servers(), pw: secret(), n: integer() },
    steps: ({ inputs }) => {
      const service: Expr<'nginx' | 'redis'> = inputs.service;
      // @ts-expect-error -- no such input
      void inputs.services;
      const a = ssh('a', { hosts: { from: inputs.web }, command: sh`x ${service}`, parallel: inputs.n });
      // @ts-expect-error -- one name is no list of names
      ssh('b', { hosts: { from: inputs.service }, command: 'x' });
      // @ts-expect-error -- a text is no number
      ssh('c', { hosts: { from: inputs.web }, command: 'x', parallel: inputs.service });
      // @ts-expect-error -- no such field
      ssh('d', { hosts: { from: inputs.web }, command: 'x', timout: '5s' });
      // @ts-expect-error -- a secret would show in ps
      ssh('e', { hosts: { from: inputs.web }, command: sh`login ${inputs.pw}` });
      // @ts-expect-error -- a script takes no templates
      script('f', { hosts: { from: inputs.web }, script: inputs.service });
      // @ts-expect-error -- no such output of ssh
      void a.output.suceeded;
      // @ts-expect-error -- a condition is bool
      iff('g', inputs.n, [a]);
      // @ts-expect-error -- the called playbook has no such option
      playbook('h', restart, { inputs: { service: 'apache' } });
      // @ts-expect-error -- nor such an input
      playbook('i', restart, { inputs: { servic: 'nginx' } });
      // @ts-expect-error -- nor such an output
      void playbook('j', restart, {}).output.host;
      return [a];
    },
    outputs: ({ steps }) => {
      // @ts-expect-error -- no such step
      void steps.nope;
      return { ok: steps.a.output.succeeded };
    },
  });
  inOrder(
    ssh('a', { hosts: { tags: ['x'] }, command: 'ls' }),
    // @ts-expect-error -- b comes later
    ({ steps }) => set('b', { x: steps.b }),
  );
}
