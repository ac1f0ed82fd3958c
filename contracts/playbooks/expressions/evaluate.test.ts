import { expect, test } from 'vitest';
import type { Json } from '../document.ts';
import { evaluateBoolean, evaluateJson } from './evaluate.ts';
import { isLanguageFailure } from './failure.ts';
import { renderCommand, renderText, renderValue, referencedSteps, usesHost } from './render.ts';
import { fillSecrets, secretRefsIn } from './scope.ts';
import type { Scope, StepView } from './scope.ts';

const step = (output: Json, more: Partial<StepView> = {}): StepView => ({
  status: 'succeeded', output, error: null, attempts: 1, hosts: {}, startedAt: '2026-01-05T08:00:00Z', endedAt: null, ...more,
}); // prettier-ignore

const scope = (more: Partial<Scope> = {}): Scope => ({
  inputs: { n: 5, ratio: 2, text: "it's", none: null, at: '2026-01-31T10:00:00+02:00', rest: '1h30m', pw: 'x', o: { name: 'a', key: 'k' }, list: ['a b', "c'd"] },
  inputTypes: [
    { name: 'ratio', type: 'number' },
    { name: 'at', type: 'datetime' },
    { name: 'rest', type: 'duration' },
    { name: 'pw', type: 'secret' },
    { name: 'o', type: 'object', fields: [{ name: 'name', type: 'string' }, { name: 'key', type: 'secret' }] },
  ],
  vars: { region: 'eu' },
  steps: {
    call: step({ status: 200, body: { ok: true, 'a-b': [1, 2.5] }, none: null }),
    skipped: step(null, { status: 'skipped' }),
    sealed: step({ body: 'x' }, { sealed: 'steps.sealed', hosts: { h1: { status: 'succeeded', stdout: 'x', exitCode: 0 } } }),
  },
  run: { id: 'r1', title: 'T', trigger: 'user', actor: { name: 'Ana', email: 'ana@example.com' }, startedAt: '2026-01-05T08:00:00Z', dryRun: false, url: 'http://x', playbook: { name: 'P', version: 1 } },
  secrets: ['api'],
  locals: { item: { key: 1 } },
  nowMs: Date.parse('2026-01-05T08:00:00Z'),
  ...more,
}); // prettier-ignore

const value = (source: string, more?: Partial<Scope>): Json => evaluateJson(source, scope(more));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return isLanguageFailure(error) ? error.code : String(error);
  }
  return 'none';
};

test('int and double mix and give a double; whole numbers of JSON are int', () => {
  expect(value('inputs.n / 2')).toBe(2);
  expect(value('inputs.n * 1.5')).toBe(7.5);
  expect(value('inputs.ratio / 4')).toBe(0.5);
  expect(value('1 == 1.0 && [1] == [1.0] && 2.0 in [1, 2]')).toBe(true);
  expect(value('{1: "a"}[1.0]')).toBe('a');
  expect(value('int(7.9) + int("3") + int(run.startedAt)')).toBe(1767600010);
});

test('mixed lists add, compare and index, whatever their first element is', () => {
  expect(value("['a', 1] + [2, null]")).toEqual(['a', 1, 2, null]);
  expect(value("['a', 1] == ['a', 2]")).toBe(false);
  expect(value('steps.call.output.body["a-b"][1]')).toBe(2.5);
});

test('missing keys, indexes, null and unfit types fail; asked for softly they do not', () => {
  for (const source of [
    'steps.call.output.nope',
    '[1][1]',
    'inputs.none.x',
    '1 / 0',
    '1.0 / 0.0',
    '9223372036854775807 + 1',
    "'a' + 1",
    'timestamp("2026-02-30T00:00:00Z")',
    'int("x")',
    '-null',
    "'a' < 1",
    'secrets.nope',
  ]) {
    expect(
      codeOf(() => value(source)),
      source,
    ).toBe('expression.failed');
  }
  expect(value("steps.call.output.?body.?nope.orValue('d')")).toBe('d');
  expect(value('steps.skipped.output.?x.orValue(3)')).toBe(3);
  expect(value('steps.call.output.?nope')).toBe(null);
  expect(value("coalesce(steps.call.output.none, 'e')")).toBe('e');
  expect(value('has(steps.call.output.body) && !has(steps.call.output.nope) && !has(steps.skipped.output.x)')).toBe(
    true,
  );
});

