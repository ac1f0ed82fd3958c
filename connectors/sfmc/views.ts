import type { ColumnType, SchemaColumn, SchemaObject } from '#contracts/queries/engine.ts';
import { viewTexts } from './views-data.ts';

const types: Record<string, { type: ColumnType; nativeType: string }> = {
  N: { type: 'integer', nativeType: 'Number' },
  T: { type: 'text', nativeType: 'Text' },
  D: { type: 'timestamp', nativeType: 'Date' },
  B: { type: 'boolean', nativeType: 'Boolean' },
  E: { type: 'email', nativeType: 'EmailAddress' },
  P: { type: 'phone', nativeType: 'Phone' },
};

function readColumns(text: string): SchemaColumn[] {
  return text
    .split(', ')
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = '', code = 'T', length = ''] = /^(\w+) ([NTDBEP])(\d*)$/.exec(part) ?? [];
      return {
        name,
        ...(types[code] ?? { type: 'other', nativeType: code }),
        ...(length !== '' && { length: Number(length) }),
      };
    });
}

/** The system's data views. They are not at the service's catalog, so they are written down here. */
export const systemViews: readonly SchemaObject[] = Object.entries(viewTexts).map(([name, text]) => ({
  id: `view:${name}`,
  kind: 'view',
  name,
  sqlName: name,
  parentId: null,
  description:
    text === ''
      ? 'A system data view whose columns are not published.'
      : 'A system data view. Tracking goes back about six months.',
  columns: readColumns(text),
  details: { isSystem: true },
}));
