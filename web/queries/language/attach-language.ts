import type { Diagnostic, Statement } from '#contracts/queries/sql/language.ts';
import { schemaColumn } from '#contracts/connections/schema-column.ts';
import { declaredParameter } from '#contracts/queries/parameter-defs.ts';
import { statementAt } from '#contracts/queries/sql/statement-at.ts';
import type { monaco as Monaco } from '../../kit/monaco.ts';
import { type LanguageFacts, schemaObject } from './language-facts.ts';
import { languageLine } from './language-line.ts';
import { privacyLens } from './privacy-lens.ts';
import { registerProviders } from './providers.ts';
import { rangeOf, type TaughtModel } from './taught-model.ts';

type Api = typeof Monaco;
type Model = Monaco.editor.ITextModel;

export interface AttachedLanguage {
  /** The facts have changed: names came, a parameter was declared. */
  readonly update: () => void;
  /** The statement around an offset, of the last text that was looked at. */
  readonly statementAt: (offset: number) => Statement | null;
  readonly dispose: () => void;
}

const taught = new WeakMap<Model, TaughtModel>();
/** Which names the worker's index of a place was made of. */
const sentSchemas = new Map<string, readonly unknown[]>();
const askedColumns = new Map<string, Promise<boolean>>();
const mostAsked = 20;

/**
 * Teaches a text the dialect of its engine: marks under what the engine will refuse, with fixes; completion; hover;
 * formatting; and for Amazon what will be hidden. All of it is thought out in a worker. Each change is sent at once unless
 * one is under way, then the last of those that came meanwhile; an answer to an older text is dropped.
 */
export function attachLanguage(
  monaco: Api,
  model: Model,
  editor: Monaco.editor.IStandaloneCodeEditor | null,
  facts: () => LanguageFacts,
): AttachedLanguage {
  const line = languageLine();
  registerProviders(monaco, (of) => taught.get(of));
  const lens = editor && privacyLens(model, editor);
  let statements: readonly Statement[] = [];
  let isDisposed = false;
  let isAsking = false;
  let isStale = false;

  const sendSchema = (): void => {
    const { schemaKey, schema, dialect } = facts();
    if (sentSchemas.get(schemaKey) === schema) return;
    sentSchemas.set(schemaKey, schema);
    void line
      .call('setSchema', schemaKey, dialect, schema.map(schemaObject))
      .catch(() => sentSchemas.delete(schemaKey));
  };
  const fetchColumns = async (ids: readonly string[]): Promise<boolean> => {
    const { schemaKey, readColumns } = facts();
    const came = await Promise.all(
      ids.slice(0, mostAsked).map((id) => {
        const key = `${schemaKey}\n${id}`;
        const asked =
          askedColumns.get(key) ??
          readColumns(id).then(
            async (columns) => {
              await line.call('setColumns', schemaKey, id, columns.map(schemaColumn));
              return true;
            },
            () => {
              // It may be asked again later, not at each key.
              setTimeout(() => askedColumns.delete(key), 30_000);
              return false;
            },
          );
        askedColumns.set(key, asked);
        return asked;
      }),
    );
    return came.some(Boolean);
  };
  const options = () => ({ parameters: facts().parameters.map(declaredParameter) });

  const look = async (): Promise<void> => {
    if (isAsking) {
      isStale = true;
      return;
    }
    isAsking = true;
    isStale = false;
    const versionId = model.getVersionId();
    const { schemaKey, dialect } = facts();
    try {
      const { analysis, privacy } = await line.call('analyse', schemaKey, dialect, model.getValue(), options());
      if (isDisposed || model.isDisposed()) return;
      if (versionId === model.getVersionId()) {
        statements = analysis.statements;
        taught.set(model, { diagnostics: analysis.diagnostics, versionId, facts, options, fetchColumns });
        monaco.editor.setModelMarkers(
          model,
          owner,
          analysis.diagnostics.map((one) => markerOf(monaco, model, one)),
        );
        lens?.show(privacy);
      }
      const unknown = analysis.columnsWanted.filter((id) => !askedColumns.has(`${schemaKey}\n${id}`));
      if (unknown.length > 0) void fetchColumns(unknown).then((isMore) => (isMore && !isDisposed ? look() : undefined));
    } catch {
      // The worker is gone: the text stays editable, without marks.
      if (!model.isDisposed()) monaco.editor.setModelMarkers(model, owner, []);
    } finally {
      isAsking = false;
      if (isStale && !isDisposed) void look();
    }
  };

  taught.set(model, { diagnostics: [], versionId: -1, facts, options, fetchColumns });
  sendSchema();
  void look();
  const changes = model.onDidChangeContent(() => void look());
  return {
    update: () => {
      sendSchema();
      void look();
    },
    statementAt: (offset) => statementAt(statements, offset),
    dispose: () => {
      isDisposed = true;
      changes.dispose();
      lens?.dispose();
      taught.delete(model);
      if (!model.isDisposed()) monaco.editor.setModelMarkers(model, owner, []);
    },
  };
}

const owner = 'language';

function markerOf(monaco: Api, model: Model, diagnostic: Diagnostic): Monaco.editor.IMarkerData {
  const { from, message, severity, code } = diagnostic;
  const severities = {
    error: monaco.MarkerSeverity.Error,
    warning: monaco.MarkerSeverity.Warning,
    info: monaco.MarkerSeverity.Info,
  };
  // What is missing at the end of the text is shown under its last character.
  const to = Math.max(diagnostic.to, from + 1);
  const length = model.getValueLength();
  const span = { from: Math.min(from, Math.max(0, length - 1)), to: Math.min(to, length) };
  const isOld = code === 'sql.deprecated_table';
  return {
    severity: severities[severity],
    message,
    code,
    source: 'Windlass',
    ...rangeOf(model, span),
    ...(isOld && { tags: [monaco.MarkerTag.Deprecated] }),
  };
}
