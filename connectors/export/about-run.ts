import type { ExportAbout } from './source.ts';

/** What a file says of the run whose result it is. */
interface RunOfFile {
  readonly runId: string;
  readonly title: string;
  readonly connectionName: string;
  readonly sql: string;
  readonly parameters: readonly { readonly name: string; readonly value: unknown }[];
  readonly rowCount: number | null;
  /** Null while it is being delivered: it was executed just now. */
  readonly endedAt: Date | null;
}

export const aboutRun = (run: RunOfFile): ExportAbout => ({
  title: run.title,
  connection: run.connectionName,
  runId: run.runId,
  sql: run.sql,
  parameters: Object.fromEntries(run.parameters.map(({ name, value }) => [name, value])),
  executedAt: (run.endedAt ?? new Date()).toISOString(),
  expectedRows: run.rowCount,
});

/** A title as the name of a file that every system takes, without an extension. */
export const plainFileName = (title: string): string =>
  title
    .replaceAll(/[^\w .-]+/g, ' ')
    .trim()
    .slice(0, 80) || 'query';