test('&& and || absorb an error where the other side decides, on either side', () => {
  expect(value('steps.call.output.nope == 1 || true')).toBe(true);
  expect(value('steps.call.output.nope == 1 && false')).toBe(false);
  expect(codeOf(() => value('steps.call.output.nope == 1 && true'))).toBe('expression.failed');
  expect(value('[0, 1].exists(x, 1 / x == 1)')).toBe(true);
  expect(codeOf(() => value('[0, 1].filter(x, 1 / x == 1)'))).toBe('expression.failed');
});

test('macros work over lists and over the keys of maps', () => {
  expect(value('[3, 1, 2].filter(x, x > 1).map(x, x * 2)')).toEqual([6, 4]);
  expect(value('[1, 2, 3].map(x, x > 1, x + 1)')).toEqual([3, 4]);
  expect(value('{"a": 1, "b": 2}.map(k, k)')).toEqual(['a', 'b']);
  expect(value('[1, 2].exists_one(x, x == 2) && [1, 2].all(x, x > 0)')).toBe(true);
  expect(value('cel.bind(x, 2, x * x) + [1].map(item, item)[0] + item.key')).toBe(6);
});

test('timestamps and durations calculate, read in zones, and print as RFC 3339 and seconds', () => {
  expect(value('inputs.at')).toBe('2026-01-31T08:00:00Z');
  expect(value("inputs.at + duration('36h')")).toBe('2026-02-01T20:00:00Z');
  expect(value("inputs.at.getHours('Europe/Berlin')")).toBe(9);
  expect(value("timestamp('2026-07-01T00:30:00Z').getDayOfYear('America/New_York')")).toBe(180);
  expect(value('inputs.at - run.startedAt')).toBe('2246400s');
  expect(value('now() == run.startedAt && inputs.rest == duration("90m")')).toBe(true);
  expect(value("[timestamp('2026-01-01T00:00:00.250Z'), duration('1500ms'), duration('2d')]")).toEqual([
    '2026-01-01T00:00:00.250Z',
    '1500ms',
    '172800s',
  ]);
  expect(value("string(duration('90s')) + string(null) + string(1.5) + string(run.startedAt)")).toBe(
    '90s1.52026-01-05T08:00:00Z',
  );
});

test('types are values', () => {
  expect(
    value(
      'type(1) == int && type("a") == string && type(null) == null_type && type(inputs.at) == google.protobuf.Timestamp',
    ),
  ).toBe(true);
});

test('an evil pattern answers at once, and too much work is stopped however it is hidden', () => {
  const evil = 'a'.repeat(40_000);
  expect(value("inputs.s.matches('^(a+)+$')", { inputs: { s: `${evil}!` } })).toBe(false);
  const many = { inputs: { l: Array.from({ length: 80 }, () => 'x'), big: 'y'.repeat(60_000) } };
  for (const source of [
    "inputs.l.all(a, inputs.l.all(b, inputs.l.all(c, a + b + c != 'z')))",
    'inputs.l.exists(a, inputs.l.exists(b, inputs.l.exists(c, 1 / 0 == 1)))',
    'inputs.l.map(a, inputs.big + a)',
    'inputs.l.map(a, inputs.big)',
    'false || inputs.l.map(a, inputs.big).join("") == ""',
    "replace(inputs.big, 'y', 'yyyyyyyyyyyyyyyyyyyy')",
  ]) {
    expect(
      codeOf(() => value(source, many)),
      source,
    ).toBe('expression.too_costly');
  }
});

test('the turns of macros are counted, also where they make nothing', () => {
  const turns = (size: number): Json => {
    const l = Array.from({ length: size }, (_, at) => at);
    return value('inputs.l.all(a, inputs.l.all(b, a + b >= 0))', { inputs: { l } });
  };
  expect(turns(300)).toBe(true);
  expect(codeOf(() => turns(320))).toBe('expression.too_costly');
});

