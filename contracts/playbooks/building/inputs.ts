import type { Input, InputOption, InputType, JsonObject } from '../document.ts';
import { joined } from './expr.ts';
import type { Expression, Instant, SecretValue, Showable, Span } from './expr.ts';

declare const gives: unique symbol;

/** A declaration of the type of its value; its name is the key under which it stands. */
export interface InputOf<T> {
  readonly declaration: Omit<Input, 'name'>;
  readonly [gives]?: T;
}
export type InputsShape = { readonly [name: string]: InputOf<unknown> };
export type ValueOf<I> = I extends InputOf<infer T> ? T : never;

type Common = 'label' | 'description' | 'required' | 'placeholder' | 'group';
type Options<K extends keyof Input, T> = Pick<Input, Common | K> & {
  readonly default?: T;
  /** Over the inputs before it. */
  readonly visible?: string | Expression<boolean>;
};

const declare = <T>(type: InputType, options: object = {}): InputOf<T> => ({
  declaration: { type, ...options } as Omit<Input, 'name'>,
});

type Texts = 'minLength' | 'maxLength' | 'pattern' | 'patternMessage' | 'format';
export const string = (options?: Options<Texts, string>): InputOf<string> => declare('string', options);

/** As a function it declares a `text` input; as a template literal it writes text with expressions in it. */
export function text(options?: Options<Texts | 'language', string>): InputOf<string>;
export function text(strings: TemplateStringsArray, ...values: readonly Expression<Showable>[]): string;
export function text(
  first?: Options<Texts | 'language', string> | TemplateStringsArray,
  ...values: readonly Expression<Showable>[]
): InputOf<string> | string {
  return first !== undefined && 'raw' in first ? joined(first, values) : declare<string>('text', first);
}

type Bounds = 'min' | 'max';
export const number = (options?: Options<Bounds | 'step', number>): InputOf<number> => declare('number', options);
export const integer = (options?: Options<Bounds | 'step', number>): InputOf<number> => declare('integer', options);
export const boolean = (options?: Options<never, boolean>): InputOf<boolean> => declare('boolean', options);
export const date = (options?: Options<Bounds, string>): InputOf<string> => declare('date', options);
export const datetime = (options?: Options<Bounds, string>): InputOf<Instant> => declare('datetime', options);
export const duration = (options?: Options<Bounds, string>): InputOf<Span> => declare('duration', options);

type OptionValue<O> = O extends string ? O : O extends { readonly value: infer V } ? V : never;
export const choice = <const O extends readonly InputOption[]>(
  options: O,
  more?: Options<never, OptionValue<O[number]>>,
): InputOf<OptionValue<O[number]>> => declare('choice', { options, ...more });
export const multiChoice = <const O extends readonly InputOption[]>(
  options: O,
  more?: Options<'minItems' | 'maxItems', readonly OptionValue<O[number]>[]>,
): InputOf<readonly OptionValue<O[number]>[]> => declare('multi_choice', { options, ...more });

type Tags = 'tags' | 'anyTags' | 'notTags';
export const server = (options?: Options<Tags, string>): InputOf<string> => declare('server', options);
export const servers = (
  options?: Options<Tags | 'minItems' | 'maxItems', readonly string[]>,
): InputOf<readonly string[]> => declare('servers', options);
export const secret = (options?: Omit<Options<'minLength' | 'maxLength', never>, 'default'>): InputOf<SecretValue> =>
  declare('secret', options);

/** An object of these fields; without them any JSON object. */
export function object(options?: Options<never, JsonObject>): InputOf<JsonObject>;
export function object<const F extends InputsShape>(
  fields: F,
  options?: Options<never, JsonObject>,
): InputOf<{ readonly [K in keyof F]: ValueOf<F[K]> }>;
export function object(first: object = {}, options: object = {}): InputOf<never> {
  const isFields =
    Object.values(first).length > 0 &&
    Object.values(first).every((one) => typeof one === 'object' && one !== null && 'declaration' in one);
  return isFields
    ? declare('object', { fields: declarationsOf(first as InputsShape), ...options })
    : declare('object', first);
}

export const list = <T>(
  items: InputOf<T>,
  options?: Options<'minItems' | 'maxItems', readonly T[]>,
): InputOf<readonly T[]> => declare('list', { items: items.declaration, ...options });

/** The document's list of inputs, in the order of the keys. */
export const declarationsOf = (inputs: InputsShape): Input[] =>
  Object.entries(inputs).map(([name, { declaration }]) => ({ name, ...declaration }));
