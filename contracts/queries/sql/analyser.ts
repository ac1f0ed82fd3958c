// Longer than most: what a name means, of which type it is and what is wrong with it are found in one walk over the tree.
import { didYouMean, nearestName } from '../../playbooks/nearest.ts';
import type { QueryParameter } from '../parameters.ts';
import { expandCtes } from './cte-rewrite.ts';
import { typeOfExpr } from './expression-types.ts';
import { checkGrouping, findAggregate } from './grouping.ts';
import type { AnalyseOptions, Dialect, QuickFix, Severity, Span, TableUse } from './language.ts';
import { quotedName } from './names.ts';
import type { Parsed } from './parse.ts';
import { type Field, type Fields, foldName, type SchemaIndex } from './schema-index.ts';
import { type Relation, Scope, type ScopeAt } from './scope.ts';
import { checkNames, checkSfmcCall, checkSfmcSelect } from './sfmc-rules.ts';
import { type Body, childrenOf, type Expr, type JoinedSource, type Name, type Problem, type Query, queryOf, type Select, type SelectItem, type Source } from './syntax.ts'; // prettier-ignore
import { type SqlType, widest } from './types.ts';

/** Most that is said of one statement. */
const mostProblems = 200;

/** A column of a result. */
export interface Output extends Span {
  readonly name: string | null;
  readonly type: SqlType | null;
}
type Ctes = ReadonlyMap<string, Relation>;
/** Null: the columns cannot be told. */
type Outputs = readonly Output[] | null;

export interface CteUse extends Span {
  readonly key: string;
  readonly hasAlias: boolean;
}

/** Resolves the names of one statement, infers the types of its result, and says what its engine will refuse. */
export class Analyser {
  readonly dialect: Dialect;
  readonly text: string;
  readonly schema: SchemaIndex;
  readonly options: AnalyseOptions;
  readonly problems: Problem[] = [];
  readonly tables: TableUse[] = [];
  readonly columnsWanted = new Set<string>();
  readonly scopes: ScopeAt[] = [];
  readonly cteUses: CteUse[] = [];
  /** The field that each column of the text means. */
  readonly resolved = new Map<Expr, { readonly field: Field; readonly relation: Relation }>();
  readonly #parameters: ReadonlyMap<string, QueryParameter>;
  readonly #brokenAt: number;
  readonly #aliases = new WeakMap<Select, Map<string, SelectItem>>();
  #depth = 0;
  unknownBecause: string | null = null;

  constructor(text: string, parsed: Parsed, schema: SchemaIndex, options: AnalyseOptions) {
    this.dialect = schema.dialect;
    this.text = text;
    this.schema = schema;
    this.options = options;
    this.#parameters = new Map((options.parameters ?? []).map((parameter) => [parameter.name, parameter]));
    this.#brokenAt = parsed.brokenAt;
  }

