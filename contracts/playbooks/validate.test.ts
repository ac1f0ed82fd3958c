/* oxlint-disable unicorn/no-thenable -- `then` is a field of the language */
import { expect, test } from 'vitest';
import type { Json } from './document.ts';
import { limits } from './limits.ts';
import { validatePlaybook } from './validate.ts';
import type { ValidationContext } from './validate.ts';
import { readYaml } from './yaml.ts';

const read = (yaml: string): Json => {
  const found = readYaml(yaml);
  if (!found.ok) throw new Error(JSON.stringify(found.errors));
  return found.value;
};
const check = (yaml: string, context: ValidationContext = {}) => validatePlaybook(read(yaml), context);
const errors = (yaml: string, context?: ValidationContext): string[] =>
  check(yaml, context).errors.map(({ code, path }) => `${path} ${code}`);
const hints = (yaml: string, context?: ValidationContext): string[] =>
  check(yaml, context).hints.map(({ code, path }) => `${path} ${code}`);
const step = 'steps: [{id: a, kind: set, values: {x: 1}}]';

test('finally reads every step and how the run ended, outputs read the steps alone', () => {
  expect(
    errors(`
name: X
${step}
finally: [{id: f, kind: set, values: {s: "\${{ run.status + run.error.code + string(steps.a.output.x) }}"}}, {id: g, kind: set, values: {s: "\${{ steps.f.output.s }}"}}]
outputs: {x: "\${{ steps.f.output }}", bad-name: 1, y: "\${{ run.status }}", z: "\${{ steps.a.output.x }}"}
`),
  ).toEqual([
    '/outputs/x expression.step_not_visible',
    '/outputs/bad-name id.malformed',
    '/outputs/y expression.name_unknown',
  ]);
});

test('undo, onFailure and each see themselves, the error and their item; outside nobody sees into them', () => {
  expect(
    errors(`
name: X
steps:
  - id: e
    kind: each
    items: [1]
    as: thing
    collect: "\${{ steps.a.output.body }}"
    steps:
      - {id: a, kind: http, method: PUT, url: "https://x/\${{ thing }}/\${{ thingIndex }}/\${{ item }}", undo: [{id: u, kind: set, values: {x: "\${{ steps.a.output.body + run.error.message }}"}}], onFailure: [{id: of, kind: set, values: {x: "\${{ error.code }} \${{ steps.a.error.code }} \${{ run.status }}"}}]}
  - {id: z, kind: set, values: {a: "\${{ item }}", b: "\${{ steps.u.output }}", c: "\${{ steps.a.output }}", d: "\${{ error.code }}", e: "\${{ steps.z.status }}"}}
`),
  ).toEqual([
    '/steps/0/steps/0/onFailure/0/values/x expression.name_unknown',
    '/steps/1/values/a expression.name_unknown',
    '/steps/1/values/b expression.step_not_visible',
    '/steps/1/values/c expression.step_not_visible',
    '/steps/1/values/d expression.name_unknown',
    '/steps/1/values/e expression.step_not_visible',
  ]);
});

test('host is known where a field is rendered for each host, response in expect.json', () => {
  expect(
    errors(`
name: X
steps:
  - {id: a, kind: ssh, if: "host.name == 'a'", hosts: {from: "\${{ host.name }}"}, command: "echo \${{ host.name }} \${{ host.nme }}", env: {A: "\${{ host.port }}", B-C: x}}
  - {id: h, kind: http, method: get, url: "https://x", expect: {status: [200, 2xx, 2x], json: "response.body.ok && reponse.x"}}
`),
  ).toEqual([
    '/steps/0/if expression.name_unknown',
    '/steps/0/hosts/from expression.name_unknown',
    '/steps/0/command expression.name_unknown',
    '/steps/0/env/B-C shape.bad_value',
    '/steps/1/method shape.bad_value',
    '/steps/1/expect/status/2 shape.bad_value',
    '/steps/1/expect/json expression.name_unknown',
  ]);
});

test('what is missing is told after what is there, and a container’s undo reads what is nested in it', () => {
  expect(errors('steps: [{kind: set, name: 5}]\noutputs: 5\n')).toEqual([
    '/steps/0/name shape.wrong_type',
    '/steps/0/id shape.missing_field',
    '/steps/0/values shape.missing_field',
    '/outputs shape.wrong_type',
    '/name shape.missing_field',
  ]);
  expect(
    errors(`
name: X
steps:
  - {id: i, kind: if, condition: run.dryRun, then: [{id: n, kind: set, values: {x: 1}}], undo: [{id: u, kind: set, values: {x: "\${{ steps.n.status + steps.i.status }}"}}]}
`),
  ).toEqual([]);
});

