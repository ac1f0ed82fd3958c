import { type AmcCatalog, isAudienceTable, sensitivityOf } from '../catalog.ts';
import { mostSensitive, type Sensitivity, sensitivityRules } from '../sensitivity.ts';
import { type ExprFacts, factsOf, findAggregate, isAggregate } from './facts.ts';
import { fanOuts, isEventTable, otherTimes } from './habits.ts';
import type { Problem } from './problems.ts';
import { type Field, type Relation, Scope } from './scope.ts';
import { type Body, childrenOf, type Expr, type Query, queryOf, type Select, type Source } from './syntax.ts';
import type { Span } from './tokens.ts';

export interface Analysis {
  /** In order of place; that there is no aggregate at all comes last. */
  readonly problems: readonly Problem[];
  /** The result's columns. */
  readonly outputs: readonly (Field & Span)[];
  /** Lower-case names of the instance's tables that are read, in order of first mention. */
  readonly tables: readonly string[];
  readonly parameters: readonly string[];
}
export interface AnalysisOptions {
  /** Names of declared parameters, or undefined where any is taken. */
  readonly parameters?: readonly string[];
  readonly isAudience?: boolean;
}

/** Resolves all names of a query against an instance's tables and says what the service will refuse, with places. */
export function analyseQuery(query: Query, catalog: AmcCatalog, options: AnalysisOptions = {}): Analysis {
  const analyser = new Analyser(catalog, options);
  const relation = analyser.query(query, new Map(), undefined, true);
  const problems = analyser.problems.toSorted((a, b) => a.from - b.from);
  // Last, though it is about all of the query: whatever else is wrong comes first.
  if (!analyser.hasAggregate) problems.push({ code: 'sql.no_aggregate', from: query.from, to: query.to, facts: {} });
  return {
    problems,
    outputs: analyser.spanned(relation.fields),
    tables: [...analyser.tables],
    parameters: [...analyser.parameters],
  };
}

type Ctes = ReadonlyMap<string, Omit<Relation, 'alias'>>;
const keyOf = ({ from, to }: Span): string => `${from}-${to}`;

class Analyser {
  readonly problems: Problem[] = [];
  readonly tables = new Set<string>();
  readonly parameters = new Set<string>();
  hasAggregate = false;
  readonly #spans = new Map<Field, Span>();
  readonly #seen = new Set<string>();
  readonly #catalog: AmcCatalog;
  readonly #options: AnalysisOptions;
  constructor(catalog: AmcCatalog, options: AnalysisOptions) {
    this.#catalog = catalog;
    this.#options = options;
  }

