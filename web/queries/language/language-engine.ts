import type { EngineKind, SchemaColumn, SchemaObject } from '#contracts/queries/engine.ts';
import { forecastPrivacy, type PrivacyForecast } from '#contracts/queries/amc/privacy.ts';
import { catalogOfIndex, plainAmcText } from '#contracts/queries/sql/amc.ts';
import { analyse } from '#contracts/queries/sql/analyse.ts';
import { complete } from '#contracts/queries/sql/complete.ts';
import { formatSql } from '#contracts/queries/sql/format.ts';
import { hover } from '#contracts/queries/sql/hover.ts';
import type { Analysis, AnalyseOptions, Completion, Hover } from '#contracts/queries/sql/language.ts';
import { SchemaIndex } from '#contracts/queries/sql/schema-index.ts';
import { tokenize } from '#contracts/queries/sql/tokens.ts';

export interface Analysed {
  readonly analysis: Analysis;
  /** What Amazon will hide; null of other engines and of what cannot be read. */
  readonly privacy: PrivacyForecast | null;
}

/**
 * The language service as the worker runs it: one index for each schema that is open, by a key of the page's choice. What
 * it is asked with a key it does not know, it answers as of an empty schema.
 */
export function makeLanguageEngine() {
  const indexes = new Map<string, SchemaIndex>();
  const indexOf = (key: string, dialect: EngineKind): SchemaIndex => indexes.get(key) ?? new SchemaIndex(dialect, []);
  return {
    /** Holds the names of a schema from now on; columns that are known stay. */
    setSchema(key: string, dialect: EngineKind, objects: readonly SchemaObject[]): void {
      const before = indexes.get(key);
      const index = new SchemaIndex(dialect, objects);
      for (const { id } of objects) {
        const columns = before?.columnsOf(id);
        if (columns && !index.hasColumns(id)) index.setColumns(id, columns);
      }
      indexes.set(key, index);
    },
    setColumns(key: string, id: string, columns: readonly SchemaColumn[]): void {
      indexes.get(key)?.setColumns(id, columns);
    },
    forget(key: string): void {
      indexes.delete(key);
    },
    analyse(key: string, dialect: EngineKind, text: string, options: AnalyseOptions): Analysed {
      const index = indexOf(key, dialect);
      const privacy =
        dialect === 'amc' ? forecastPrivacy(plainAmcText(tokenize('amc', text)), catalogOfIndex(index)) : null;
      return { analysis: analyse(dialect, text, index, options), privacy };
    },
    complete: (key: string, dialect: EngineKind, text: string, offset: number, options: AnalyseOptions): Completion =>
      complete(text, offset, indexOf(key, dialect), options),
    hover: (key: string, dialect: EngineKind, text: string, offset: number, options: AnalyseOptions): Hover | null =>
      hover(text, offset, indexOf(key, dialect), options),
    /** Loads the formatter when it is first asked for. */
    format: (dialect: EngineKind, text: string): Promise<string> => formatSql(dialect, text),
  };
}
export type LanguageEngine = ReturnType<typeof makeLanguageEngine>;