test('an error in an expression says where in the string it is', () => {
  const { errors: found } = check(`
name: X
inputs: [{name: n, type: integer, default: 1}]
steps: [{id: a, kind: set, if: "\${{ inputs.n == 'x' }}", values: {a: "n: \${{ inputs.m }}", b: "\${{ lines(1 +) }}", c: "x \${{ inputs.n + 'x' }}"}}]
`);
  expect(found).toMatchObject([
    { code: 'expression.type_mismatched', path: '/steps/0/if', at: [4, 19] },
    { code: 'expression.input_unknown', path: '/steps/0/values/a', at: [7, 15] },
    { code: 'expression.not_parsed', path: '/steps/0/values/b', at: [13, 14] },
    { code: 'expression.type_mismatched', path: '/steps/0/values/c', at: [6, 20] },
  ]);
});

test('messages name what was probably meant', () => {
  const { errors: found } = check(`
name: X
inputs: [{name: service, type: string}]
steps: [{id: first, kind: ssh, hosts: {tags: [a]}, command: "x \${{ inputs.servce }}", timout: 1s}, {id: b, kind: uplaod}, {id: c, kind: set, values: {x: "\${{ steps.frist.output }}", y: "\${{ service }}", z: "\${{ replce('a', 'b', 'c') }}"}}]
`);
  expect(found.map(({ message }) => message)).toEqual([
    expect.stringContaining('Did you mean service?'),
    expect.stringContaining('Did you mean timeout?'),
    expect.stringContaining('Did you mean upload?'),
    expect.stringContaining('Did you mean first?'),
    expect.stringContaining('Did you mean inputs.service?'),
    expect.stringContaining('Did you mean replace?'),
  ]);
});

test('shapes of steps: missing, wrong and odd fields, each once', () => {
  expect(
    errors(`
name: ""
steps:
  - {kind: ssh}
  - {id: x}
  - 5
  - {id: q, kind: agent, sql: x}
  - {id: w, kind: wait, until: tomorrow}
  - {id: w2, kind: wait, for: "\${{ inputs.x }}s"}
  - {id: u, kind: upload, hosts: {names: ["*"]}, to: /x}
  - {id: i, kind: if, condition: true, then: []}
  - {id: p, kind: parallel, branches: []}
  - {id: r, kind: http, method: GET, url: x, retry: {attempts: 30, on: [host.auth_failed, run.x, my.code], backof: 1s}}
  - {id: t, kind: ssh, hosts: {tags: []}, command: x, retry: {attempts: "\${{ 3 }}"}, sudo: "\${{ 'root' }}", parallel: 300, maxFailures: 101%, batch: [], canary: 0}
  - {id: y, kind: switch, on: "1", cases: [{when: 1, steps: [{id: y1, kind: fail, message: m}]}, {when: [2, 1.0], steps: [{id: y2, kind: fail, message: m}]}]}
`),
  ).toEqual([
    '/name shape.bad_value',
    '/steps/0/id shape.missing_field',
    '/steps/0/hosts shape.missing_field',
    '/steps/0/command shape.missing_field',
    '/steps/1/kind shape.missing_field',
    '/steps/2 shape.wrong_type',
    '/steps/3/kind kind.not_available',
    '/steps/4/until shape.bad_value',
    '/steps/5/for shape.wrong_type',
    '/steps/6/content shape.missing_field',
    '/steps/7/condition shape.wrong_type',
    '/steps/7/then shape.bad_value',
    '/steps/8/branches shape.bad_value',
    '/steps/9/retry/attempts shape.bad_value',
    '/steps/9/retry/on/1 retry.code_not_retryable',
    '/steps/9/retry/backof shape.unknown_field',
    '/steps/10/hosts hosts.too_wide',
    '/steps/10/retry/attempts template.not_allowed',
    '/steps/10/sudo template.not_allowed',
    '/steps/10/parallel limit.exceeded',
    '/steps/10/maxFailures shape.bad_value',
    '/steps/10/batch shape.bad_value',
    '/steps/10/canary shape.bad_value',
    '/steps/11/cases/1/when switch.duplicate_case',
  ]);
});

