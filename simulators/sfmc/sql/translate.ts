import type { Body, Expr, Group, Order, Over, Query, Select, Source } from './ast.ts';
import {
  type Emitted,
  type ValueType,
  emitAggregate,
  emitScalar,
  isAggregate,
  isWindowFunction,
  readDatePart,
  takesDatePart,
} from './calls.ts';
import { castTo, compare, arithmetic, likePattern, name, text } from './values.ts';
import { SqlError } from './tokens.ts';

export interface Column {
  readonly name: string;
  readonly type: ValueType;
}
/** A table as the embedded database has it: `sql` stands after FROM. */
export interface CatalogTable {
  readonly sql: string;
  readonly columns: readonly Column[];
}
/** What a business unit's queries can name. */
export interface Catalog {
  find(path: readonly string[]): CatalogTable | undefined;
}
export interface Translated {
  readonly sql: string;
  readonly columns: readonly Column[];
}

interface Scope {
  readonly sources: { alias: string; columns: readonly Column[] }[];
  readonly outer?: Scope;
}
interface Context {
  readonly scope: Scope;
  readonly clause: 'select' | 'where' | 'other';
  /** Set where columns must be grouped: emitted key → whether this grouping set leaves it out. */
  readonly keys?: ReadonlyMap<string, boolean>;
}

const orderRule =
  'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.';

/**
 * Turns a query into one of the embedded database, and finds what the service would refuse: unknown and ambiguous names,
 * what is not grouped, an order without TOP.
 * @throws SqlError in the service's words
 */
export const translateQuery = (query: Query, catalog: Catalog): Translated => new Translator(catalog).query(query);

/** The wrapping in which the service runs a query: a derived table, whose columns need names, each once. */
export function checkDerivedTable(columns: readonly Column[], alias: string): void {
  const seen = new Set<string>();
  for (const [index, column] of columns.entries()) {
    if (column.name === '') throw new SqlError(`No column name was specified for column ${index + 1} of '${alias}'.`);
    const key = column.name.toLowerCase();
    if (seen.has(key)) throw new SqlError(`The column '${column.name}' was specified multiple times for '${alias}'.`);
    seen.add(key);
  }
}

class Translator {
  readonly #catalog: Catalog;
  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  query(query: Query, outer?: Scope): Translated {
    const isTop = query.body.kind === 'select' && query.body.top !== undefined;
    if (query.order.length > 0 && !isTop && !query.offset) throw new SqlError(orderRule);
    if (query.body.kind === 'select') return this.#select(query.body, query, outer);
    const { sql, columns } = this.#body(query.body, outer);
    const limit = this.#limit(query, outer);
    if (query.order.length === 0 && limit === '') return { sql, columns };
    const scope: Scope = { sources: [{ alias: '', columns }], ...(outer && { outer }) };
    return {
      sql: `select * from (${sql})${this.#order(query.order, { scope, clause: 'other' }, columns)}${limit}`,
      columns,
    };
  }

