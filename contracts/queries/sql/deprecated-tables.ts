import { isDeprecated, tagNoteOf } from '../object-tags.ts';
import type { Diagnostic, TableUse } from './language.ts';
import { foldName, type SchemaIndex } from './schema-index.ts';

/** Warns of each table that its service wants to take away, with a fix where it names another that is there. */
export function deprecatedTables(tables: readonly TableUse[], schema: SchemaIndex): Diagnostic[] {
  return tables.flatMap(({ from, to, name, objectId }): Diagnostic[] => {
    const object = objectId === null ? undefined : schema.object(objectId);
    if (!object || !isDeprecated(object)) return [];
    const note = tagNoteOf(object);
    const instead = (note.match(/[A-Za-z_][\w.]*\w/g) ?? [])
      .map((word) => schema.find(word.split('.').map((part) => foldName(schema.dialect, part, false))))
      .find((other) => other && other.id !== object.id && !isDeprecated(other))?.sqlName;
    return [
      {
        severity: 'warning',
        code: 'sql.deprecated_table',
        message: `${name} is deprecated: its service will take it away.${note && ` ${note}`}`,
        from,
        to,
        fixes: instead ? [{ title: `Change to ${instead}`, edits: [{ from, to, text: instead }] }] : [],
      },
    ];
  });
}
