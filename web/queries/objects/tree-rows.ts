import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';

export type TreeRow =
  | { kind: 'folder'; key: string; depth: number; name: string; count: number; isOpen: boolean; isViews: boolean }
  | { kind: 'object'; key: string; depth: number; object: KnownObject; isOpen: boolean }
  | { kind: 'column'; key: string; depth: number; column: KnownColumn; object: KnownObject }
  | { kind: 'note'; key: string; depth: number; text: string };

export interface Tree {
  roots: readonly Node[];
}
interface Node {
  key: string;
  name: string;
  object: KnownObject | null;
  isViews: boolean;
  children: Node[];
  /** Things that can be queried, here and below. */
  count: number;
}

const looseWords: Readonly<Record<EngineKind, { table: string; view: string; source: string }>> = {
  sfmc: { table: 'Data extensions', view: 'Data views', source: 'Data sources' },
  amc: { table: 'Tables', view: 'Views', source: 'Data sources' },
  postgres: { table: 'Tables', view: 'Views', source: 'Sources' },
};
const byName = (a: Node, b: Node): number => a.name.localeCompare(b.name, 'en', { sensitivity: 'base', numeric: true });
const isHolder = ({ kind }: KnownObject): boolean => kind === 'folder' || kind === 'schema' || kind === 'unit';

/** The objects of a unit as folders and what lies in them. What lies nowhere is put together by its kind. */
export function treeOf(engine: EngineKind, objects: readonly KnownObject[]): Tree {
  const nodes = new Map<string, Node>();
  for (const object of objects)
    if (object.kind !== 'unit')
      nodes.set(object.id, { key: object.id, name: object.name, object, isViews: false, children: [], count: 0 });
  const roots: Node[] = [];
  const loose = new Map<'table' | 'view' | 'source', Node>();
  for (const node of nodes.values()) {
    const { object } = node;
    if (!object) continue;
    const parent = object.parentId === null ? undefined : nodes.get(object.parentId);
    if (parent && parent !== node) parent.children.push(node);
    else if (isHolder(object)) roots.push(node);
    else {
      const kind = object.kind === 'view' || object.kind === 'source' ? object.kind : 'table';
      const group = loose.get(kind) ?? {
        key: `loose:${kind}`,
        name: looseWords[engine][kind],
        object: null,
        isViews: kind === 'view',
        children: [],
        count: 0,
      };
      group.children.push(node);
      loose.set(kind, group);
    }
  }
  const settle = (node: Node): number => {
    node.children.sort((a, b) => Number(isLeaf(a)) - Number(isLeaf(b)) || byName(a, b));
    node.count = node.children.reduce((sum, child) => sum + settle(child), 0) + (isLeaf(node) ? 1 : 0);
    return node.count;
  };
  for (const kind of ['table', 'source', 'view'] as const) {
    const group = loose.get(kind);
    if (group) roots.push(group);
  }
  for (const root of roots) settle(root);
  // Folders in which there is nothing to query only stand in the way.
  return { roots: roots.filter(({ count }) => count > 0) };
}
const isLeaf = ({ object }: Node): boolean => object !== null && !isHolder(object);

export interface ColumnsState {
  columns: readonly KnownColumn[] | null;
  failure: string | null;
}

/** The rows that are seen now. */
export function treeRows(
  { roots }: Tree,
  open: ReadonlySet<string>,
  columnsOf: (id: string) => ColumnsState | undefined,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (node: Node, depth: number): void => {
    const isOpen = open.has(node.key);
    const { object } = node;
    if (isLeaf(node) && object) {
      rows.push({ kind: 'object', key: node.key, depth, object, isOpen });
      if (isOpen) rows.push(...columnRows(object, depth + 1, columnsOf(object.id)));
      return;
    }
    if (node.count === 0) return;
    rows.push({
      kind: 'folder',
      key: node.key,
      depth,
      name: node.name,
      count: node.count,
      isOpen,
      isViews: node.isViews,
    });
    if (isOpen) for (const child of node.children) walk(child, depth + 1);
  };
  for (const root of roots) walk(root, 0);
  return rows;
}

/** Objects one below the other, as a search finds them. */
export const foundRows = (
  objects: readonly KnownObject[],
  open: ReadonlySet<string>,
  columnsOf: (id: string) => ColumnsState | undefined,
): TreeRow[] =>
  objects
    .filter((object) => !isHolder(object))
    .flatMap((object): TreeRow[] => [
      { kind: 'object', key: object.id, depth: 0, object, isOpen: open.has(object.id) },
      ...(open.has(object.id) ? columnRows(object, 1, columnsOf(object.id)) : []),
    ]);

function columnRows(object: KnownObject, depth: number, state: ColumnsState | undefined): TreeRow[] {
  const note = (text: string): TreeRow[] => [{ kind: 'note', key: `${object.id}:note`, depth, text }];
  if (!state || (state.columns === null && state.failure === null)) return note('Reading the columns …');
  if (state.columns === null) return note(state.failure ?? 'The columns did not load.');
  if (state.columns.length === 0) return note('No columns are known.');
  return state.columns.map((column) => ({ kind: 'column', key: `${object.id}:${column.name}`, depth, column, object }));
}

/** A column's type as people read it: `Text 50`, `Decimal 18,2`. */
export function typeText({ nativeType, type, length, precision, scale }: KnownColumn): string {
  const word = nativeType ?? type;
  if (/[\d(]/.test(word)) return word;
  if (length !== null) return `${word} ${length}`;
  return precision === null ? word : `${word} ${precision}${scale === null ? '' : `,${scale}`}`;
}
