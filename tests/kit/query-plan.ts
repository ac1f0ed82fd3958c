import { CompiledQuery, type LogEvent } from 'kysely';
import type { TenantTx } from '#db/kit/database.ts';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

export interface Walk {
  /** Whether rows were sorted, instead of read in order. */
  sorts: boolean;
  /** The index by which the table was read, else how it was read. */
  index: string;
  /** Rows of the table that were looked at. */
  read: number;
}

/** How the database goes about a statement, in this transaction's role and under its row-level security. */
export async function walkOf(tx: TenantTx, statement: LogEvent['query'], table: string): Promise<Walk> {
  const { rows } = await tx.executeQuery<Record<string, [{ Plan: PlanNode }]>>(
    CompiledQuery.raw(`explain (analyze, format json) ${statement.sql}`, [...statement.parameters]),
  );
  const [answer] = Object.values(rows[0] ?? {});
  if (!answer) throw new Error('The database gave no plan.');
  const nodes = nodesOf(answer[0].Plan);
  const [ofTable] = nodes.filter((node) => node['Relation Name'] === table);
  return {
    sorts: nodes.some((node) => node['Node Type'].includes('Sort')),
    index: ofTable?.['Index Name'] ?? ofTable?.['Node Type'] ?? '',
    read: (ofTable?.['Actual Rows'] ?? 0) + (ofTable?.['Rows Removed by Filter'] ?? 0),
  };
}
