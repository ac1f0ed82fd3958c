import { sensitivities, sensitivityRules } from '../amc/sensitivity.ts';
import type { SchemaObject } from '../engine.ts';
import { isDeprecated, tagNoteOf } from '../object-tags.ts';
import { windowParameters } from '../parameters.ts';
import { readPlaceholder } from '../placeholders.ts';
import { analyseDeeply } from './analyse.ts';
import { scopeAround } from './complete.ts';
import { functionsOf } from './functions.ts';
import type { AnalyseOptions, Hover } from './language.ts';
import { type Field, foldName, type SchemaIndex } from './schema-index.ts';
import type { Relation } from './scope.ts';

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

/** What stands at a place of a text: a table, column, function or parameter, and what is known of it. Null: nothing. */
export function hover(text: string, offset: number, schema: SchemaIndex, options: AnalyseOptions = {}): Hover | null {
  const { dialect } = schema;
  const deep = analyseDeeply(dialect, text, schema, options);
  const token = deep.tokens.find(({ from, to }) => from <= offset && offset < to);
  if (!token) return null;
  const span = { from: token.from, to: token.to };
  if (token.kind === 'parameter') {
    const { name, type } = readPlaceholder(token, null);
    const declared = [...(options.parameters ?? []), ...windowParameters].find((one) => one.name === name);
    const known = declared?.type ?? type ?? 'text';
    return { ...span, text: `${code(name ?? token.text)} · ${known} parameter${declared?.description ? `\n\n${declared.description}` : ''}` }; // prettier-ignore
  }
  if (token.kind !== 'word' && token.kind !== 'quoted') return null;
  for (const analyser of deep.analysers) {
    for (const [expr, { field, relation }] of analyser?.resolved ?? []) {
      const last = expr.kind === 'column' ? expr.parts.at(-1) : undefined;
      if (last && last.from <= offset && offset < last.to) return { ...span, text: aboutColumn(field, relation) };
    }
  }
  const use = deep.analysis.tables.find(({ from, to }) => from <= offset && offset < to);
  if (use) {
    const object = use.objectId === null ? undefined : schema.object(use.objectId);
    if (object) return { from: use.from, to: use.to, text: aboutTable(object, schema.columnsOf(object.id)?.length) };
  }
  const after = deep.tokens.find(({ from, kind }) => from >= token.to && kind !== 'space');
  const called = functionsOf[dialect].get(token.key);
  if (called && (after?.key === '(' || !called.signature.includes('(')))
    return { ...span, text: `${code(called.signature)}${called.about ? `\n\n${called.about}` : ''}` };
  const relation = scopeAround(deep, offset)?.scope.relation(foldName(dialect, token.value, token.kind === 'quoted'));
  if (relation && relation.label !== '')
    return {
      ...span,
      text: relation.object
        ? aboutTable(relation.object, relation.fields?.size)
        : `${code(relation.label)} · ${relation.isCte ? 'WITH' : 'subquery'}${relation.fields ? `, ${relation.fields.size} columns` : ''}`,
    };
  return null;
}

function aboutTable(object: SchemaObject, columns: number | undefined): string {
  const { name, kind, description } = object;
  const head = `**${name.replaceAll('*', '\\*')}** · ${kind}${columns === undefined ? '' : `, ${columns} columns`}`;
  const old = isDeprecated(object) ? `**Deprecated.** ${tagNoteOf(object)}` : '';
  return [head, description, old].filter(Boolean).join('\n\n');
}

function aboutColumn({ name, type, column }: Field, relation: Relation): string {
  const size = type?.length === undefined ? (type?.precision === undefined ? '' : `(${type.precision}, ${type.scale ?? 0})`) : `(${type.length})`; // prettier-ignore
  const facts = [
    type ? `${type.nativeType ?? type.type}${size}` : 'type not known',
    column?.isKey ? 'key' : '',
    column?.isRequired ? 'never null' : '',
    relation.object ? `of ${relation.object.name}` : relation.label === '' ? '' : `of ${relation.label}`,
  ].filter(Boolean);
  const level = sensitivities.find((one) => one === column?.details?.['sensitivity']);
  const parts = [`**${name.replaceAll('*', '\\*')}** · ${facts.join(' · ')}`];
  if (column?.description) parts.push(column.description);
  if (level) parts.push(aboutPrivacy(level));
  return parts.join('\n\n');
}

/** What a column's sensitivity means for a query (AMC §5.1). */
export function aboutPrivacy(level: (typeof sensitivities)[number]): string {
  const { usersNeeded, mayBeFiltered } = sensitivityRules[level];
  const shown =
    usersNeeded === null
      ? 'may never be output'
      : usersNeeded === 1
        ? 'shown in every row'
        : `shown in rows of at least ${usersNeeded} users`;
  return `Privacy ${level.replace('_', ' ')}: ${shown}${mayBeFiltered ? '' : '; may not be compared with a fixed value'}.`;
}
