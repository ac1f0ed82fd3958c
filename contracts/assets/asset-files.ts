import { guardedField } from '../kit/csv-text.ts';
import type { AttributeDef, AttributeValue } from './asset-types.ts';
import { readValue } from './asset-types.ts';
import type { RelationKind } from './relations.ts';

/** The columns of a file of assets before those of the attributes, in the order of the export. */
export const fileColumns = ['key', 'name', 'type', 'description', 'tags', 'owner', 'criticality', 'state', 'server', 'relations'] as const; // prettier-ignore
export type FileColumn = (typeof fileColumns)[number];
/** Before the name of an attribute in the head of a CSV. */
export const attributePrefix = 'attr.';

/** An asset as files hold it: types by key, owners by mail address or `team:<name>`, servers by name, relations by key. */
export interface FileAsset {
  key: string;
  name: string;
  type: string;
  description: string;
  tags: string[];
  owner: string | null;
  criticality: string;
  state: string;
  server: string | null;
  relations: { kind: RelationKind; to: string }[];
  attributes: Record<string, AttributeValue>;
}

/**
 * A value as the text of one cell. What is no text, and what would be read as something else, is written as JSON, so that each
 * value comes back as it was.
 */
export const writeCell = (value: AttributeValue): string =>
  typeof value === 'string' && !looksLikeJson(value) ? value : JSON.stringify(value);

const looksLikeJson = (text: string): boolean =>
  text === '' || /^\s*(?:-?\d[\d.eE+-]*|true|false|\[[^]*\]|"[^]*")\s*$/.test(text);

/** A cell as the value it stands for, under its definition where there is one. */
export function readCell(text: string, def: Pick<AttributeDef, 'kind'> | undefined): AttributeValue {
  const value = parsed(text) ?? text;
  if (!def) return value;
  switch (def.kind) {
    case 'list':
      return Array.isArray(value) ? value : readValue('list', String(value));
    case 'number':
    case 'boolean':
      return typeof value === 'boolean' || Array.isArray(value) ? value : readValue(def.kind, String(value));
    default:
      // A number in a column of texts is the text that stands there.
      return typeof value === 'string' ? value : text;
  }
}

/** What a cell says as JSON; undefined where it is plain text. */
function parsed(text: string): AttributeValue | undefined {
  if (text === '' || !looksLikeJson(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(String);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  } catch {
    return undefined;
  }
}

export const relationsCell = (relations: FileAsset['relations']): string =>
  relations.map(({ kind, to }) => `${kind} ${to}`).join(';');

export const assetCsvHeader = (attributes: readonly string[]): string =>
  `${[...fileColumns, ...attributes.map((name) => `${attributePrefix}${name}`)].map(guardedField).join(',')}\r\n`;

export const assetCsvLine = (asset: FileAsset, attributes: readonly string[]): string => {
  const cells = [
    asset.key,
    asset.name,
    asset.type,
    asset.description,
    asset.tags.join(';'),
    asset.owner ?? '',
    asset.criticality,
    asset.state,
    asset.server ?? '',
    relationsCell(asset.relations),
    ...attributes.map((name) => {
      const value = asset.attributes[name];
      return value === undefined ? '' : writeCell(value);
    }),
  ];
  return `${cells.map(guardedField).join(',')}\r\n`;
};
