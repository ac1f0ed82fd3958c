import type { ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { findAggregate } from '#contracts/queries/amc/sql/facts.ts';
import type { Body, Name, Query, Select, Source } from '#contracts/queries/amc/sql/syntax.ts';
import { type ExpressionTools, quoteName, quoteText, writeExpression, writeOrder } from './expressions.ts';

export interface RunWindow {
  /** Milliseconds, UTC; the end is left out. */
  readonly fromMs: number;
  readonly toMs: number;
}
export interface TranslateOptions {
  readonly window: RunWindow;
  /** What BUILT_IN_PARAMETER gives: the window as it was asked for, in its own zone. */
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** 0 to 2; undefined: all. */
  readonly advertisers?: readonly number[];
}

/** Column that carries, through the whole query, whose events a row is made of. */
export const usersColumn = '__users';

/**
 * Writes a query for the embedded database. Each SELECT hands on, in one more column, the set of users behind each of its
 * rows; so in the end they can be counted, however the query joins and groups.
 */
export function translateQuery(query: Query, options: TranslateOptions): string {
  return new Translator(options).query(query, new Set(), true).sql;
}

interface Written {
  readonly sql: string;
  readonly names: readonly string[];
}

class Translator {
  readonly #options: TranslateOptions;
  #aliases = 0;
  /** Columns of unfolded arrays: which alias holds them. */
  readonly #unfolded = new Map<string, string>();
  constructor(options: TranslateOptions) {
    this.#options = options;
  }

  query(query: Query, around: ReadonlySet<string>, withUsers: boolean): Written {
    const ctes = new Set(around);
    const heads = query.ctes.map((cte) => {
      const { sql, names } = this.query(cte.query, ctes, true);
      ctes.add(cte.name.text.toLowerCase());
      const columns = [...names.map((name, at) => cte.columns[at]?.text ?? name), usersColumn];
      return `${quoteName(cte.name.text)}(${columns.map(quoteName).join(', ')}) as (${sql})`;
    });
    const body = this.#body(query.body, ctes, withUsers);
    const order =
      query.orderBy.length > 0
        ? ` order by ${writeOrder(query.orderBy, (expr) => writeExpression(expr, this.#tools(ctes)))}`
        : '';
    const sql = `${heads.length > 0 ? `with ${heads.join(', ')} ` : ''}${body.sql}${order}`;
    return { sql, names: body.names };
  }

  #tools(ctes: ReadonlySet<string>): ExpressionTools {
    return {
      query: (query) => this.query(query, ctes, false).sql,
      parameter: (name) => {
        const value = Object.hasOwn(this.#options.parameters, name) ? this.#options.parameters[name] : undefined;
        if (value === undefined) return 'null';
        if (typeof value === 'boolean') return value ? '1' : '0';
        if (typeof value === 'number') return String(value);
        return quoteText(typeof value === 'string' ? value : JSON.stringify(value));
      },
      column: (table, name) => {
        const alias = this.#unfolded.get(name.toLowerCase());
        const isMeant = alias !== undefined && (table === undefined || table.toLowerCase() === alias.toLowerCase());
        return isMeant ? `${quoteName(alias)}.value` : undefined;
      },
      builtIn: (name) => quoteText(name === 'TIME_WINDOW_START' ? this.#options.windowStart : this.#options.windowEnd),
    };
  }

  #body(body: Body, ctes: ReadonlySet<string>, withUsers: boolean): Written {
    switch (body.kind) {
      case 'query': {
        const inner = this.query(body, ctes, withUsers);
        return { ...inner, sql: `select * from (${inner.sql})` };
      }
      case 'values': {
        const tools = this.#tools(ctes);
        const names = (body.rows[0] ?? []).map((_, at) => `EXPR$${at}`);
        const rows = body.rows.map(
          (row) =>
            `select ${row.map((cell, at) => `${writeExpression(cell, tools)} as ${quoteName(names[at] ?? '')}`).join(', ')}${withUsers ? `, null as ${usersColumn}` : ''}`,
        );
        return { sql: rows.join(' union all '), names };
      }
      case 'union': {
        const left = this.#body(body.left, ctes, withUsers);
        const right = this.#body(body.right, ctes, withUsers);
        const all = `select * from (${left.sql}) union all select * from (${right.sql})`;
        return { names: left.names, sql: body.isAll ? all : distinct(all, left.names, withUsers) };
      }
      case 'select':
        return this.#select(body, ctes, withUsers);
    }
  }

  #select(select: Select, ctes: ReadonlySet<string>, withUsers: boolean): Written {
    const tools = this.#tools(ctes);
    const write = (expr: Parameters<typeof writeExpression>[0]): string => writeExpression(expr, tools);
    const from = select.source ? this.#source(select.source, ctes) : undefined;
    const names = select.items.map(
      ({ alias, expr }, at) => alias?.text ?? (expr.kind === 'column' ? expr.name.text : `EXPR$${at}`),
    );
    const items = select.items.map(({ expr }, at) => `${write(expr)} as ${quoteName(names[at] ?? '')}`);
    const isGrouped =
      select.groupBy.length > 0 ||
      select.items.some(({ expr }) => findAggregate(expr)) ||
      (select.having && findAggregate(select.having));
    const people = (from?.users ?? []).map((alias) => `${quoteName(alias)}.${usersColumn}`);
    const single =
      people.length === 0 ? 'null' : people.length === 1 ? (people[0] ?? '') : `users_of(${people.join(', ')})`;
    const users = withUsers ? [`${isGrouped ? `user_set(${single})` : single} as ${usersColumn}`] : [];
    const sql = [
      `select ${[...items, ...users].join(', ')}`,
      from ? `from ${from.sql}` : '',
      select.where ? `where ${write(select.where)}` : '',
      select.groupBy.length > 0 ? `group by ${select.groupBy.map(write).join(', ')}` : '',
      select.having ? `having ${write(select.having)}` : '',
    ];
    const written = sql.filter(Boolean).join(' ');
    return { names, sql: select.isDistinct ? distinct(written, names, withUsers) : written };
  }

  #source(source: Source, ctes: ReadonlySet<string>): { sql: string; users: readonly string[] } {
    const alias = (given: Name | undefined): string => given?.text ?? `_d${++this.#aliases}`;
    switch (source.kind) {
      case 'join': {
        const left = this.#source(source.left, ctes);
        const right = this.#source(source.right, ctes);
        const on = source.on ? ` on ${writeExpression(source.on, this.#tools(ctes))}` : '';
        const using =
          source.using.length > 0 ? ` using (${source.using.map(({ text }) => quoteName(text)).join(', ')})` : '';
        return {
          sql: `${left.sql} ${source.join.toLowerCase()} join ${right.sql}${on}${using}`,
          users: [...left.users, ...right.users],
        };
      }
      case 'derived': {
        const { sql, names } = this.query(source.query, ctes, true);
        const name = alias(source.alias);
        if (source.columns.length === 0) return { sql: `(${sql}) as ${quoteName(name)}`, users: [name] };
        const columns = names.map((one, at) => `${quoteName(one)} as ${quoteName(source.columns[at]?.text ?? one)}`);
        return {
          sql: `(select ${columns.join(', ')}, ${usersColumn} from (${sql})) as ${quoteName(name)}`,
          users: [name],
        };
      }
      case 'unnest': {
        const name = alias(source.alias);
        const column = source.columns[0]?.text ?? name;
        const value = writeExpression(source.expr, this.#tools(ctes));
        // A subquery could not see the row to its left, so the column keeps the database's name, `value`.
        this.#unfolded.set(column.toLowerCase(), name);
        return { sql: `json_each(${value}) as ${quoteName(name)}`, users: [] };
      }
      case 'table': {
        const key = source.name.text.toLowerCase();
        const name = source.alias?.text ?? source.name.text;
        if (ctes.has(key)) return { sql: `${quoteName(source.name.text)} as ${quoteName(name)}`, users: [name] };
        const { window, advertisers } = this.#options;
        const before = secondsOf(source.extended?.before);
        const after = secondsOf(source.extended?.after);
        const from = Math.floor(window.fromMs / 1_000) - before;
        const to = Math.floor(window.toMs / 1_000) + after;
        const some = advertisers ? ` and __advertiser in (${advertisers.join(', ')})` : '';
        return {
          sql: `(select * from ${quoteName(`v_${key}`)} where (__ts is null or (__ts >= ${from} and __ts < ${to}))${some}) as ${quoteName(name)}`,
          users: [name],
        };
      }
    }
  }
}

const distinct = (sql: string, names: readonly string[], withUsers: boolean): string => {
  const list = names.map(quoteName).join(', ');
  return `select ${list}${withUsers ? `, user_set(${usersColumn}) as ${usersColumn}` : ''} from (${sql}) group by ${list}`;
};

/** Seconds of a duration such as `P14D` or `PT6H`. */
export function secondsOf(duration: string | undefined): number {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration ?? '');
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}
