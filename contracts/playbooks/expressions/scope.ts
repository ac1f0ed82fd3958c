import type { Input, Json, JsonObject } from '../document.ts';

/**
 * What travels instead of a secret's value. `$secret` names where it is: `secrets.api` (workspace secret), `inputs.pw`
 * (the run's own secret input), `<StepView.sealed>.output` or `<StepView.sealed>.hosts` (a sensitive step's result);
 * `path` is what was selected beneath it. Only an activity puts the value in.
 */
export interface SecretRef {
  readonly $secret: string;
  readonly path?: readonly (string | number)[];
}
/** Text with secrets embedded: the activity joins the parts. `Bearer ${{ secrets.t }}` is `{$text: ['Bearer ', {$secret: 'secrets.t'}]}`. */
export interface SecretText {
  readonly $text: readonly (string | SecretRef)[];
}
/** Data that only looks like one of ours (a map with a key `$secret`, `$text` or `$literal`), wrapped so that it is never taken for it. */
export interface Literal {
  readonly $literal: JsonObject;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isSecretRef = (value: unknown): value is SecretRef => isMap(value) && typeof value['$secret'] === 'string';
export const isSecretText = (value: unknown): value is SecretText => isMap(value) && Array.isArray(value['$text']);

/**
 * Puts the values in: deep, in a field rendered with `{secrets: true}`. `reveal` gives the secret of a reference (its
 * `path` still to be followed by `reveal`). Text with secrets is joined; `$literal` is unwrapped. Pure, so that every
 * activity does it alike.
 */
export function fillSecrets(rendered: Json, reveal: (ref: SecretRef) => Json): Json {
  if (Array.isArray(rendered)) return rendered.map((part) => fillSecrets(part, reveal));
  if (!isMap(rendered)) return rendered;
  if (isSecretRef(rendered)) return reveal(rendered);
  if (isSecretText(rendered))
    return rendered.$text.map((part) => (typeof part === 'string' ? part : asText(reveal(part)))).join('');
  return Object.fromEntries(Object.entries(unwrapped(rendered)).map(([key, part]) => [key, fillSecrets(part, reveal)]));
}

const unwrapped = (map: Record<string, unknown>): JsonObject => {
  const inner = map['$literal'];
  return (isMap(inner) && Object.keys(map).length === 1 ? inner : map) as JsonObject;
};

/** A secret within text: a string as it is, null as nothing, else compact JSON. */
const asText = (value: Json): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);

/** Every reference within a rendered value, so that an activity knows what to fetch (and what to mask) beforehand. */
export function secretRefsIn(rendered: Json): SecretRef[] {
  if (Array.isArray(rendered)) return rendered.flatMap(secretRefsIn);
  if (!isMap(rendered)) return [];
  if (isSecretRef(rendered)) return [rendered];
  if (isSecretText(rendered)) return rendered.$text.filter(isSecretRef);
  return Object.values(unwrapped(rendered)).flatMap(secretRefsIn);
}

/** `steps.id` as expressions see it. Instants are RFC 3339 strings here and timestamps in CEL. */
export interface StepView {
  readonly status: string;
  readonly output: Json;
  readonly error: Json;
  readonly attempts: number;
  readonly hosts: { readonly [name: string]: JsonObject };
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Set for a `sensitive` step: the prefix of its references, such as `steps.order` or `steps.e[2].order`. Output and hosts' output are then Secrets. */
  readonly sealed?: string;
  /** Whatever else the view carries (a playbook step's child run id as `run`). */
  readonly run?: string;
}

/** `run` as expressions see it. */
export interface RunView {
  readonly id: string;
  readonly title: string;
  readonly trigger: string;
  readonly actor: { readonly name: string; readonly email: string };
  readonly startedAt: string;
  readonly dryRun: boolean;
  readonly url: string;
  readonly playbook: { readonly name: string; readonly version: number };
  /** Only in `finally` and `undo`. */
  readonly status?: string;
  readonly error?: Json;
}

/** `host` in the fields of ssh, script and upload. */
export interface HostView {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tags: readonly string[];
}

/** Everything an expression can see at one instant. Plain data: it may come from anywhere and is converted once, here. */
export interface Scope {
  /** After `checkInputs`. A secret input's value here is never read: only whether it is null. */
  readonly inputs: { readonly [name: string]: Json };
  /** The declarations: they say that a `number` is double, a `datetime` a timestamp, a `secret` opaque. */
  readonly inputTypes?: readonly Input[];
  readonly vars: { readonly [name: string]: Json };
  readonly steps: { readonly [id: string]: StepView };
  readonly run: RunView;
  /** Names of the workspace's secrets. */
  readonly secrets: readonly string[];
  /** `item`, `index`, what `as` names, `response` in an http step's `expect.json`. */
  readonly locals: { readonly [name: string]: Json };
  readonly host?: HostView;
  /** In `onFailure`: the failed step's error. */
  readonly error?: Json;
  /** What `now()` gives: the instant the step started, by the caller's clock. */
  readonly nowMs: number;
}