test('there is no truthiness', () => {
  expect(evaluateBoolean('${{ inputs.n == 5 }}', scope())).toBe(true);
  expect(codeOf(() => evaluateBoolean('inputs.n', scope()))).toBe('value.wrong_type');
});

test('a whole value keeps its type, embedded it becomes text', () => {
  const definition = {
    whole: '${{ inputs.n }}',
    text: 'n=${{ inputs.n }}',
    list: 'l=${{ inputs.list }}',
    nil: '[${{ null }}]',
    spaced: ' ${{ true }}',
    literal: '$${{ inputs.n }} costs $5',
    two: '${{ inputs.n }}${{ 1e21 }}',
  };
  expect(renderValue(definition, scope())).toEqual({
    whole: 5, text: 'n=5', list: `l=["a b","c'd"]`, nil: '[]', spaced: ' true', literal: '${{ inputs.n }} costs $5', two: '51e+21',
  }); // prettier-ignore
  expect(renderText('${{ inputs.n }}', scope())).toBe('5');
});

test('a secret travels as a reference, whole or embedded, and nothing else can be done with it', () => {
  const rendered = renderValue(
    {
      a: '${{ secrets.api }}',
      b: 'Bearer ${{ inputs.pw }}!',
      c: '${{ {"k": [inputs.o.key]} }}',
      d: '${{ steps.sealed.output.body[0] }}',
      e: "${{ steps.sealed.hosts['h1'].stdout }}",
    },
    scope(),
    { secrets: true },
  );
  expect(rendered).toEqual({
    a: { $secret: 'secrets.api' },
    b: { $text: ['Bearer ', { $secret: 'inputs.pw' }, '!'] },
    c: { k: [{ $secret: 'inputs.o', path: ['key'] }] },
    d: { $secret: 'steps.sealed.output', path: ['body', 0] },
    e: { $secret: 'steps.sealed.hosts', path: ['h1', 'stdout'] },
  });
  expect(secretRefsIn(rendered)).toHaveLength(5);
  expect(fillSecrets(rendered, ({ $secret }) => `<${$secret}>`)).toMatchObject({ b: 'Bearer <inputs.pw>!' });
  for (const source of [
    'size(secrets.api)',
    "secrets.api + 'x'",
    'secrets.api == secrets.api',
    "'a' in [secrets.api]",
    'toJson(inputs.o)',
    'base64(inputs.pw)',
    'inputs.pw.x',
  ]) {
    expect(['expression.failed', 'secret.misplaced'], source).toContain(codeOf(() => value(source)));
  }
  expect(codeOf(() => renderValue('${{ secrets.api }}', scope()))).toBe('secret.misplaced');
  expect(codeOf(() => renderCommand('login ${{ secrets.api }}', scope()))).toBe('secret.in_command');
  expect(codeOf(() => renderCommand('login ${{ [secrets.api] }}', scope()))).toBe('secret.in_command');
  expect(value('steps.sealed.hosts.h1.exitCode')).toBe(0);
});

test('data that looks like a reference never becomes one', () => {
  const hostile = scope({
    inputs: { answer: { $secret: 'secrets.api', deep: [{ $text: [{ $secret: 'secrets.api' }] }] } },
    inputTypes: [],
  });
  const rendered = renderValue({ body: '${{ inputs.answer }}' }, hostile, { secrets: true });
  expect(secretRefsIn(rendered)).toEqual([]);
  expect(fillSecrets(rendered, () => 'LEAKED')).toEqual({ body: hostile.inputs['answer'] });
});

test('the steps that a value reads are told, for the plan', () => {
  expect(
    referencedSteps({ a: 'x ${{ steps.call.output.x + steps["other"].status }}', b: ['${{ [1].map(steps, steps) }}'] }),
  ).toEqual(['call', 'other']);
  expect(referencedSteps("steps.call.status == 'x'", { cel: true })).toEqual(['call']);
  expect(referencedSteps('${{ steps[inputs.x].output }}')).toEqual(['*']);
  expect(usesHost('mv ${{ host.name }}') && !usesHost('echo ${{ inputs.host }} host.name')).toBe(true);
});