  #body(body: Body, outer?: Scope): Translated {
    if (body.kind === 'nested') return this.query(body.query, outer);
    if (body.kind === 'select') return this.#select(body, { body, order: [] }, outer);
    const left = this.#body(body.left, outer);
    const right = this.#body(body.right, outer);
    if (left.columns.length !== right.columns.length) {
      throw new SqlError(
        'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
      );
    }
    return { sql: `select * from (${left.sql}) ${body.how} select * from (${right.sql})`, columns: left.columns };
  }

  #limit(query: Query, outer?: Scope): string {
    if (!query.offset) return '';
    const context: Context = { scope: { sources: [], ...(outer && { outer }) }, clause: 'other' };
    const most = query.fetch ? this.#expr(query.fetch, context).sql : '-1';
    return ` limit ${most} offset ${this.#expr(query.offset, context).sql}`;
  }

  #select(select: Select, query: Query, outer?: Scope): Translated {
    const scope: Scope = { sources: [], ...(outer && { outer }) };
    const from = select.from ? ` from ${this.#source(select.from, scope, true)}` : '';
    const where = select.where ? ` where ${this.#expr(select.where, { scope, clause: 'where' }).sql}` : '';
    const sets = this.#groupingSets(select.group, scope);
    const plain = { scope, clause: 'select' } as const;
    const isGrouped =
      select.group.length > 0 ||
      select.having !== undefined ||
      select.items.some((item) => item.kind === 'value' && this.#expr(item.value, plain).hasAggregate);
    const cores = sets.map((keys) => {
      const context: Context = isGrouped ? { ...plain, keys } : plain;
      const items = this.#items(select, context);
      const by = [...keys].filter(([, isLeftOut]) => !isLeftOut).map(([key]) => key);
      const group = by.length > 0 ? ` group by ${by.join(', ')}` : '';
      const having = select.having ? ` having ${this.#grouped(select.having, context, 'HAVING').sql}` : '';
      // Without a key an aggregate makes one row; HAVING needs a GROUP BY in the embedded database.
      const whole = having !== '' && group === '' ? ' group by null' : '';
      return { items, sql: `${from}${where}${group}${whole}${having}`, context };
    });
    const [first] = cores;
    if (!first) throw new SqlError("Incorrect syntax near 'group'.");
    const columns = first.items.map(({ column }) => column);
    const list = (core: typeof first) =>
      core.items.map(({ sql, column }) => `${sql} as ${name(column.name)}`).join(', ');
    const distinct = select.isDistinct ? 'distinct ' : '';
    const limit = this.#limit(query, outer);
    if (cores.length === 1) {
      const body = `select ${distinct}${list(first)}${first.sql}`;
      const order = this.#order(query.order, first.context, columns);
      return { sql: `${body}${order}${this.#top(select, body, limit)}`, columns };
    }
    const union = cores.map((core) => `select ${list(core)}${core.sql}`).join(' union all ');
    const over: Context = { scope: { sources: [{ alias: '', columns }] }, clause: 'other' };
    const body = `select ${distinct}* from (${union})`;
    return { sql: `${body}${this.#order(query.order, over, columns)}${this.#top(select, body, limit)}`, columns };
  }

  #top({ top }: Select, body: string, limit: string): string {
    if (!top) return limit;
    const count = this.#expr(top.count, { scope: { sources: [] }, clause: 'other' }).sql;
    return top.isPercent
      ? ` limit (select cast(ceil(count(*) * ${count} / 100.0) as integer) from (${body}))`
      : ` limit ${count}`;
  }

  #items(select: Select, context: Context): { sql: string; column: Column }[] {
    return select.items.flatMap((item) => {
      if (item.kind === 'value') {
        const { sql, type } = this.#grouped(item.value, context, 'select list');
        const own = item.value.kind === 'column' ? (item.value.path.at(-1) ?? '') : '';
        return [{ sql, column: { name: item.name ?? own, type } }];
      }
      const of = item.of?.toLowerCase();
      const sources = context.scope.sources.filter(({ alias }) => of === undefined || alias.toLowerCase() === of);
      if (sources.length === 0) {
        throw new SqlError(
          of === undefined
            ? 'Must specify table to select from.'
            : `The column prefix '${item.of}' does not match with a table name or alias name used in the query.`,
        );
      }
      return sources.flatMap(({ alias, columns }) =>
        columns.map((column) => {
          const value: Expr = { kind: 'column', path: [alias, column.name] };
          return { sql: this.#grouped(value, context, 'select list').sql, column };
        }),
      );
    });
  }

  /** Emits what may only use grouped columns outside its aggregates. */
  #grouped(value: Expr, context: Context, where: string): Emitted {
    const emitted = this.#expr(value, context);
    const [column] = emitted.ungrouped;
    if (!context.keys || column === undefined) return emitted;
    throw new SqlError(
      `Column '${column}' is invalid in the ${where === 'HAVING' ? 'HAVING clause' : where} because it is not contained in either an aggregate function or the GROUP BY clause.`,
    );
  }

  /** ROLLUP and CUBE as the grouping sets they stand for. */
  #groupingSets(groups: readonly Group[], scope: Scope): Map<string, boolean>[] {
    let sets: string[][] = [[]];
    const all: string[] = [];
    for (const { kind, by } of groups) {
      const keys = by.map((expr) => {
        if (expr.kind === 'number')
          throw new SqlError(
            'Each GROUP BY expression must contain at least one column that is not an outer reference.',
          );
        return this.#expr(expr, { scope, clause: 'other' }).sql;
      });
      all.push(...keys);
      const here =
        kind === 'plain'
          ? [keys]
          : kind === 'rollup'
            ? Array.from({ length: keys.length + 1 }, (_, left) => keys.slice(0, keys.length - left))
            : Array.from({ length: 2 ** keys.length }, (_, bits) => keys.filter((_key, index) => bits & (1 << index)));
      sets = sets.flatMap((set) => here.map((more) => [...set, ...more]));
    }
    return sets.map((set) => new Map(all.map((key) => [key, !set.includes(key)])));
  }

  #order(order: readonly Order[], context: Context, columns: readonly Column[]): string {
    if (order.length === 0) return '';
    const parts = order.map(({ by, isDescending }) => {
      const own = by.kind === 'column' && by.path.length === 1 ? by.path[0]?.toLowerCase() : undefined;
      const column = columns.find((column) => column.name.toLowerCase() === own);
      const sql = column ? name(column.name) : this.#expr(by, context).sql;
      return isDescending ? `${sql} desc` : sql;
    });
    return ` order by ${parts.join(', ')}`;
  }

  #source(source: Source, scope: Scope, isFirst = false): string {
    if (source.kind === 'join') {
      const left = this.#source(source.left, scope, isFirst);
      const right = this.#source(source.right, scope);
      // Later parts of FROM are not seen by this condition, as in T-SQL.
      const on = source.on
        ? ` on ${this.#expr(source.on, { scope: { ...scope, sources: [...scope.sources] }, clause: 'other' }).sql}`
        : '';
      return `${left} ${source.how} join ${right.includes(' join ') && source.right.kind === 'join' ? `(${right})` : right}${on}`;
    }
    if (source.kind === 'query') {
      const { sql, columns } = this.query(source.query, scope.outer);
      checkDerivedTable(columns, source.alias);
      this.#add(scope, source.alias, columns);
      return `(${sql}) as ${name(source.alias)}`;
    }
    const table = this.#catalog.find(source.path);
    if (!table) throw new SqlError(`Invalid object name '${source.path.join('.')}'.`);
    const alias = source.alias ?? source.path.at(-1) ?? '';
    this.#add(scope, alias, table.columns);
    return `${table.sql} as ${name(alias)}`;
  }

  #add(scope: Scope, alias: string, columns: readonly Column[]): void {
    if (scope.sources.some((source) => source.alias.toLowerCase() === alias.toLowerCase())) {
      throw new SqlError(`The correlation name '${alias}' is specified multiple times in a FROM clause.`);
    }
    scope.sources.push({ alias, columns });
  }

  #column(path: readonly string[], context: Context): Emitted {
    const wanted = path.at(-1)?.toLowerCase() ?? '';
    const of = path.length > 1 ? path.at(-2)?.toLowerCase() : undefined;
    for (let scope: Scope | undefined = context.scope; scope; scope = scope.outer) {
      const found = scope.sources.flatMap(({ alias, columns }) =>
        of !== undefined && alias.toLowerCase() !== of
          ? []
          : columns.filter((column) => column.name.toLowerCase() === wanted).map((column) => ({ alias, column })),
      );
      if (found.length > 1) throw new SqlError(`Ambiguous column name '${path.join('.')}'.`);
      const [hit] = found;
      if (!hit) continue;
      const sql = hit.alias === '' ? name(hit.column.name) : `${name(hit.alias)}.${name(hit.column.name)}`;
      const isOwn = scope === context.scope;
      return { sql, type: hit.column.type, ungrouped: isOwn ? [path.join('.')] : [], hasAggregate: false };
    }
    throw new SqlError(
      of === undefined
        ? `Invalid column name '${path.join('.')}'.`
        : `The multi-part identifier "${path.join('.')}" could not be bound.`,
    );
  }

  #expr(expr: Expr, context: Context): Emitted {
    const emitted = this.#bare(expr, context);
    const isLeftOut = context.keys?.get(emitted.sql);
    if (isLeftOut === undefined) return emitted;
    return { ...emitted, sql: isLeftOut ? 'null' : emitted.sql, ungrouped: [] };
  }

  #all(exprs: readonly Expr[], context: Context): Emitted[] {
    return exprs.map((expr) => this.#expr(expr, context));
  }

  #bare(expr: Expr, context: Context): Emitted {
    const made = (sql: string, type: ValueType, ...of: readonly Emitted[]): Emitted => ({
      sql,
      type,
      ungrouped: of.flatMap(({ ungrouped }) => ungrouped),
      hasAggregate: of.some(({ hasAggregate }) => hasAggregate),
    });
    switch (expr.kind) {
      case 'null':
        return made('null', 'unknown');
      case 'number':
        return made(expr.value, /^\d+$/.test(expr.value) ? 'integer' : 'decimal');
      case 'string':
        return made(text(expr.value), 'text');
      case 'column':
        return this.#column(expr.path, context);
      case 'unary': {
        const of = this.#expr(expr.of, context);
        return made(`(${expr.sign} ${of.sql})`, expr.sign === 'not' ? 'boolean' : of.type, of);
      }
      case 'binary': {
        const left = this.#expr(expr.left, context);
        const right = this.#expr(expr.right, context);
        if (expr.sign === 'and' || expr.sign === 'or') {
          return made(`(${left.sql} ${expr.sign} ${right.sql})`, 'boolean', left, right);
        }
        const { sql, type } = /[=<>]/.test(expr.sign)
          ? compare(expr.sign, left, right)
          : arithmetic(expr.sign, left, right);
        return made(sql, type, left, right);
      }
      case 'case': {
        const of = expr.of && this.#expr(expr.of, context);
        const parts = expr.branches.map(
          ({ when, result }) => [this.#expr(when, context), this.#expr(result, context)] as const,
        );
        const otherwise = expr.otherwise && this.#expr(expr.otherwise, context);
        const body = parts.map(([when, result]) => `when ${when.sql} then ${result.sql}`).join(' ');
        const type =
          parts.map(([, result]) => result.type).find((type) => type !== 'unknown') ?? otherwise?.type ?? 'unknown';
        const sql = `case ${of ? `${of.sql} ` : ''}${body}${otherwise ? ` else ${otherwise.sql}` : ''} end`;
        return made(sql, type, ...parts.flat(), ...(of ? [of] : []), ...(otherwise ? [otherwise] : []));
      }
      case 'cast': {
        const of = this.#expr(expr.of, context);
        const style = expr.style && this.#expr(expr.style, context).sql;
        const { sql, type } = castTo(of, expr.type, style);
        return made(sql, type, of);
      }
      case 'in': {
        const of = this.#expr(expr.of, context);
        const not = expr.isNot ? 'not ' : '';
        const collated = of.type === 'text' || of.type === 'unknown' ? `${of.sql} collate nocase` : of.sql;
        if (!Array.isArray(expr.list)) {
          return made(`(${collated} ${not}in (${this.query(expr.list, context.scope).sql}))`, 'boolean', of);
        }
        const list = this.#all(expr.list, context);
        const values = list.map((item) => (isDate(of) && item.type === 'text' ? `t_date(${item.sql})` : item.sql));
        return made(`(${collated} ${not}in (${values.join(', ')}))`, 'boolean', of, ...list);
      }
      case 'between': {
        const [of, low, high] = [
          this.#expr(expr.of, context),
          this.#expr(expr.low, context),
          this.#expr(expr.high, context),
        ];
        const sql = `(${compare('>=', of, low).sql} and ${compare('<=', of, high).sql})`;
        return made(expr.isNot ? `(not ${sql})` : sql, 'boolean', of, low, high);
      }
      case 'like': {
        const [of, pattern] = [this.#expr(expr.of, context), this.#expr(expr.pattern, context)];
        const escape = expr.escape && this.#expr(expr.escape, context).sql;
        return made(likePattern(of.sql, expr.pattern, pattern.sql, escape, expr.isNot), 'boolean', of, pattern);
      }
      case 'isNull': {
        const of = this.#expr(expr.of, context);
        return made(`(${of.sql} is ${expr.isNot ? 'not ' : ''}null)`, 'boolean', of);
      }
      case 'exists':
        return made(`exists (${this.query(expr.query, context.scope).sql})`, 'boolean');
      case 'scalar': {
        const { sql, columns } = this.query(expr.query, context.scope);
        if (columns.length !== 1) {
          throw new SqlError(
            'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
          );
        }
        return made(`(${sql})`, columns[0]?.type ?? 'unknown');
      }
      case 'zone': {
        const [of, zone] = [this.#expr(expr.of, context), this.#expr(expr.zone, context)];
        return made(`t_zone(${of.sql}, ${zone.sql})`, 'date', of, zone);
      }
      case 'call':
        return this.#call(expr, context, made);
    }
  }

  #call(
    expr: Extract<Expr, { kind: 'call' }>,
    context: Context,
    made: (sql: string, type: ValueType, ...of: readonly Emitted[]) => Emitted,
  ): Emitted {
    const isSummed = isAggregate(expr.name);
    if (isSummed && !expr.over && context.clause === 'where') {
      throw new SqlError(
        'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
      );
    }
    if (!isSummed && !isWindowFunction(expr.name)) return this.#scalar(expr, context, made);
    // Within an aggregate columns need not be grouped.
    const inner: Context = isSummed && !expr.over ? { scope: context.scope, clause: context.clause } : context;
    const args = this.#all(expr.args, inner);
    if (isSummed && !expr.over && args.some(({ hasAggregate }) => hasAggregate)) {
      throw new SqlError(
        'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
      );
    }
    const within = expr.within ? this.#order(expr.within, inner, []).trim() : '';
    if (expr.name.startsWith('percentile_')) return this.#percentile(expr, args, inner, made);
    const call = emitAggregate(expr.name, args, { ...expr, order: within });
    const over = expr.over ? ` over (${this.#over(expr.over, context)})` : '';
    if (isWindowFunction(expr.name) && !expr.over)
      throw new SqlError(`The function '${expr.name}' must have an OVER clause.`);
    const sql = `${call.sql}${over}`;
    // An average of whole numbers is a whole number.
    const whole = expr.name === 'avg' && call.type === 'integer' ? `cast(${sql} as integer)` : sql;
    return expr.over
      ? made(whole, call.type, ...args)
      : { sql: whole, type: call.type, ungrouped: [], hasAggregate: true };
  }

  #percentile(
    expr: Extract<Expr, { kind: 'call' }>,
    args: readonly Emitted[],
    context: Context,
    made: (sql: string, type: ValueType, ...of: readonly Emitted[]) => Emitted,
  ): Emitted {
    const [by] = expr.within ?? [];
    const [at] = args;
    if (!by || !at || !expr.over) throw new SqlError(`The function '${expr.name}' must have a WITHIN GROUP clause.`);
    const of = this.#expr(by.by, context);
    return made(`t_${expr.name}(${of.sql}, ${at.sql}) over (${this.#over(expr.over, context)})`, 'decimal', of);
  }

  #over(over: Over, context: Context): string {
    const partition = this.#all(over.partition, context).map(({ sql }) => sql);
    const by = partition.length > 0 ? `partition by ${partition.join(', ')}` : '';
    return [by, this.#order(over.order, context, []).trim(), over.frame ?? ''].filter(Boolean).join(' ');
  }

  #scalar(
    expr: Extract<Expr, { kind: 'call' }>,
    context: Context,
    made: (sql: string, type: ValueType, ...of: readonly Emitted[]) => Emitted,
  ): Emitted {
    if (expr.over)
      throw new SqlError(
        `The function '${expr.name}' is not a valid windowing function, and cannot be used with the OVER clause.`,
      );
    const [part, ...rest] = expr.args;
    if (takesDatePart.has(expr.name) && part) {
      const word = part.kind === 'column' && part.path.length === 1 ? (part.path[0] ?? '') : '';
      const first: Emitted = {
        sql: text(readDatePart(word, expr.name)),
        type: 'text',
        ungrouped: [],
        hasAggregate: false,
      };
      const args = [first, ...this.#all(rest, context)];
      const { sql, type } = emitScalar(expr.name, args);
      return made(sql, type, ...args);
    }
    const args = this.#all(expr.args, context);
    const { sql, type } = emitScalar(expr.name, args);
    return made(sql, type, ...args);
  }
}

const isDate = ({ type }: Emitted): boolean => type === 'date' || type === 'day';