  report(severity: Severity, code: string, message: string, { from, to }: Span, fixes: readonly QuickFix[] = []): void {
    if (from < this.#brokenAt && !this.isFull) this.problems.push({ severity, code, message, from, to, fixes });
  }
  /** So much is wrong that nobody reads on; what else is found need not be put into words. */
  get isFull(): boolean {
    return this.problems.length >= mostProblems;
  }
  /** The item of a SELECT that has this name. */
  aliased(select: Select, key: string): SelectItem | undefined {
    let known = this.#aliases.get(select);
    if (!known) {
      known = new Map();
      for (const item of select.items) {
        const name = item.alias && this.key(item.alias);
        if (name !== null && !known.has(name)) known.set(name, item);
      }
      this.#aliases.set(select, known);
    }
    return known.get(key);
  }
  error(code: string, message: string, span: Span, fixes: readonly QuickFix[] = []): void {
    this.report('error', code, message, span, fixes);
  }
  key(name: Name): string {
    return foldName(this.dialect, name.text, name.isQuoted);
  }
  slice({ from, to }: Span): string {
    return this.text.slice(from, to);
  }
  parameter(name: string): QueryParameter | undefined {
    return this.#parameters.get(name);
  }
  /** A name as it is written where it stands alone. */
  quoted(name: string): string {
    return quotedName(this.dialect, name);
  }

  query(query: Query, around: Ctes, outer: Scope | null, isTop: boolean): Outputs {
    const ctes = new Map(around);
    for (const cte of query.ctes) {
      const key = this.key(cte.name);
      const relation = (fields: Fields | null): Relation => ({ key, label: cte.name.text, fields, object: null, isCte: true, from: cte.from, to: cte.to }); // prettier-ignore
      // A recursive one reads itself: by its first part, whose columns are those of all.
      if (cte.isRecursive) {
        const first = cte.query.body.kind === 'set' ? cte.query.body.parts[0] : undefined;
        const made = first ? this.#quietly(() => this.#body(first, ctes, outer, false)) : null;
        ctes.set(key, relation(fieldsOf(this, made, cte.columns)));
      }
      const outputs = this.query(cte.query, ctes, outer, false);
      ctes.set(key, relation(fieldsOf(this, outputs, cte.columns)));
    }
    const outputs = this.#body(query.body, ctes, outer, isTop, query);
    if (query.withAt && this.dialect === 'sfmc') this.#refuseCte(query, query.withAt);
    this.#tail(query, isTop, outputs);
    return query.isForXml ? [{ name: null, type: { type: 'text' }, from: query.from, to: query.to }] : outputs;
  }
  /** What is said of a part that is looked at twice counts once. */
  #quietly<T>(work: () => T): T {
    const counts = [this.problems.length, this.tables.length, this.cteUses.length] as const;
    const made = work();
    [this.problems, this.tables, this.cteUses].forEach((list, index) => list.splice(counts[index] ?? 0));
    return made;
  }
  #refuseCte(query: Query, withAt: Span): void {
    const [first] = query.ctes;
    const at = first ? { from: withAt.from, to: first.name.to } : withAt;
    const rewritten = expandCtes(this, query);
    this.report(
      this.options.cte ?? 'error',
      'sql.cte',
      'Marketing Cloud runs no common table expressions (WITH … AS): write them as subqueries.',
      at,
      rewritten === null
        ? []
        : [{ title: 'Write it as a subquery', edits: [{ from: withAt.from, to: query.to, text: rewritten }] }],
    );
  }
  #tail(query: Query, isTop: boolean, outputs: Outputs): void {
    if (this.dialect !== 'sfmc') return;
    const select = query.body.kind === 'select' ? query.body : null;
    if (query.hasOffset && !query.orderAt)
      this.error('sql.offset_without_order', 'OFFSET needs an ORDER BY: without one, which rows are passed over is chance.', { from: query.body.to, to: query.to }); // prettier-ignore
    if (query.orderAt && !select?.hasTop && !query.hasOffset && !query.isForXml) {
      this.error(
        'sql.order_by',
        'ORDER BY runs only together with TOP or OFFSET: the query becomes a part of a larger one. Sort the rows in the result.',
        query.orderAt,
        [{ title: 'Take ORDER BY away', edits: [{ ...query.orderAt, text: '' }] }],
      );
    }
    if (query.isForXml && isTop)
      this.error('sql.for_xml', 'FOR XML runs in subqueries alone.', { from: query.body.to, to: query.to });
    void outputs;
  }

  #body(body: Body, ctes: Ctes, outer: Scope | null, isTop: boolean, query?: Query): Outputs {
    switch (body.kind) {
      case 'query':
        return this.query(body, ctes, outer, isTop);
      case 'values': {
        const rows = body.rows.map((row) => row.map((cell) => this.expr(cell, new Scope([], outer), ctes)));
        return (rows[0] ?? []).map((_, index) => ({
          name: `column${index + 1}`,
          type: widest(rows.map((row) => row[index] ?? null)),
          from: body.from,
          to: body.to,
        }));
      }
      case 'set': {
        const parts = body.parts.map((part) => this.#body(part, ctes, outer, isTop && part === body.parts[0]));
        const [first] = parts;
        for (const [index, part] of parts.entries()) {
          const span = body.parts[index];
          if (first && part && span && part.length !== first.length)
            this.error('sql.column_count', `This part has ${count(part.length)}, the first one ${first.length}: they must be as many.`, span); // prettier-ignore
        }
        return (
          first?.map((output, index) => ({
            ...output,
            type: widest(parts.map((part) => part?.[index]?.type ?? null)),
          })) ?? null
        );
      }
      case 'select':
        return this.#select(body, ctes, outer, isTop, query);
    }
  }

  #select(select: Select, ctes: Ctes, outer: Scope | null, isTop: boolean, query?: Query): Outputs {
    const relations: Relation[] = [];
    const merged = new Set<string>();
    const place = { from: select.from, to: Math.max(select.to, query?.to ?? 0), depth: ++this.#depth };
    const scopeIndex = this.scopes.push({ ...place, ctes, scope: new Scope(relations, outer, merged) }) - 1;
    this.#sources(select.sources, ctes, outer, relations, merged);
    const scope = new Scope(relations, outer, merged);
    this.scopes[scopeIndex] = { ...place, ctes, scope };
    const outputs: Output[] = [];
    let isUnknown = false;
    for (const item of select.items) {
      if (item.expr.kind === 'star') {
        const starred = this.#star(item.expr, scope);
        if (starred) outputs.push(...starred);
        else isUnknown = true;
        continue;
      }
      const type = this.expr(item.expr, scope, ctes);
      const name = item.alias ? this.#label(item.alias) : this.#nameOf(item.expr);
      outputs.push({ name, type, from: item.from, to: item.to });
    }
    if (select.where) {
      this.expr(select.where, scope, ctes, select);
      const aggregate = findAggregate(this.dialect, select.where);
      if (aggregate) this.error('sql.aggregate_in_where', `${aggregate.name} counts over rows that WHERE has yet to choose: use HAVING.`, aggregate); // prettier-ignore
    }
    const withAliases = this.dialect === 'sfmc' ? scope : aliasScope(this, select, scope);
    for (const key of select.groupBy) this.expr(key, withAliases, ctes, select);
    if (select.having) this.expr(select.having, this.dialect === 'amc' ? withAliases : scope, ctes, select);
    for (const other of select.others) this.expr(other, scope, ctes);
    if (query && query.body === select) {
      const ordered = aliasScope(this, select, scope);
      for (const { expr } of query.orderBy) {
        const isBare = expr.kind === 'column' && expr.parts.length === 1;
        this.expr(expr, isBare ? ordered : scope, ctes, select);
      }
    }
    checkGrouping(this, select, scope);
    if (this.dialect === 'sfmc') checkSfmcSelect(this, select, scope, outputs, isTop);
    this.#depth--;
    return isUnknown ? null : outputs;
  }
  #label = (alias: Name): string =>
    this.dialect === 'postgres' && !alias.isQuoted ? alias.text.toLowerCase() : alias.text;
  #nameOf(expr: Expr): string | null {
    if (expr.kind === 'column') {
      const last = expr.parts.at(-1);
      const found = this.resolved.get(expr);
      return found?.field.name ?? (last && last.text !== '' ? this.#label(last) : null);
    }
    if (this.dialect !== 'postgres') return null;
    if (expr.kind === 'call') return expr.name.toLowerCase();
    if (expr.kind === 'cast') return this.#nameOf(expr.expr) ?? expr.type.name;
    return expr.kind === 'case' ? 'case' : '?column?';
  }
  #star(star: Expr & { kind: 'star' }, scope: Scope): readonly Output[] | null {
    const last = star.parts.at(-1);
    const relations = last ? [scope.relation(this.key(last))] : scope.relations;
    if (last && !relations[0]) {
      this.#unknownRelation(last, scope);
      return null;
    }
    if (relations.some((relation) => !relation?.fields)) {
      const wanted = relations.find((relation) => relation && !relation.fields);
      this.unknownBecause ??= wanted?.object
        ? `The columns of ${wanted.object.name} are not loaded yet.`
        : 'It is not known which columns * stands for.';
      return null;
    }
    return relations.flatMap((relation) =>
      [...(relation?.fields?.values() ?? [])].map(({ name, type }) => ({ name, type, from: star.from, to: star.to })),
    );
  }

  #sources(
    sources: readonly JoinedSource[],
    ctes: Ctes,
    outer: Scope | null,
    into: Relation[],
    merged: Set<string>,
  ): void {
    for (const joined of sources) {
      const before = into.length;
      this.#source(joined.source, ctes, outer, into, merged);
      for (const relation of into.slice(before)) {
        const twin = into.slice(0, before).find(({ key }) => key === relation.key && key !== '');
        if (twin) this.#twice(relation, joined.source);
      }
      const scope = new Scope(into, outer, merged);
      for (const name of joined.using) merged.add(this.key(name));
      if (joined.isNatural)
        for (const relation of into.slice(before)) for (const key of relation.fields?.keys() ?? []) merged.add(key);
      if (joined.on) {
        this.expr(joined.on, scope, ctes);
        const aggregate = findAggregate(this.dialect, joined.on);
        if (aggregate) this.error('sql.aggregate_in_where', `${aggregate.name} cannot stand in ON.`, aggregate);
      }
    }
  }
  #twice(relation: Relation, source: Source): void {
    const named = 'alias' in source && source.alias ? source.alias : source;
    const label = `${relation.label.replaceAll(/\W/g, '').slice(0, 20) || 't'}2`;
    this.error(
      'sql.self_join',
      `${relation.label} stands twice in this FROM: give each its own alias.`,
      named,
      source.kind === 'table' && !source.alias
        ? [{ title: `Name it ${label}`, edits: [{ from: source.name.at(-1)?.to ?? source.to, to: source.name.at(-1)?.to ?? source.to, text: ` AS ${label}` }] }] // prettier-ignore
        : [],
    );
  }
  #source(source: Source, ctes: Ctes, outer: Scope | null, into: Relation[], merged: Set<string>): void {
    switch (source.kind) {
      case 'group':
        return this.#sources(source.sources, ctes, outer, into, merged);
      case 'derived': {
        // LATERAL and APPLY read what stands before them; others simply find nothing of those names there.
        const outputs = this.query(source.query, ctes, new Scope([...into], outer, merged), false);
        const { body, isForXml } = source.query;
        if (this.dialect === 'sfmc' && body.kind === 'select' && outputs && source.columns.length === 0 && !isForXml)
          checkNames(this, body, outputs);
        if (!source.alias && this.dialect === 'sfmc') {
          const label = `t${into.length + 1}`;
          this.error('sql.subquery_alias', 'A subquery in FROM needs a name.', { from: source.to - 1, to: source.to }, [
            { title: `Name it ${label}`, edits: [{ from: source.to, to: source.to, text: ` AS ${label}` }] },
          ]);
        }
        into.push(this.#relation(source.alias, '', fieldsOf(this, outputs, source.columns), source));
        return;
      }
      case 'function': {
        if (source.call.kind === 'call') {
          this.expr(source.call, new Scope([...into], outer, merged), ctes);
          if (this.dialect === 'sfmc') checkSfmcCall(this, source.call);
        }
        const name = source.call.kind === 'call' ? source.call.name.toLowerCase() : '';
        into.push(this.#relation(source.alias, name, null, source));
        return;
      }
      case 'unknown': {
        const spaced = source.to === source.from ? this.#spaced(source.from) : false;
        void spaced;
        into.push(this.#relation(source.alias, '', null, source));
        return;
      }
      case 'table':
        into.push(this.#table(source, ctes));
        if (source.hint && /nolock/i.test(this.slice(source.hint)))
          this.report(
            'warning',
            'sql.nolock',
            'NOLOCK changes nothing: queries read uncommitted rows already.',
            source.hint,
            [{ title: 'Take the hint away', edits: [{ ...source.hint, text: '' }] }],
          );
    }
  }
  #relation(alias: Name | null, name: string, fields: Fields | null, { from, to }: Span): Relation {
    return {
      key: alias ? this.key(alias) : name,
      label: alias?.text ?? name,
      fields,
      object: null,
      isCte: false,
      from,
      to,
    };
  }
  /** Says that a name with spaces stands here without brackets, if the schema has one. */
  #spaced(from: number): boolean {
    const name = this.dialect === 'sfmc' ? this.schema.spacedNameAt(this.text, from) : undefined;
    if (name === undefined) return false;
    const span = { from, to: from + name.length };
    this.problems.push({
      severity: 'error',
      code: 'sql.needs_brackets',
      message: `${name} is written [${name}], because of its spaces, dashes or leading digit.`,
      ...span,
      fixes: [{ title: 'Put [brackets] around it', edits: [{ ...span, text: `[${name}]` }] }],
    });
    return true;
  }
  #table(source: Source & { kind: 'table' }, ctes: Ctes): Relation {
    const parts = source.name.filter(({ text }) => text !== '');
    const last = parts.at(-1) ?? { text: '', isQuoted: false, from: source.from, to: source.to };
    const span = { from: source.name[0]?.from ?? source.from, to: last.to };
    const keys = parts.map((part) => this.key(part));
    const named = source.alias ?? last;
    const common = { key: this.key(named), label: named.text, from: source.from, to: source.to };
    const cte = parts.length === 1 ? ctes.get(keys[0] ?? '') : undefined;
    if (cte) {
      this.cteUses.push({ ...span, key: cte.key, hasAlias: source.alias !== null });
      return { ...cte, ...common };
    }
    const spacedName = last.isQuoted ? undefined : this.schema.spacedNameAt(this.text, last.from);
    if (spacedName !== undefined && this.#spaced(last.from)) {
      return { ...common, fields: null, object: null, isCte: false };
    }
    const object = this.schema.find(keys);
    const written = parts.map(({ text }) => text).join('.');
    if (written !== '') this.tables.push({ ...span, name: this.slice(span), objectId: object?.id ?? null });
    if (!object) {
      if (written !== '') this.#unknownTable(written, span);
      return { ...common, fields: null, object: null, isCte: false };
    }
    const fields = this.schema.fieldsOf(object.id);
    if (!fields) this.columnsWanted.add(object.id);
    // A view whose columns nobody publishes says nothing of what it lacks.
    const isOpen = fields === null || fields.size === 0;
    const renamed = source.columns.length > 0 && fields ? renameFields(this, fields, source.columns) : fields;
    return { ...common, fields: isOpen ? null : renamed, object, isCte: false };
  }
  #unknownTable(written: string, span: Span): void {
    // An empty schema is one that is not loaded, not a service without tables.
    if (this.schema.size === 0) return;
    const isSystem = this.dialect === 'postgres' && /^(pg_|information_schema\b)/i.test(written);
    if (isSystem) return;
    const near = this.schema.nearestTable(written);
    const what = this.dialect === 'sfmc' ? 'data extension or data view' : 'table';
    this.error('sql.unknown_table', `There is no ${what} ${written}.${near ? ` Did you mean ${near}?` : ''}`, span, near ? [
      { title: `Change to ${near}`, edits: [{ ...span, text: near }] },
    ] : []); // prettier-ignore
  }

  /** The type of an expression; what is wrong with it is told. `inside`: the SELECT whose WHERE, GROUP BY … it stands in. */
  expr(expr: Expr, scope: Scope, ctes: Ctes, inside?: Select): SqlType | null {
    const inner = queryOf(expr);
    const nested = inner ? this.query(inner, ctes, scope, false) : null;
    const types = childrenOf(expr).map((child) => this.expr(child, scope, ctes, inside));
    if (expr.kind === 'column') this.#column(expr, scope, inside);
    if (expr.kind === 'call' && this.dialect === 'sfmc') checkSfmcCall(this, expr);
    return typeOfExpr(this, expr, types, nested?.[0]?.type ?? null);
  }
  #column(expr: Expr & { kind: 'column' }, scope: Scope, inside?: Select): void {
    const last = expr.parts.at(-1);
    if (!last || last.text === '') return;
    const before = expr.parts.at(-2);
    const found = scope.find(this.key(last), before && this.key(before));
    switch (found.kind) {
      case 'field':
        this.resolved.set(expr, found);
        return;
      case 'several': {
        // Of two tables of one name it is said that they are.
        if (new Set(found.relations.map(({ key }) => key)).size < found.relations.length) return;
        const fixes = found.relations.map(({ label }) => ({
          title: `Take it of ${label}`,
          edits: [{ from: last.from, to: last.from, text: `${this.quoted(label)}.` }],
        }));
        const labels = found.relations.map(({ label }) => label).join(' and ');
        this.error('sql.ambiguous_column', `${last.text} is a column of ${labels}: say which is meant.`, expr, fixes);
        return;
      }
      case 'none':
        if (before && !scope.relation(this.key(before))) this.#unknownRelation(before, scope);
        else this.#unknownColumn(expr, last, before, scope, inside);
    }
  }
  #unknownRelation(name: Name, scope: Scope): void {
    // A row of PostgreSQL: `(table).column`, or a schema before the table.
    if (this.dialect === 'postgres' && scope.find(this.key(name)).kind !== 'none') return;
    const labels = [...relationsOf(scope)].map(({ label }) => label);
    const near = nearestName(name.text, labels);
    this.error('sql.unknown_alias', `No table here is named ${name.text}.${near ? ` Did you mean ${near}?` : ''}`, name, near ? [
      { title: `Change to ${near}`, edits: [{ from: name.from, to: name.to, text: this.quoted(near) }] },
    ] : []); // prettier-ignore
  }
  #unknownColumn(expr: Expr, last: Name, before: Name | undefined, scope: Scope, inside?: Select): void {
    if (!before && this.dialect === 'postgres') {
      // The name of a table stands for its row; some words are values without brackets.
      if (scope.relation(this.key(last)) || /^(excluded|new|old|ctid|xmin|tableoid)$/i.test(last.text)) return;
    }
    if (this.isFull) return;
    const relationKey = before && this.key(before);
    const names = [...scope.names(relationKey)];
    const spaced = last.isQuoted ? undefined : spacedField(this.text, last.from, names);
    if (spaced !== undefined && this.dialect === 'sfmc') {
      const span = { from: last.from, to: last.from + spaced.length };
      this.error('sql.needs_brackets', `${spaced} is written [${spaced}], because of its spaces.`, span, [
        { title: 'Put [brackets] around it', edits: [{ ...span, text: `[${spaced}]` }] },
      ]);
      return;
    }
    const alias = inside && this.aliased(inside, this.key(last));
    if (alias && !before && this.dialect !== 'amc') {
      const written = this.slice(alias.expr);
      this.error(
        'sql.alias_not_here',
        `${last.text} is the name of a column of the result, which is not there yet: repeat its expression.`,
        expr,
        [{ title: 'Write the expression', edits: [{ from: expr.from, to: expr.to, text: alias.expr.kind === 'chain' ? `(${written})` : written }] }], // prettier-ignore
      );
      return;
    }
    const near = nearestName(last.text, names);
    const of = before ? ` in ${before.text}` : '';
    this.error('sql.unknown_column', `There is no column ${last.text}${of}.${didYouMean(last.text, names)}`, last, near ? [
      { title: `Change to ${near}`, edits: [{ from: last.from, to: last.to, text: this.quoted(near) }] },
    ] : []); // prettier-ignore
  }
}

