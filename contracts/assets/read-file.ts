import { z } from 'zod';
import { unguarded } from '../kit/csv-text.ts';
import { Tag } from '../kit/schemas.ts';
import { attributePrefix, fileColumns, readCell } from './asset-files.ts';
import { AssetKey, type AttributeDef, AttributeName, AttributeValue } from './asset-types.ts';
import { AssetState, Criticality } from './lifecycle.ts';
import { RelationKind } from './relations.ts';

/** What a line wants of its asset. What is absent stays as it is; null or an empty list empties it. */
export interface WantedAsset {
  key?: string;
  name?: string;
  type?: string;
  description?: string;
  tags?: string[];
  /** A mail address, or `team:<name>`. */
  owner?: string | null;
  criticality?: Criticality;
  state?: AssetState;
  server?: string | null;
  relations?: { kind: RelationKind; to: string }[];
  attributes: Record<string, AttributeValue | null>;
}
export interface FileLine {
  line: number;
  wanted: WantedAsset;
  errors: { field: string | null; message: string }[];
}

const Line = z.object({
  key: AssetKey.optional(),
  name: z.string().trim().min(1).max(200).optional(),
  type: z.string().trim().min(1).max(120).optional(),
  description: z.string().max(5_000).optional(),
  tags: z.array(Tag).max(50).optional(),
  owner: z.string().trim().min(1).max(320).nullish(),
  criticality: Criticality.optional(),
  state: AssetState.optional(),
  server: z.string().trim().min(1).max(120).nullish(),
  relations: z
    .array(z.object({ kind: RelationKind, to: AssetKey }))
    .max(500)
    .optional(),
  attributes: z.record(AttributeName, AttributeValue.nullable()).default({}),
});

/** Holds one line to what assets can be; each field that cannot be is named, the others count. */
function checked(line: number, raw: Record<string, unknown>): FileLine {
  const wanted: Record<string, unknown> = {};
  const errors: FileLine['errors'] = [];
  for (const [name, schema] of Object.entries(Line.shape)) {
    if (raw[name] === undefined && name !== 'attributes') continue;
    const result = schema.safeParse(raw[name]);
    if (result.success) wanted[name] = result.data;
    else
      errors.push({
        field: name,
        message:
          `${result.error.issues[0]?.path.join('.') ?? ''} ${result.error.issues[0]?.message ?? 'It is refused.'}`.trim(),
      });
  }
  const tags = wanted['tags'];
  if (Array.isArray(tags)) wanted['tags'] = [...new Set(tags)].sort();
  wanted['attributes'] ??= {};
  return { line, wanted: wanted as unknown as WantedAsset, errors };
}

/** What the columns of a CSV stand for; a text where the header is not one of ours. */
export function readHeader(titles: readonly string[]): string[] | { refused: string } {
  const columns = titles.map((title) => {
    const plain = unguarded(title.trim());
    if (plain.startsWith(attributePrefix)) return plain;
    return fileColumns.find((column) => column === plain.toLowerCase());
  });
  const unknown = columns.findIndex((column) => column === undefined);
  if (unknown >= 0)
    return {
      refused: `there is no column ${titles[unknown] ?? ''}; columns are ${fileColumns.join(', ')} and attr.<name> for attributes.`,
    };
  if (!columns.includes('key') && !columns.includes('name')) return { refused: 'a column key or name is missing.' };
  return columns.flatMap((column) => column ?? []);
}

/** One line of a CSV under its header. `defsOf` tells the definitions of a type's attributes by the type's key. */
export function readCsvLine(
  line: number,
  columns: readonly string[],
  cells: readonly string[],
  defsOf: (type: string | undefined) => ReadonlyMap<string, AttributeDef>,
): FileLine {
  const raw: Record<string, unknown> = {};
  const attributes: Record<string, AttributeValue | null> = {};
  const typeAt = columns.indexOf('type');
  const defs = defsOf(typeAt < 0 ? undefined : cells[typeAt]?.trim());
  for (const [index, column] of columns.entries()) {
    const text = unguarded(cells[index] ?? '');
    if (column.startsWith(attributePrefix)) {
      const name = column.slice(attributePrefix.length);
      attributes[name] = text === '' ? null : readCell(text, defs.get(name));
    } else if (column === 'tags') raw['tags'] = words(text);
    else if (column === 'relations') raw['relations'] = words(text).map(readRelation);
    else if (column === 'owner' || column === 'server') raw[column] = text.trim() === '' ? null : text.trim();
    else if (column === 'description') raw[column] = text;
    else if (text.trim() !== '')
      raw[column] = column === 'state' || column === 'criticality' ? text.trim().toLowerCase() : text.trim();
  }
  const read = checked(line, { ...raw, attributes });
  if (cells.length !== columns.length)
    read.errors.push({ field: null, message: 'The line has another number of fields than the header.' });
  return read;
}

const words = (text: string): string[] =>
  text
    .split(';')
    .map((word) => word.trim())
    .filter(Boolean);
const readRelation = (text: string): { kind: string; to: string } => {
  const [kind = '', ...to] = text.split(/\s+/);
  return { kind, to: to.join(' ') };
};

/** A file of JSON: a list of assets. */
export function readJsonFile(text: string): FileLine[] | { refused: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : 'it is no JSON.' };
  }
  if (!Array.isArray(value)) return { refused: 'it must be a list of assets.' };
  return value.map((item: unknown, index) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? checked(index + 1, item as Record<string, unknown>)
      : { line: index + 1, wanted: { attributes: {} }, errors: [{ field: null, message: 'This is no asset.' }] },
  );
}