test('shapes of inputs', () => {
  expect(
    errors(`
name: X
inputs:
  - {name: a, type: strng}
  - {name: b}
  - {name: c, type: choice, options: [x], default: y}
  - {name: d, type: list}
  - {name: e, type: list, items: {type: list}}
  - {name: f, type: object, fields: [{name: g, type: secret, default: x}, {name: g, type: string, minn: 2}]}
  - {name: h, type: date, min: 2026-02-30, default: "2026-01-01"}
  - {name: i, type: string, pattern: "(", default: x}
  - {name: j, type: string, visible: "inputs.later == 1"}
  - {name: later, type: integer, visible: "inputs.c == 'x'", min: 5, max: 4}
  - {name: l, type: list, items: {type: integer, min: 5}, default: [6, 4]}
  - {name: for, type: string, secret: true, default: x}
  - {name: o, type: choice, options: []}
${step}
`),
  ).toEqual([
    '/inputs/0/type shape.bad_value',
    '/inputs/1/type shape.missing_field',
    '/inputs/2/default input.default_invalid',
    '/inputs/3/items shape.missing_field',
    '/inputs/4/items/type shape.bad_value',
    '/inputs/5/fields/0/default input.secret_default',
    '/inputs/5/fields/1/name id.duplicate',
    '/inputs/5/fields/1/minn shape.unknown_field',
    '/inputs/6/min shape.bad_value',
    '/inputs/7/pattern shape.bad_value',
    '/inputs/8/visible expression.input_unknown',
    '/inputs/9/max shape.bad_value',
    '/inputs/10/default input.default_invalid',
    '/inputs/11/name id.reserved',
    '/inputs/11/default input.secret_default',
    '/inputs/12/options input.options_missing',
  ]);
});

test('the head is static but for the key; lists are no maps', () => {
  expect(
    errors(`
name: "\${{ run.id }}"
inputs: {a: 1}
steps: {a: 1}
timeout: 401d
concurrency: {key: "\${{ inputs.x }}/\${{ steps.a.output }}", limit: 0, onBusy: wait}
undoOn: [failed, broken]
`),
  ).toEqual([
    '/name template.not_allowed', '/inputs shape.wrong_type', '/steps shape.wrong_type', '/timeout shape.bad_value', '/concurrency/key expression.input_unknown', '/concurrency/key expression.step_unknown',
    '/concurrency/limit shape.bad_value', '/concurrency/onBusy shape.bad_value', '/undoOn/1 shape.bad_value',
  ]); // prettier-ignore
  expect(validatePlaybook([]).errors).toMatchObject([{ code: 'shape.wrong_type', path: '' }]);
});

test('secrets go where they may, by reference alone, also parts of a sensitive step’s output', () => {
  const child = {
    name: 'C',
    definition: {
      inputs: [
        { name: 'pw', type: 'secret' },
        { name: 'name', type: 'string' },
      ],
      steps: [],
    },
  };
  expect(
    errors(
      `
name: X
inputs: [{name: pw, type: secret}, {name: o, type: object, fields: [{name: k, type: secret}]}]
steps:
  - {id: s, kind: http, method: GET, url: "https://x", sensitive: true}
  - {id: a, kind: http, method: POST, url: "https://x", body: {a: "\${{ inputs.o.k }}", b: "\${{ inputs.pw + 'x' }}", c: "\${{ steps.s.output.body.token }}", d: "\${{ inputs.pw == null ? 'none' : 'some' }}", e: "\${{ run.dryRun ? inputs.pw : secrets.b }}"}}
  - {id: b, kind: set, if: "inputs.pw != null", values: {x: "\${{ inputs.o }}", y: "\${{ [secrets.b] }}", z: "\${{ has(inputs.pw) }}", w: "\${{ steps.s.status }}", v: "\${{ size(steps.s.output) }}"}}
  - {id: c, kind: playbook, playbook: C, inputs: {pw: "\${{ inputs.pw }}", name: "\${{ inputs.pw }}"}}
  - {id: d, kind: script, hosts: {names: [a]}, script: "echo \${{ inputs.pw }}", args: ["\${{ inputs.pw }}"]}
  - {id: f, kind: ssh, hosts: {names: [a]}, command: "login \${{ inputs.o }}", env: {A: "x \${{ secrets.b }}"}}
`,
      { playbooks: () => child },
    ),
  ).toEqual([
    '/steps/1/body/b expression.type_mismatched',
    '/steps/2/values/x secret.misplaced',
    '/steps/2/values/y secret.misplaced',
    '/steps/2/values/v secret.misplaced',
    '/steps/3/inputs/name secret.misplaced',
    '/steps/4/script template.not_allowed',
    '/steps/4/args/0 secret.misplaced',
    '/steps/5/command secret.in_command',
  ]);
});

test('hints: raw, timeouts, retries, undo, secrets, unused inputs, constants, second shells, unknown names', () => {
  expect(
    hints(
      `
name: X
inputs: [5, {name: unused, type: string}, {name: pin, type: secret, maxLength: 4}]
steps:
  - {id: a, kind: ssh, hosts: {names: [a]}, command: "eval \${{ vars.x }} \${{ raw('x') }}", retry: {attempts: 2}, stdin: "\${{ inputs.pin }}"}
  - {id: b, kind: http, method: GET, url: "https://x/\${{ vars.y }}", retry: {attempts: 2}, timeout: 1s, if: "1 < 2"}
  - {id: c, kind: upload, hosts: {names: [a]}, to: /x, content: x, undo: [{id: u, kind: set, values: {}}]}
`,
      { vars: ['y'] },
    ),
  ).toEqual([
    '/inputs/1 hint.input_unused',
    '/inputs/2/maxLength hint.short_secret',
    '/steps/0 hint.no_timeout',
    '/steps/0 hint.no_undo',
    '/steps/0/command hint.variable_unknown',
    '/steps/0/command hint.nested_shell',
    '/steps/0/command hint.raw',
    '/steps/0/command hint.nested_shell',
    '/steps/0/retry hint.retry_not_safe',
    '/steps/1/if hint.always_true',
  ]);
});

