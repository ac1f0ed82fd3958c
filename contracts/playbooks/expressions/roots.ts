import type { Input, InputItems, Json, JsonObject } from '../document.ts';
import { parseDuration } from '../duration.ts';
import { failed } from './operators.ts';
import type { Scope, StepView } from './scope.ts';
import { timestampOf } from './time.ts';
import { CelType, Duration, fromJson, Namespace, Secret } from './values.ts';
import type { Value } from './values.ts';

const google = new Map<string, Value>([
  [
    'protobuf',
    new Map<string, Value>([
      ['Timestamp', new CelType('google.protobuf.Timestamp')],
      ['Duration', new CelType('google.protobuf.Duration')],
    ]),
  ],
]);

/** What the names of an expression stand for in a scope (§4). Made when read: a condition seldom reads them all. */
export function rootsOf(scope: Scope): (name: string) => Value | undefined {
  const made = new Map<string, Value | undefined>();
  return (name) => {
    if (!made.has(name)) made.set(name, rootOf(name, scope));
    return made.get(name);
  };
}

function rootOf(name: string, scope: Scope): Value | undefined {
  if (Object.hasOwn(scope.locals, name)) return fromJson(scope.locals[name] ?? null);
  switch (name) {
    case 'inputs':
      return inputsOf(scope);
    case 'vars':
      return fromJson(scope.vars);
    case 'steps':
      return new Namespace(Object.keys(scope.steps), (id) => stepOf(scope.steps[id]));
    case 'run':
      return runOf(scope);
    case 'secrets':
      return new Namespace(scope.secrets, (secret) => new Secret({ $secret: `secrets.${secret}` }));
    case 'host':
      return scope.host && fromJson(scope.host as unknown as Json); // a HostView is JSON: names, numbers and a list
    case 'error':
      return scope.error === undefined ? undefined : fromJson(scope.error);
    case 'google':
      return google;
    default:
      return undefined;
  }
}

function inputsOf({ inputs, inputTypes = [] }: Scope): Namespace {
  const declared = new Map(inputTypes.map((input) => [input.name, input]));
  return new Namespace([...new Set([...declared.keys(), ...Object.keys(inputs)])], (name) => {
    const declaration = declared.get(name);
    const value = inputs[name] ?? null;
    return declaration ? typed(value, declaration, { root: `inputs.${name}`, path: [] }) : fromJson(value);
  });
}

interface Place {
  readonly root: string;
  readonly path: readonly (string | number)[];
}

/** A checked value as its declaration types it: `number` is always double, `datetime` a timestamp, `secret` opaque. */
function typed(value: Json, declaration: Input | InputItems, place: Place): Value {
  if (value === null) return null;
  if (declaration.type === 'secret' || declaration.secret === true) {
    return new Secret(place.path.length === 0 ? { $secret: place.root } : { $secret: place.root, path: place.path });
  }
  switch (declaration.type) {
    case 'number':
      return Number(value);
    case 'datetime':
      return timestampOf(String(value));
    case 'duration': {
      const ms = parseDuration(String(value));
      if (ms === undefined) throw failed(`${place.root} is no duration`);
      return new Duration(ms);
    }
    case 'list': {
      const { items } = declaration;
      if (!items || !Array.isArray(value)) return fromJson(value);
      return value.map((part: Json, at) => typed(part, items, { root: place.root, path: [...place.path, at] }));
    }
    case 'object':
      return declaration.fields ? objectOf(value, declaration.fields, place) : fromJson(value);
    default:
      return fromJson(value);
  }
}

function objectOf(value: Json, fields: readonly Input[], place: Place): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fromJson(value);
  const given = value as JsonObject;
  const known = new Map(fields.map((field) => [field.name, field]));
  return new Map(
    [...new Set([...known.keys(), ...Object.keys(given)])].map((key): [string, Value] => {
      const field = known.get(key);
      const part = given[key] ?? null;
      return [key, field ? typed(part, field, { root: place.root, path: [...place.path, key] }) : fromJson(part)];
    }),
  );
}

const instant = (text: string | null | undefined): Value =>
  text === null || text === undefined ? null : timestampOf(text);

function stepOf(step: StepView | undefined): Value {
  if (!step) return null;
  const keys = [
    'status',
    'output',
    'error',
    'attempts',
    'hosts',
    'startedAt',
    'endedAt',
    ...(step.run === undefined ? [] : ['run']),
  ];
  return new Namespace(keys, (key) => {
    switch (key) {
      case 'status':
        return step.status;
      case 'output':
        return step.sealed !== undefined && step.output !== null
          ? new Secret({ $secret: `${step.sealed}.output` }, true)
          : fromJson(step.output);
      case 'error':
        return fromJson(step.error);
      case 'attempts':
        return BigInt(step.attempts);
      case 'hosts':
        return new Namespace(Object.keys(step.hosts), (name) => hostOf(step, name));
      case 'startedAt':
        return instant(step.startedAt);
      case 'endedAt':
        return instant(step.endedAt);
      default:
        return step.run ?? null;
    }
  });
}

/** One host's result; a sensitive step's stdout and stderr are secret like its output. */
function hostOf(step: StepView, name: string): Value {
  const result = fromJson(step.hosts[name] ?? null);
  if (step.sealed === undefined || !(result instanceof Map)) return result;
  const hosts = new Secret({ $secret: `${step.sealed}.hosts` }, true).part(name);
  return new Map(
    [...result].map(([key, value]) => [key, key === 'stdout' || key === 'stderr' ? hosts.part(String(key)) : value]),
  );
}

function runOf({ run }: Scope): Namespace {
  const { startedAt, actor, playbook, status, error, ...plain } = run;
  const others: { [key: string]: Value } = {
    startedAt: timestampOf(startedAt),
    actor: fromJson({ ...actor }),
    playbook: fromJson({ ...playbook }),
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error: fromJson(error) }),
  };
  for (const [key, value] of Object.entries(plain)) others[key] = fromJson(value);
  return new Namespace(Object.keys(others), (key) => others[key] ?? null);
}
