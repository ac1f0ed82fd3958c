import type { Json } from '../document.ts';
import { placesInShell, shellWords } from '../shell.ts';
import type { ShellPlace } from '../shell.ts';
import { celOf, mentionsTemplate, scanTemplates } from '../templates.ts';
import type { TemplatePart } from '../templates.ts';
import { boundedJson, evaluateCel } from './evaluate.ts';
import { LanguageFailure } from './failure.ts';
import { namesIn } from './names.ts';
import type { SecretRef, Scope } from './scope.ts';
import { Raw, Secret, toText } from './values.ts';
import type { Value } from './values.ts';

export interface RenderOptions {
  /** Whether secrets may stand in this field: references then travel in the result (`SecretRef`, `SecretText`, `Literal`). */
  readonly secrets?: boolean;
}

const ownKeys = new Set(['$secret', '$text', '$literal']);

/** Data that looks like one of our references is wrapped, or an answer of some service could ask for a secret. */
const guard = (map: { [key: string]: Json }): Json =>
  Object.keys(map).some((key) => ownKeys.has(key)) ? { $literal: map } : map;

/**
 * Renders every string within a value (§3). A string that is one template keeps the type of its value; embedded ones
 * become text. Map keys are static. Throws a `LanguageFailure`.
 */
export function renderValue(value: Json, scope: Scope, options: RenderOptions = {}): Json {
  if (typeof value === 'string') return renderString(value, scope, options);
  if (Array.isArray(value)) return value.map((part) => renderValue(part, scope, options));
  if (typeof value !== 'object' || value === null) return value;
  const rendered = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, renderValue(part, scope, options)]),
  );
  return options.secrets ? guard(rendered) : rendered;
}

function renderString(text: string, scope: Scope, options: RenderOptions): Json {
  if (!mentionsTemplate(text)) return text;
  const parts = scanTemplates(text);
  const [first] = parts;
  if (parts.length === 1 && first?.kind === 'template') {
    const value = evaluateCel(first.source, scope);
    return options.secrets ? boundedJson(value, ({ ref }) => ref as unknown as Json, guard) : boundedJson(value);
  }
  const pieces = parts.map((part) =>
    part.kind === 'text' ? part.text : embedded(evaluateCel(part.source, scope), options),
  );
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
  return { $text: joinTexts(pieces) as unknown as Json };
}

function embedded(value: Value, { secrets }: RenderOptions): string | SecretRef {
  if (value instanceof Secret && secrets) return value.ref;
  return textOf(value);
}

function joinTexts(pieces: readonly (string | SecretRef)[]): (string | SecretRef)[] {
  const joined: (string | SecretRef)[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined;
}

/** The text of a value, measured before lists and maps are written out. */
function textOf(value: Value): string {
  if (typeof value === 'object' && value !== null) boundedJson(value);
  return toText(value);
}

/** Renders a string as text, also where it is one template: `5` becomes `"5"`. No secret may stand in it. */
export function renderText(text: string, scope: Scope): string {
  if (!mentionsTemplate(text)) return text;
  return scanTemplates(text)
    .map((part) => (part.kind === 'text' ? part.text : textOf(evaluateCel(part.source, scope))))
    .join('');
}

type ReadCommand = { readonly parts: readonly TemplatePart[]; readonly places: readonly ShellPlace[] };
const commands = new Map<string, ReadCommand>();

/** The parts and places of a command, read once: it is rendered for each of many hosts. */
function readCommand(text: string): ReadCommand {
  const known = commands.get(text);
  if (known) return known;
  const parts = scanTemplates(text);
  const read = { parts, places: placesInShell(parts) };
  if (commands.size >= 200) commands.clear();
  commands.set(text, read);
  return read;
}

/** Renders a shell command: each template becomes quoted words (§3), whatever its value holds. */
export function renderCommand(text: string, scope: Scope): string {
  if (!mentionsTemplate(text)) return text;
  const { parts, places } = readCommand(text);
  let seen = 0;
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const place = places[seen++];
      const value = evaluateCel(part.source, scope);
      // Checked at save too; a document that came another way must not get past it.
      if (!place || (place.unsafe !== undefined && !(value instanceof Raw))) {
        throw new LanguageFailure(
          'template.inside_quotes',
          `A value stands ${place?.unsafe ?? 'where it cannot be quoted'}: remove the quotes, values are quoted for you.`,
        );
      }
      if (typeof value === 'object' && value !== null && !(value instanceof Secret)) measureCommand(value);
      return shellWords(value, place);
    })
    .join('');
}

/** Bounds what a list or map would become; `raw` and secrets are dealt with by `shellWords`. */
function measureCommand(value: Value): void {
  try {
    boundedJson(value, () => null);
  } catch (error) {
    if (error instanceof LanguageFailure && error.code === 'expression.too_costly') throw error;
  }
}

/** Every CEL source within a value; `cel` says that its strings are CEL fields rather than texts with templates. */
function sourcesIn(value: Json, isCel: boolean): string[] {
  if (typeof value === 'string') {
    if (isCel) return [celOf(value).source];
    if (!mentionsTemplate(value)) return [];
    return scanTemplates(value).flatMap((part) => (part.kind === 'template' ? [part.source] : []));
  }
  if (Array.isArray(value)) return value.flatMap((part) => sourcesIn(part, isCel));
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((part) => sourcesIn(part, isCel))
    : [];
}

/** Ids of the steps that the templates of a value read, each once; with `cel` the strings are CEL fields such as `if`. */
export function referencedSteps(value: Json, options: { readonly cel?: boolean } = {}): string[] {
  const steps = sourcesIn(value, options.cel ?? false).flatMap((source) => namesIn(source).steps);
  return [...new Set(steps)];
}

/** Whether the templates of a value read `host`, so that they are rendered once for each. */
export const usesHost = (value: Json): boolean =>
  sourcesIn(value, false).some((source) => namesIn(source).roots.includes('host'));
