import type { Json } from '#contracts/kit/schemas.ts';
import type { Input, InputType } from '#contracts/playbooks/document.ts';
import { didYouMean } from '#contracts/playbooks/nearest.ts';
import { UsageError } from '../kit/exits.ts';
import { pairOf } from '../kit/scan-arguments.ts';

const lists: ReadonlySet<InputType> = new Set(['multi_choice', 'servers', 'list']);

function valueOf({ name, type }: Pick<Input, 'name' | 'type'>, text: string): Json {
  const wrong = (what: string): UsageError => new UsageError(`The input ${name} is ${what}, not ${text}.`);
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw wrong('true or false');
    return text === 'true';
  }
  if (type === 'number' || type === 'integer') {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw wrong('a number');
    return number;
  }
  if (type === 'object' || lists.has(type) || (type === 'secret' && text.startsWith('{'))) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      throw wrong('JSON');
    }
  }
  return text;
}

/**
 * Inputs as they were typed, `name=value` each, by the types that the playbook declares. A list is given by its items, or
 * at once as JSON; a name of the workspace's secrets as `{"secret": "name"}`. The server holds them to all else.
 * @throws UsageError
 */
export function readInputs(declared: readonly Input[], pairs: readonly string[]): Record<string, Json> {
  const inputs: Record<string, Json> = {};
  for (const pair of pairs) {
    const [name, text] = pairOf('input', pair);
    const input = declared.find((each) => each.name === name);
    if (!input) {
      const names = declared.map((each) => each.name);
      throw new UsageError(
        `The playbook has no input ${name}.${didYouMean(name, names)} It has: ${names.join(', ') || 'none'}.`,
      );
    }
    const known = inputs[name];
    if (lists.has(input.type) && !text.trimStart().startsWith('[')) {
      const { items } = input as { items?: { type?: InputType } };
      const item = valueOf({ name, type: items?.type ?? 'string' }, text);
      inputs[name] = [...(Array.isArray(known) ? known : []), item];
    } else if (known !== undefined) throw new UsageError(`The input ${name} is given twice.`);
    else inputs[name] = valueOf(input, text);
  }
  return inputs;
}