  report(code: Problem['code'], { from, to }: Span, facts: Problem['facts']): void {
    const key = `${code}:${from}`;
    if (!this.#seen.has(key)) this.problems.push({ code, from, to, facts });
    this.#seen.add(key);
  }
  spanned(fields: readonly Field[]): (Field & Span)[] {
    return fields.map((field) => ({ ...field, ...(this.#spans.get(field) ?? { from: 0, to: 0 }) }));
  }

  query(query: Query, around: Ctes, outer: Scope | undefined, isFinal: boolean): Omit<Relation, 'alias'> {
    const ctes = new Map(around);
    for (const cte of query.ctes) {
      const made = this.query(cte.query, ctes, outer, false);
      if (cte.columns.length > 0 && cte.columns.length !== made.fields.length)
        this.report('sql.column_count', cte, { expected: made.fields.length, found: cte.columns.length });
      ctes.set(
        cte.name.text.toLowerCase(),
        renamed(
          made,
          cte.columns.map(({ text }) => text),
        ),
      );
    }
    const made = this.#body(query.body, ctes, outer, isFinal, query);
    if (isFinal && query.orderBy.length > 0) {
      const [first] = query.orderBy;
      if (first) this.report('sql.order_by', { from: first.from, to: query.orderBy.at(-1)?.to ?? first.to }, {});
    }
    return made;
  }

  #body(body: Body, ctes: Ctes, outer: Scope | undefined, isFinal: boolean, query: Query): Omit<Relation, 'alias'> {
    switch (body.kind) {
      case 'query':
        return this.query(body, ctes, outer, isFinal);
      case 'values': {
        const cells = body.rows.map((row) => row.map((cell) => this.#expr(cell, new Scope([], outer), ctes)));
        const fields = (cells[0] ?? []).map((cell, index): Field => ({
          ...cell,
          name: `EXPR$${index}`,
          isMetric: false,
          sensitivity: 'NONE',
          origins: [],
        }));
        return { fields, tables: [] };
      }
      case 'union': {
        const left = this.#body(body.left, ctes, outer, isFinal, query);
        const right = this.#body(body.right, ctes, outer, isFinal, query);
        if (left.fields.length !== right.fields.length)
          this.report('sql.column_count', body.right, { expected: left.fields.length, found: right.fields.length });
        const fields = left.fields.map((field, index) => {
          const other = right.fields[index] ?? field;
          const both = {
            ...field,
            sensitivity: mostSensitive([field.sensitivity, other.sensitivity]),
            origins: [...new Set([...field.origins, ...other.origins])],
            isMetric: field.isMetric && other.isMetric,
          };
          this.#spans.set(both, this.#spans.get(field) ?? body);
          return both;
        });
        const isEvents = left.isEvents === true || right.isEvents === true;
        return { fields, tables: [...new Set([...left.tables, ...right.tables])], isEvents };
      }
      case 'select':
        return this.#select(body, ctes, outer, isFinal);
    }
  }

  #select(select: Select, ctes: Ctes, outer: Scope | undefined, isFinal: boolean): Omit<Relation, 'alias'> {
    const relations = select.source ? this.#source(select.source, ctes, outer) : [];
    const scope = new Scope(relations, outer);
    const made: Field[] = [];
    for (const [index, { expr, alias, from, to }] of select.items.entries()) {
      if (expr.kind === 'star') {
        this.report('sql.select_star', expr, {});
        continue;
      }
      const facts = this.#expr(expr, scope, ctes);
      const name = alias?.text ?? (expr.kind === 'column' ? expr.name.text : `EXPR$${index}`);
      const field: Field = { ...facts, name };
      this.#spans.set(field, { from, to });
      made.push(field);
      const { mayBeOutput } = sensitivityRules[facts.sensitivity];
      if (isFinal && !mayBeOutput)
        this.report(
          'sql.sensitive_output',
          { from, to },
          { column: facts.origins[0]?.split('.')[1] ?? name, sensitivity: facts.sensitivity },
        );
    }
    if (select.where) {
      this.#expr(select.where, scope, ctes);
      this.#habits(select.where, relations, outer);
      const aggregate = findAggregate(select.where);
      if (aggregate) this.report('sql.aggregate_in_where', aggregate, { name: aggregate.name });
    }
    this.#grouping(select, scope, ctes);
    if (select.having) this.#having(select, select.having, scope, ctes);
    const isAddedUp =
      select.isDistinct || select.groupBy.length > 0 || select.items.some(({ expr }) => findAggregate(expr));
    return {
      fields: made,
      tables: [...new Set(relations.flatMap(({ tables }) => tables))],
      isEvents: !isAddedUp && relations.some(({ isEvents }) => isEvents),
    };
  }

  /** What runs, and yet counts otherwise than it seems to. */
  #habits(condition: Expr, relations: readonly Relation[], outer: Scope | undefined): void {
    for (const { from, to, left, right } of fanOuts(condition, relations))
      this.report('sql.fan_out', { from, to }, { left, right });
    const scope = new Scope(relations, outer);
    for (const { from, to, ...facts } of otherTimes(condition, (name, table) => scope.find(name, table)))
      this.report('sql.other_time', { from, to }, facts);
  }

  /** Each item must be made of what the rows of a group have in common. */
  #grouping(select: Select, scope: Scope, ctes: Ctes): void {
    const items = select.items.map(({ expr }) => expr);
    const aggregated = items.some((expr) => findAggregate(expr)) || (select.having && findAggregate(select.having));
    if (select.groupBy.length === 0 && !aggregated) return;
    this.hasAggregate ||= Boolean(aggregated);
    const keys = select.groupBy.flatMap((expr): Expr[] => {
      if (expr.kind === 'literal' && expr.type === 'number') {
        const item = select.items[Number(expr.value) - 1];
        if (!item) this.report('sql.ordinal_out_of_range', expr, {});
        else if (findAggregate(item.expr)) this.report('sql.aggregate_in_group', expr, {});
        return item ? [item.expr] : [];
      }
      // An alias of the SELECT may name a group, unless a column of that name is there.
      if (expr.kind === 'column' && !expr.table && scope.find(expr.name.text).length === 0) {
        const item = select.items.find(({ alias }) => alias?.text.toLowerCase() === expr.name.text.toLowerCase());
        if (item) return [item.expr];
      }
      this.#expr(expr, scope, ctes);
      const aggregate = findAggregate(expr);
      if (aggregate) this.report('sql.aggregate_in_group', aggregate, {});
      return [expr];
    });
    const nameOf = namesIn(scope);
    const grouped = new Set(keys.map(nameOf));
    const check = (expr: Expr): void => {
      if (grouped.has(nameOf(expr)) || isAggregate(expr)) return;
      if (expr.kind === 'column' && scope.find(expr.name.text, expr.table?.text).length === 1)
        this.report('sql.not_grouped', expr, { column: expr.name.text });
      else childrenOf(expr).forEach(check);
    };
    items.filter(({ kind }) => kind !== 'star').forEach(check);
  }

  #having(select: Select, having: Expr, scope: Scope, ctes: Ctes): void {
    const ranked = new Set(
      select.items.flatMap(({ alias, expr }) =>
        alias && expr.kind === 'call' && expr.over ? [alias.text.toLowerCase()] : [],
      ),
    );
    const look = (expr: Expr): void => {
      if (expr.kind === 'column' && !expr.table && ranked.has(expr.name.text.toLowerCase()))
        this.report('sql.window_in_having', expr, { alias: expr.name.text });
      childrenOf(expr).forEach(look);
    };
    look(having);
    this.#expr(having, aliased(select, scope), ctes);
  }

  #source(source: Source, ctes: Ctes, outer: Scope | undefined): Relation[] {
    switch (source.kind) {
      case 'join': {
        const left = this.#source(source.left, ctes, outer);
        // An UNNEST on the right reads columns of what stands to its left.
        const right = this.#source(source.right, ctes, source.right.kind === 'unnest' ? new Scope(left, outer) : outer);
        const all = [...left, ...right];
        if (source.on) {
          this.#expr(source.on, new Scope(all, outer), ctes);
          this.#habits(source.on, all, outer);
        }
        const person = source.using.find(({ text }) => text.toLowerCase() === 'user_id');
        const [events, others] = [left, right].map((side) => side.find(({ isEvents }) => isEvents));
        if (person && events && others) this.report('sql.fan_out', person, { left: events.alias, right: others.alias });
        return all;
      }
      case 'derived': {
        const made = renamed(
          this.query(source.query, ctes, outer, false),
          source.columns.map(({ text }) => text),
        );
        return [{ ...made, alias: source.alias?.text ?? '' }];
      }
      case 'unnest': {
        const facts = this.#expr(source.expr, outer ?? new Scope([]), ctes);
        const name = source.columns[0]?.text ?? source.alias?.text ?? 'EXPR$0';
        return [{ alias: source.alias?.text ?? '', tables: [], fields: [{ ...facts, dataType: null, name }] }];
      }
      case 'table':
        return [{ ...this.#table(source.name.text, source.name, ctes), alias: source.alias?.text ?? source.name.text }];
    }
  }

  #table(name: string, span: Span, ctes: Ctes): Omit<Relation, 'alias'> {
    const key = name.toLowerCase();
    const cte = ctes.get(key);
    if (cte) return cte;
    const table = this.#catalog.get(key);
    if (!table) {
      this.report('sql.unknown_table', span, { table: name });
      return { fields: [], tables: [key] };
    }
    if (this.#options.isAudience && !isAudienceTable(key)) this.report('sql.not_for_audiences', span, { table: name });
    this.tables.add(key);
    const fields = table.columns.map((column): Field => ({
      name: column.name,
      dataType: column.dataType,
      sensitivity: sensitivityOf(column),
      origins: [`${table.name}.${column.name}`],
      isMetric: false,
    }));
    return { fields, tables: [key], isEvents: isEventTable(table) };
  }

  #expr(expr: Expr, scope: Scope, ctes: Ctes): ExprFacts {
    const inner = queryOf(expr);
    const nested = inner ? this.query(inner, ctes, scope, false) : undefined;
    const children = childrenOf(expr).map((child) => this.#expr(child, scope, ctes));
    if (expr.kind === 'interval' && this.#options.isAudience) this.report('sql.interval_in_audience', expr, {});
    return factsOf(expr, children, nested, {
      column: (name, table, span) => this.#column(name, table, span, scope),
      parameter: (name, span) => this.#parameter(name, span),
      report: (code, span, facts) => this.report(code, span, facts),
    });
  }

  #parameter(name: string, span: Span): void {
    this.parameters.add(name);
    if (this.#options.parameters && !this.#options.parameters.includes(name))
      this.report('sql.undeclared_parameter', span, { parameter: name });
  }

  #column(name: string, table: string | undefined, span: Span, scope: Scope): Field | undefined {
    const found = scope.find(name, table);
    if (found.length === 1 || (found.length > 1 && table !== undefined)) return found[0];
    // A table that is not there is told once, at its name, not again at each of its columns.
    if (this.problems.some(({ code }) => code === 'sql.unknown_table' || code === 'sql.select_star')) return undefined;
    if (found.length > 1) this.report('sql.ambiguous_column', span, { column: name });
    else if (table !== undefined && !scope.hasRelation(table)) this.report('sql.unknown_alias', span, { alias: table });
    else this.report('sql.unknown_column', span, { column: name, ...(table !== undefined && { table }) });
    return undefined;
  }
}

const renamed = (made: Omit<Relation, 'alias'>, names: readonly string[]): Omit<Relation, 'alias'> =>
  names.length === 0
    ? made
    : { ...made, fields: made.fields.map((field, index) => ({ ...field, name: names[index] ?? field.name })) };

/** HAVING may also name what the SELECT calls its columns. */
function aliased(select: Select, scope: Scope): Scope {
  const fields = select.items.flatMap(({ alias }): Field[] => {
    if (!alias || scope.find(alias.text).length > 0) return [];
    return [{ name: alias.text, dataType: null, sensitivity: 'NONE' as Sensitivity, origins: [], isMetric: false }];
  });
  return new Scope([...scope.relations, { alias: '', fields, tables: [] }], scope);
}

/**
 * Gives expressions that mean the same one name: letter case, aliases before a column and spaces do not count. Each part is
 * looked at once, so that a long expression is judged as quickly as it is read.
 */
function namesIn(scope: Scope): (expr: Expr) => string {
  const known = new WeakMap<Expr, string>();
  const short = new Map<string, string>();
  const nameOf = (expr: Expr): string => {
    const found = known.get(expr);
    if (found !== undefined) return found;
    const text = textOf(expr);
    const name = short.get(text) ?? String(short.size);
    short.set(text, name);
    known.set(expr, name);
    return name;
  };
  const textOf = (expr: Expr): string => {
    if (expr.kind === 'column') {
      const origin = scope.find(expr.name.text, expr.table?.text)[0]?.origins.join('+');
      return `column ${expr.name.text.toLowerCase()} ${origin ?? ''} ${origin ? '' : (expr.table?.text.toLowerCase() ?? '')}`;
    }
    const inner = queryOf(expr);
    if (inner) return `query ${keyOf(inner)}`;
    const own = Object.entries(expr).filter(
      ([key, value]) => key !== 'from' && key !== 'to' && typeof value !== 'object',
    );
    return `${JSON.stringify(own)}(${childrenOf(expr).map(nameOf).join(',')})`;
  };
  return nameOf;
}
