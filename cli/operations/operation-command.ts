import { z } from 'zod';
import { CommaList, QueryFlag } from '#contracts/kit/schemas.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { table } from '../kit/client.ts';
import { kebab, type OptionDef } from '../kit/scan-arguments.ts';
import { type Schema, alternativesOf, fits, schemaOf } from './schema-reader.ts';

/** A field of the query or of the body as an option. */
export interface Field extends OptionDef {
  /** As the API names it. */
  readonly field: string;
  readonly inQuery: boolean;
  readonly inBody: boolean;
  readonly schema: Schema;
  /** What its references lead into. */
  readonly root: Schema;
  readonly isRequired: boolean;
  /** Several values go out as one, apart by commas. */
  readonly isCommaList: boolean;
}
/** How an operation of the route table is typed as a command. */
export interface OperationCommand {
  readonly name: string;
  readonly id: string;
  readonly def: RouteDef;
  /** Path parameters, in the order of the path. */
  readonly params: readonly string[];
  readonly fields: readonly Field[];
  /** Options that every operation of this kind takes beside its fields. */
  readonly general: readonly (OptionDef & { readonly about: string })[];
  readonly isPaged: boolean;
}

/** Operations that no command line can make use of. */
const left: ReadonlySet<string> = new Set(
  Object.entries(table).flatMap(([id, { stream }]) => (stream === 'websocket' ? [id] : [])),
);
export const commandNames: ReadonlyMap<string, string> = new Map(
  Object.keys(table).flatMap((id) => (left.has(id) ? [] : [[kebab(id), id]])),
);

const plain = (type: unknown): unknown => {
  let inner = type;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable)
    inner = inner.unwrap();
  return inner;
};

interface Part {
  schema: Schema;
  root: Schema;
  isRequired: boolean;
  type: unknown;
}
/** The fields of an object's schema; of a choice of objects, all that any of them has. */
function partsOf(type: z.ZodType | undefined): Map<string, Part> {
  const parts = new Map<string, Part>();
  if (!type) return parts;
  const root = schemaOf(type);
  const objects = alternativesOf(root, root).filter(({ properties }) => properties);
  const isOptional = alternativesOf(root, root).length > objects.length; // it may be null as a whole
  const shape: unknown = (plain(type) as { shape?: unknown }).shape;
  for (const { properties = {} } of objects)
    for (const [name, schema] of Object.entries(properties)) {
      const known = parts.get(name)?.schema;
      parts.set(name, {
        schema: known ? { anyOf: [known, schema] } : schema,
        root,
        isRequired: !isOptional && objects.every(({ required }) => required?.includes(name)),
        type: plain((shape as Record<string, unknown> | undefined)?.[name]),
      });
    }
  return parts;
}

function fieldsOf(def: RouteDef): Field[] {
  const query = partsOf(def.query);
  const body = partsOf(def.body);
  return [...new Set([...query.keys(), ...body.keys()])].map((name): Field => {
    const part = query.get(name) ?? body.get(name);
    if (!part) throw new Error(`There is no field ${name}.`);
    const alternatives = alternativesOf(part.schema, part.root);
    const inQuery = query.has(name);
    return {
      name: kebab(name),
      field: name,
      inQuery,
      inBody: body.has(name),
      schema: part.schema,
      root: part.root,
      // The body may come as a file, with all that it needs.
      isRequired: part.isRequired && (inQuery || !def.rawBody),
      isFlag: part.type === QueryFlag || (!inQuery && fits(alternatives, 'boolean') && alternatives.length === 1),
      isMany: part.type === CommaList || fits(alternatives, 'array'),
      isCommaList: part.type === CommaList,
      hasParts: !inQuery && alternatives.some(({ type, properties }) => type === 'object' || properties),
    };
  });
}

/** The options beside an operation's own fields. No field has such a name: a test holds that. */
function generalOf(def: RouteDef, isPaged: boolean): OperationCommand['general'] {
  const takesBody = def.method !== 'GET' && def.method !== 'DELETE' && (def.body !== undefined || def.rawBody === true);
  return [
    ...(takesBody && def.body
      ? [{ name: 'data', about: 'the whole body as JSON, @FILE, or - for standard input; fields are put on top' }]
      : []),
    ...(takesBody
      ? [
          { name: 'file', about: 'the body as it is, from a file or - for standard input' },
          { name: 'content-type', about: 'what --file is; by its name where nothing is said' },
        ]
      : []),
    ...(isPaged ? [{ name: 'all', isFlag: true, about: 'all pages, one thing a line' }] : []),
    ...(def.stream === 'file' || def.stream === 'raw'
      ? [{ name: 'out', about: 'the file to write, once it has come whole; standard output where nothing is said' }]
      : [{ name: 'json', isFlag: true, about: 'JSON on a terminal too' }]),
    ...(def.idempotent ? [{ name: 'idempotency-key', about: 'the same key gets the first answer again' }] : []),
    ...(def.method === 'PATCH' || def.method === 'PUT'
      ? [{ name: 'if-match', about: 'the version the change was made from; a newer one is not overwritten' }]
      : []),
    { name: 'header', isMany: true, about: 'a header of the request, Name: value' },
  ];
}

/** The command of an operation. */
export function operationCommand(id: string): OperationCommand {
  const def = table[id];
  if (!def) throw new Error(`There is no operation ${id}.`);
  const fields = fieldsOf(def);
  const isPaged =
    def.stream === undefined &&
    fields.some(({ field, inQuery }) => inQuery && (field === 'cursor' || field === 'after'));
  return {
    name: kebab(id),
    id,
    def,
    params: [...def.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name),
    fields,
    general: generalOf(def, isPaged),
    isPaged,
  };
}
