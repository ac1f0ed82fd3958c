import type { Json } from '../document.ts';
import type { limits } from '../limits.ts';

/**
 * What a field may hold. These descriptions are the one place where fields are written down: the validator, the JSON
 * Schema for the editor and the reference for authors are all derived from them.
 */
export type Shape =
  | {
      readonly is: 'text';
      readonly least?: number;
      readonly most?: number;
      readonly limit?: LimitName;
      readonly oneOf?: readonly string[];
      readonly form?: TextForm;
    }
  /** Bare CEL, or one `${{ }}` around it. */
  | { readonly is: 'cel'; readonly gives: 'bool' | 'any' }
  | {
      readonly is: 'number';
      readonly isWhole?: boolean;
      readonly least?: number;
      readonly most?: number;
      readonly limit?: LimitName;
    }
  | { readonly is: 'boolean' }
  | { readonly is: 'percent' }
  | { readonly is: 'duration'; readonly mostMs?: number }
  | { readonly is: 'list'; readonly of: Shape; readonly least?: number; readonly limit?: LimitName }
  /** A map whose keys are the author's. */
  | { readonly is: 'map'; readonly of: Shape; readonly keys?: 'environment' | 'id' }
  /** A map whose fields are ours. */
  | { readonly is: 'object'; readonly fields: Fields }
  /** One of several, told apart by their JSON type. */
  | { readonly is: 'either'; readonly of: readonly Shape[] }
  /** Any JSON; templates in every string. */
  | { readonly is: 'any' }
  | { readonly is: 'steps' }
  | { readonly is: 'inputs' }
  | { readonly is: 'items' };

export type LimitName = keyof typeof limits;
export type TextForm = 'id' | 'instant' | 'pattern' | 'status';

/** How templates are treated in a field: as text, as shell words, or refused (§3 "static"). */
export type TemplateRule = 'text' | 'command' | 'static';

export interface Field {
  readonly shape: Shape;
  /** One sentence for authors. */
  readonly help: string;
  readonly isRequired?: boolean;
  /** What holds when the field is absent. */
  readonly default?: Json;
  readonly templates?: TemplateRule;
  /** Whether secrets may stand in it; `inputs`: only where the called playbook's input is secret. */
  readonly secrets?: true | 'inputs';
  /** Whether it is rendered once for each host and may read `host`. */
  readonly isPerHost?: true;
  /** A name that expressions in it may read beside the usual ones. */
  readonly local?: string;
  /** What of the workspace it names: forms offer those there are. */
  readonly names?: 'connection' | 'unit' | 'query';
}

export type Fields = Readonly<Record<string, Field>>;

type Extra = Omit<Field, 'shape' | 'help'>;

/** Builders, so that the tables read as tables: `field(text(), 'What it is', { isRequired: true })`. */
export const field = (shape: Shape, help: string, extra: Extra = {}): Field => ({ shape, help, ...extra });
export const required = (shape: Shape, help: string, extra: Extra = {}): Field => ({
  shape,
  help,
  isRequired: true,
  ...extra,
});
export const fixed = (shape: Shape, help: string, extra: Extra = {}): Field => ({
  shape,
  help,
  templates: 'static',
  ...extra,
});

export const text = (bounds: Omit<Extract<Shape, { is: 'text' }>, 'is'> = {}): Shape => ({ is: 'text', ...bounds });
export const oneOf = (...values: readonly string[]): Shape => ({ is: 'text', oneOf: values });
export const cel = (gives: 'bool' | 'any' = 'bool'): Shape => ({ is: 'cel', gives });
export const number = (bounds: Omit<Extract<Shape, { is: 'number' }>, 'is'> = {}): Shape => ({
  is: 'number',
  ...bounds,
});
export const whole = (least?: number, most?: number, limit?: LimitName): Shape => ({
  is: 'number',
  isWhole: true,
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
  ...(limit === undefined ? {} : { limit }),
});
export const boolean: Shape = { is: 'boolean' };
export const percent: Shape = { is: 'percent' };
export const duration = (mostMs?: number): Shape =>
  mostMs === undefined ? { is: 'duration' } : { is: 'duration', mostMs };
export const list = (of: Shape, bounds: { least?: number; limit?: LimitName } = {}): Shape => ({
  is: 'list',
  of,
  ...bounds,
});
export const map = (of: Shape, keys?: 'environment' | 'id'): Shape =>
  keys ? { is: 'map', of, keys } : { is: 'map', of };
export const object = (fields: Fields): Shape => ({ is: 'object', fields });
export const either = (...of: readonly Shape[]): Shape => ({ is: 'either', of });
export const any: Shape = { is: 'any' };
export const steps: Shape = { is: 'steps' };

/** What a shape is called in a message: "a number or a percentage such as "25%"". */
export function shapeName(shape: Shape): string {
  switch (shape.is) {
    case 'text':
      return shape.oneOf ? `one of ${shape.oneOf.join(', ')}` : 'a text';
    case 'cel':
      return 'a CEL expression, as text';
    case 'number':
      return shape.isWhole ? 'a whole number' : 'a number';
    case 'boolean':
      return 'true or false';
    case 'percent':
      return 'a percentage such as "25%"';
    case 'duration':
      return 'a duration such as 90s, 1h30m or 2d';
    case 'list':
      return 'a list';
    case 'map':
    case 'object':
    case 'items':
      return 'a map';
    case 'either':
      return shape.of.map(shapeName).join(' or ');
    case 'any':
      return 'a value';
    case 'steps':
      return 'a list of steps';
    case 'inputs':
      return 'a list of inputs';
  }
}
