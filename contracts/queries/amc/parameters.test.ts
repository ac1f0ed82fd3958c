import { expect, test } from 'vitest';
import { type AmcDataType, bindParameters, parametersIn } from './parameters.ts';

test('parameters are found outside strings and comments alone, each once', () => {
  expect(
    parametersIn(
      "SELECT {{ a }}, '{{ b }}', \"{{ c }}\" -- {{ d }}\n, {{a}} /* {{ e }} */, CUSTOM_PARAMETER('f'), {{ 9 }}",
    ),
  ).toEqual(['a', 'f']);
});

const one = (type: AmcDataType, value: unknown, isList = false) => {
  const bound = bindParameters('{{ p }}', [{ name: 'p', type, isList }], { p: value });
  return bound.ok ? bound.bound.parameterValues['p'] : bound.problems[0]?.code;
};

test.each<[AmcDataType, unknown, unknown]>([
  ['STRING', "it's; --", "it's; --"],
  ['STRING', 5, 'parameter.invalid'],
  ['INTEGER', '42', 42],
  ['INTEGER', 2_147_483_648, 'parameter.invalid'],
  ['BYTE', 128, 'parameter.invalid'],
  ['SHORT', -32_768, -32_768],
  ['LONG', '9007199254740993', '9007199254740993'],
  ['LONG', '12', 12],
  ['LONG', 1.5, 'parameter.invalid'],
  ['DECIMAL', '1.25', 1.25],
  ['DOUBLE', 'x', 'parameter.invalid'],
  ['DOUBLE', Number.NaN, 'parameter.invalid'],
  ['BOOLEAN', 'true', true],
  ['BOOLEAN', 'yes', 'parameter.invalid'],
  ['DATE', '2026-02-28', '2026-02-28'],
  ['DATE', '2026-02-30', 'parameter.invalid'],
  ['TIMESTAMP', '2026-01-31T08:00:00', '2026-01-31T08:00:00'],
  ['TIMESTAMP', '2026-01-31T25:00:00', 'parameter.invalid'],
  ['CALENDAR_INTERVAL', 'P7D', 'P7D'],
  ['CALENDAR_INTERVAL', 'P', 'parameter.invalid'],
  ['BINARY', 'aGk=', 'aGk='],
  ['STRING', ['a'], 'parameter.invalid'],
  ['STRING', null, 'parameter.missing'],
])('%s of %j', (type, value, expected) => {
  expect(one(type, value)).toBe(expected);
});

test('lists go cell by cell; a single value is none', () => {
  expect(one('INTEGER', ['1', 2], true)).toEqual([1, 2]);
  expect(one('INTEGER', ['1', 'x'], true)).toBe('parameter.invalid');
  expect(one('INTEGER', 1, true)).toBe('parameter.invalid');
});

test('only what the query uses is sent, with its type as the service writes it', () => {
  const declared = [
    { name: 'names', type: 'STRING', isList: true },
    { name: 'unused', type: 'DATE', isList: false },
    { name: 'least', type: 'LONG', isList: false, description: 'At least so many' },
  ] as const;
  expect(bindParameters('{{ names }} {{ least }}', declared, { names: ['x'], least: 3, unused: 'no date' })).toEqual({
    ok: true,
    bound: {
      inputParameters: [
        { name: 'names', dataType: { type: 'ARRAY', elementDataType: 'STRING' }, columnType: 'DIMENSION' },
        { name: 'least', dataType: 'LONG', columnType: 'DIMENSION', description: 'At least so many' },
      ],
      parameterValues: { names: ['x'], least: 3 },
    },
  });
  expect(bindParameters('{{ other }}', declared, {})).toEqual({
    ok: false,
    problems: [{ code: 'parameter.undeclared', parameter: 'other' }],
  });
  expect(
    bindParameters('{{ constructor }}', [{ name: 'constructor', type: 'STRING', isList: false }], {}),
  ).toMatchObject({ ok: false, problems: [{ code: 'parameter.missing' }] });
});
