import type { Input, InputOption } from '#contracts/playbooks/document.ts';
import type { Json } from '#contracts/kit/schemas.ts';

/** What an input holds before anybody has touched it. */
export function defaultOf(input: Omit<Input, 'name'>): Json {
  if (input.default !== undefined) return input.default as Json;
  if (input.type === 'boolean') return false;
  if (input.type === 'list' || input.type === 'multi_choice' || input.type === 'servers') return [];
  return null;
}

/** The values of a form that was just opened. */
export const defaultValues = (inputs: readonly Input[]): Record<string, Json> =>
  Object.fromEntries(inputs.map((input) => [input.name, defaultOf(input)]));

/** An option in its long form. */
export const optionOf = (option: InputOption): { value: string; label: string; description?: string | undefined } =>
  typeof option === 'string'
    ? { value: option, label: option }
    : { value: option.value, label: option.label ?? option.value, description: option.description };

/** What is sent: without the inputs that were left alone, so that the document's own defaults hold. */
export const givenValues = (inputs: readonly Input[], values: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(
    inputs.flatMap(({ name }) => (values[name] === null || values[name] === undefined ? [] : [[name, values[name]]])),
  );