test('undo holds no undo, onFailure, parallel, each or playbook, at any depth', () => {
  expect(
    errors(`
name: X
steps:
  - id: a
    kind: set
    values: {}
    undo:
      - {id: b, kind: set, values: {}, undo: [{id: c, kind: set, values: {}}], onFailure: [{id: d, kind: set, values: {}}]}
      - {id: e, kind: if, condition: run.dryRun, then: [{id: f, kind: each, items: [], steps: [{id: g, kind: set, values: {}}]}]}
`),
  ).toEqual([
    '/steps/0/undo/0/undo undo.not_allowed',
    '/steps/0/undo/0/onFailure undo.not_allowed',
    '/steps/0/undo/1/then/0/kind undo.not_allowed',
  ]);
});

test('calls: circles by name, by id and far away, missing ones and versions, and how deep they go', () => {
  const chain = (name: string): Json => ({ name, steps: [{ id: 'x', kind: 'playbook', playbook: `${name}+` }] });
  const context: ValidationContext = {
    playbookId: 'id-1',
    playbooks: (name, version) => {
      if (name === 'nowhere') return 'unknown';
      if (version !== undefined && version > 3) return 'version_unknown';
      if (name === 'leaf' || name.length > 8) return { name, definition: { name, steps: [] } };
      if (name === 'ring')
        return { name, definition: { name, steps: [{ id: 'x', kind: 'playbook', playbook: 'ring' }] } };
      return {
        name,
        definition:
          name === 'back'
            ? {
                name,
                steps: [
                  { id: 'x', kind: 'if', condition: 'a', then: [{ id: 'y', kind: 'playbook', playbook: 'id-1' }] },
                ],
              }
            : chain(name),
      };
    },
  };
  const calls = ['id-1', 'Self', 'back', 'ring', 'nowhere', 'leaf', 'd'].map((playbook, at) => ({
    id: `s${at}`,
    kind: 'playbook',
    playbook,
    ...(playbook === 'leaf' ? { version: 4 } : {}),
  }));
  expect(
    validatePlaybook({ name: 'Self', steps: calls }, context).errors.map(({ code, path }) => `${path} ${code}`),
  ).toEqual([
    '/steps/0/playbook playbook.cyclic',
    '/steps/1/playbook playbook.cyclic',
    '/steps/2/playbook playbook.cyclic',
    '/steps/3/playbook playbook.cyclic',
    '/steps/4/playbook playbook.unknown',
    '/steps/5/version playbook.version_unknown',
    '/steps/6/playbook limit.exceeded',
  ]);
});

test('limits are told at their place with what it is', () => {
  const nested = (depth: number): Json =>
    depth === 0
      ? { id: 'z', kind: 'set', values: {} }
      : { id: `i${depth}`, kind: 'if', condition: 'run.dryRun', then: [nested(depth - 1)] };
  expect(validatePlaybook({ name: 'X', steps: [nested(limits.depth)] }).errors).toEqual([]);
  expect(validatePlaybook({ name: 'X', steps: [nested(limits.depth + 1)] }).errors).toMatchObject([
    { code: 'limit.exceeded', path: `/steps${'/0/then'.repeat(limits.depth + 1)}`, details: { limit: 'depth', is: 9 } },
  ]);
  const many = Array.from({ length: limits.steps + 1 }, (_, at) => ({ id: `s${at}`, kind: 'set', values: {} }));
  expect(validatePlaybook({ name: 'X', steps: many }).errors).toMatchObject([
    { code: 'limit.exceeded', path: '/steps', details: { limit: 'steps', is: 501 } },
  ]);
  expect(
    validatePlaybook({ name: 'X', steps: [], description: 'x'.repeat(limits.documentBytes) }).errors,
  ).toMatchObject([{ code: 'limit.exceeded', path: '' }]);
  const long = { id: 'a', kind: 'ssh', hosts: { names: ['a'] }, command: 'x'.repeat(limits.commandBytes + 1) };
  expect(validatePlaybook({ name: 'X', steps: [long] }).errors).toMatchObject([
    { code: 'limit.exceeded', path: '/steps/0/command' },
  ]);
  const wrong = Array.from({ length: 150 }, (_, at) => ({ id: `s${at}`, kind: 'nothing' }));
  expect(validatePlaybook({ name: 'X', steps: wrong }).errors).toHaveLength(limits.validationErrors);
});
