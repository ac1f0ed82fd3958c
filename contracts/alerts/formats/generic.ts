import { z } from 'zod';
import { evaluateOver, type MappingIssue } from '../../hooks/map-values.ts';
import { isLanguageFailure } from '../../playbooks/expressions/failure.ts';
import type { Json, JsonObject } from '../../playbooks/document.ts';
import {
  boundedText,
  type IncomingAlert,
  instantText,
  keyOfLabels,
  labelsOf,
  linksOf,
  type ReadAlerts,
} from '../incoming-alert.ts';
import { severityOfWord } from '../severity.ts';

const Cel = z.string().min(1).max(4_000);

/** How to read JSON of any shape: CEL over `body`, `headers` and `query`. `items` finds the list where one request brings many; each is then `item`. */
export const AlertMapping = z.object({
  items: Cel.nullable().default(null),
  key: Cel.nullable().default(null),
  title: Cel,
  description: Cel.nullable().default(null),
  /** A word that the map of severities knows, or a number 1–24 of OpenTelemetry. */
  severity: Cel.nullable().default(null),
  /** True where the alert is over. */
  isResolved: Cel.nullable().default(null),
  /** A map. */
  labels: Cel.nullable().default(null),
  startsAt: Cel.nullable().default(null),
  link: Cel.nullable().default(null),
});
export type AlertMapping = z.infer<typeof AlertMapping>;

/** The names that its expressions may use. */
export const mappingNames = ['body', 'headers', 'query', 'item'] as const;
const mostItems = 20_000;

const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what came by a source's own mapping. An expression that fails on it refuses the request, and says which and why. */
export function readByMapping(mapping: AlertMapping, names: JsonObject, nowMs: number): ReadAlerts {
  const problems: MappingIssue[] = [];
  const ask = (path: keyof AlertMapping, scope: JsonObject): Json | undefined => {
    const expression = mapping[path];
    if (expression === null) return undefined;
    try {
      return evaluateOver(expression, scope, nowMs);
    } catch (error) {
      if (!isLanguageFailure(error)) throw error;
      if (problems.length < 20) problems.push({ path, code: error.code, message: error.message });
      return undefined;
    }
  };
  const found = ask('items', { ...names, item: null });
  if (mapping.items !== null && problems.length === 0 && !Array.isArray(found))
    problems.push({ path: 'items', code: 'type', message: 'It gives no list.' });
  const items =
    mapping.items === null ? [names['body'] ?? null] : Array.isArray(found) ? found.slice(0, mostItems) : [];
  const alerts = items.map((item): IncomingAlert => {
    const scope = { ...names, item };
    const labelValue = ask('labels', scope);
    const labels = labelsOf(isObject(labelValue) ? labelValue : {});
    const title = boundedText(textOf(ask('title', scope)), 500) || 'Alert without a name';
    return {
      key: textOf(ask('key', scope)) || keyOfLabels({ ...labels, title }),
      groupKey: null,
      status: ask('isResolved', scope) === true ? 'resolved' : 'firing',
      severity: severityOfWord(textOf(ask('severity', scope))) ?? 'info',
      title,
      description: boundedText(textOf(ask('description', scope))),
      labels,
      startsAt: instantText(textOf(ask('startsAt', scope))),
      endsAt: null,
      links: linksOf([['Source', textOf(ask('link', scope))]]),
    };
  });
  if (problems.length > 0)
    return { ok: false, message: 'The mapping of this source does not fit what came.', problems };
  return { ok: true, alerts };
}