const count = (columns: number): string => (columns === 1 ? 'one column' : `${columns} columns`);

function* relationsOf(scope: Scope): Generator<Relation> {
  yield* scope.relations;
  if (scope.outer) yield* relationsOf(scope.outer);
}

function spacedField(text: string, from: number, names: readonly string[]): string | undefined {
  return names
    .filter((name) => /\W/.test(name) && text.slice(from, from + name.length).toLowerCase() === name.toLowerCase())
    .toSorted((a, b) => b.length - a.length)[0];
}

/** Fields of a subquery's result, renamed where `name (a, b)` says so. Null where they are not known. */
export function fieldsOf(analyser: Analyser, outputs: Outputs, columns: readonly Name[]): Fields | null {
  if (!outputs) return null;
  const fields = new Map<string, Field>();
  for (const [index, { name, type }] of outputs.entries()) {
    const given = columns[index];
    const label = given?.text ?? name;
    if (label === null || label === undefined) continue;
    const key = given ? analyser.key(given) : analyser.dialect === 'postgres' ? label : label.toLowerCase();
    if (!fields.has(key)) fields.set(key, { name: label, type, column: null });
  }
  return fields;
}
function renameFields(analyser: Analyser, fields: Fields, columns: readonly Name[]): Fields {
  const renamed = new Map<string, Field>();
  for (const [index, [key, field]] of [...fields].entries()) {
    const given = columns[index];
    renamed.set(given ? analyser.key(given) : key, given ? { ...field, name: given.text } : field);
  }
  return renamed;
}

/** ORDER BY (and in PostgreSQL GROUP BY) may also name what the SELECT calls its columns. */
function aliasScope(analyser: Analyser, select: Select, scope: Scope): Scope {
  const fields = new Map<string, Field>();
  for (const { alias } of select.items)
    if (alias) fields.set(analyser.key(alias), { name: alias.text, type: null, column: null });
  const relation: Relation = { key: '', label: '', fields, object: null, isCte: false, from: 0, to: 0 };
  return new Scope([relation], new Scope(scope.relations, scope.outer, scope.merged));
}
