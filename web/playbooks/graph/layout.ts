import type { ElkNode } from 'elkjs/lib/elk-api.js';
import type { Reading, StepList, TreeStep } from '../document/read-playbook.ts';

/** What lays a list out: ELK, in a worker in the browser. */
export interface Layouter {
  layout(graph: ElkNode): Promise<ElkNode>;
}

interface Point {
  readonly x: number;
  readonly y: number;
}
export interface PlacedNode extends Point {
  readonly key: string;
  readonly is: 'step' | 'group' | 'lane' | 'pin';
  readonly width: number;
  readonly height: number;
  readonly step?: TreeStep;
  readonly label: string;
}
export interface PlacedEdge {
  readonly key: string;
  readonly points: readonly Point[];
  readonly look: 'next' | 'onFailure' | 'undo';
}
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const NODE = { width: 172, height: 46 };
const GAP = 36;
const ROW_GAP = 40;
const PAD = 18;
const HEAD = 40;
const LANE_HEAD = 24;

/** A box that stands in a row: what it is itself, and where in it the line goes through. */
interface Cell extends Placed {
  readonly key: string;
  /** The step's own box within the cell. */
  readonly main: { readonly width: number; readonly height: number };
}

const moved = <T extends Placed>({ nodes, edges }: T, x: number, y: number): Pick<Placed, 'nodes' | 'edges'> => ({
  nodes: nodes.map((node) => ({ ...node, x: node.x + x, y: node.y + y })),
  edges: edges.map((edge) => ({ ...edge, points: edge.points.map((point) => ({ x: point.x + x, y: point.y + y })) })),
});

const box = (
  key: string,
  is: PlacedNode['is'],
  label: string,
  size: { width: number; height: number },
  step?: TreeStep,
): Cell => ({
  key,
  ...size,
  main: size,
  nodes: [{ key, is, x: 0, y: 0, ...size, label, ...(step && { step }) }],
  edges: [],
});

/** Places every step of the playbook: rows that read as text does, what a step holds inside it, what takes it back below. */
export async function layoutGraph(reading: Reading, layouter: Layouter, width: number): Promise<Placed> {
  const cells: Cell[] = [box('inputs', 'pin', 'Inputs', { width: 92, height: 32 })];
  for (const root of reading.roots) {
    if (root.field === 'finally')
      cells.push(await groupOf('finally', 'Finally, however it ended', [root], layouter, width));
    else cells.push(...(await cellsOf(root, layouter, width)));
  }
  cells.push(box('end', 'pin', 'End', { width: 68, height: 32 }));
  return rowsOf(cells, layouter, width);
}

async function cellsOf(list: StepList, layouter: Layouter, width: number): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const step of list.steps) cells.push(await cellOf(step, layouter, width));
  return cells;
}

async function cellOf(step: TreeStep, layouter: Layouter, width: number): Promise<Cell> {
  const inner = step.lists.filter(({ field }) => field !== 'undo' && field !== 'onFailure');
  const own =
    inner.length === 0
      ? box(step.key, 'step', step.name, NODE, step)
      : await groupOf(step.key, step.name, inner, layouter, width - 2 * PAD, step);
  let cell = own;
  for (const list of step.lists)
    if ((list.field === 'undo' || list.field === 'onFailure') && list.steps.length > 0)
      cell = below(cell, await rowsOf(await cellsOf(list, layouter, width), layouter, width), list.field);
  return cell;
}

/** A step with what takes it back, or what runs when it has failed, below it. */
function below(cell: Cell, aside: Placed, look: 'undo' | 'onFailure'): Cell {
  const x = 36;
  const y = cell.height + 34;
  const from = look === 'undo' ? 24 : 48;
  const edge: PlacedEdge = {
    key: `${cell.key} ${look}`,
    look,
    points: [
      { x: from, y: cell.main.height },
      { x: from, y: cell.height + 17 },
      { x: x + 30, y: cell.height + 17 },
      { x: x + 30, y },
    ],
  };
  const put = moved(aside, x, y);
  return {
    ...cell,
    width: Math.max(cell.width, x + aside.width),
    height: y + aside.height,
    nodes: [...cell.nodes, ...put.nodes],
    edges: [...cell.edges, edge, ...put.edges],
  };
}

/** A frame around lists: one below the other, each with its word where there are several. */
async function groupOf(
  key: string,
  label: string,
  lists: readonly StepList[],
  layouter: Layouter,
  width: number,
  step?: TreeStep,
): Promise<Cell> {
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  let y = HEAD;
  let widest = NODE.width;
  for (const list of lists) {
    const isNamed = lists.length > 1 || (list.field !== 'steps' && list.field !== 'finally');
    if (isNamed) {
      nodes.push({
        key: `lane ${list.pointer}`,
        is: 'lane',
        label: list.label,
        x: PAD,
        y,
        width: NODE.width,
        height: LANE_HEAD,
      });
      y += LANE_HEAD;
    }
    const rows = await rowsOf(await cellsOf(list, layouter, width), layouter, width);
    const put = moved(rows, PAD, y);
    nodes.push(...put.nodes);
    edges.push(...put.edges);
    widest = Math.max(widest, rows.width);
    y += Math.max(rows.height, 8) + PAD;
  }
  const size = { width: widest + 2 * PAD, height: y };
  return {
    key,
    ...size,
    main: size,
    nodes: [{ key, is: 'group', label, x: 0, y: 0, ...size, ...(step && { step }) }, ...nodes],
    edges,
  };
}

/** One list: ELK puts the boxes into a line, which is broken into rows where it grows wider than there is room. */
async function rowsOf(cells: readonly Cell[], layouter: Layouter, width: number): Promise<Placed> {
  if (cells.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  const places = cells.every(isPlain) ? inPlainLine(cells) : await inLine(cells, layouter);
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  const at: (Point & { row: number })[] = [];
  let [row, left, top, widest] = [0, places[0]?.x ?? 0, 0, 0];
  const rowOf = places.map(({ x }, index) => {
    const cell = cells[index];
    if (cell && index > 0 && x + cell.width - left > width) {
      row += 1;
      left = x;
    }
    return { row, x: x - left };
  });
  for (let current = 0; current <= row; current += 1) {
    const inRow = cells.map((_, index) => index).filter((index) => rowOf[index]?.row === current);
    const highest = Math.min(...inRow.map((index) => places[index]?.y ?? 0));
    let bottom = top;
    for (const index of inRow) {
      const cell = cells[index];
      if (!cell) continue;
      const place = { x: rowOf[index]?.x ?? 0, y: top + (places[index]?.y ?? 0) - highest, row: current };
      at[index] = place;
      const put = moved(cell, place.x, place.y);
      nodes.push(...put.nodes);
      edges.push(...put.edges);
      bottom = Math.max(bottom, place.y + cell.height);
      widest = Math.max(widest, place.x + cell.width);
    }
    top = bottom + ROW_GAP;
  }
  for (let index = 1; index < cells.length; index += 1) {
    const [from, to] = [cells[index - 1], cells[index]];
    const [start, end] = [at[index - 1], at[index]];
    if (from && to && start && end)
      edges.push({ key: `${from.key} ${to.key}`, look: 'next', points: line(from, start, to, end) });
  }
  return { width: widest, height: top - ROW_GAP, nodes, edges };
}

/** What a line needs to know of a box. */
type LineCell = Pick<Cell, 'width' | 'height' | 'main'>;

const middle = ({ main }: LineCell): number => (main.height > 2 * NODE.height ? HEAD / 2 : main.height / 2);

function line(from: Cell, start: Point & { row: number }, to: Cell, end: Point & { row: number }): Point[] {
  if (start.row === end.row) {
    const y = start.y + middle(from);
    const target = end.y + middle(to);
    const [a, b] = [start.x + from.main.width, end.x];
    return y === target
      ? [
          { x: a, y },
          { x: b, y },
        ]
      : [
          { x: a, y },
          { x: (a + b) / 2, y },
          { x: (a + b) / 2, y: target },
          { x: b, y: target },
        ];
  }
  const y = end.y - ROW_GAP / 2;
  const out = start.x + from.main.width - Math.min(48, from.main.width / 2);
  const into = end.x + Math.min(75, to.main.width / 2);
  return [
    { x: out, y: start.y + from.main.height },
    { x: out, y },
    { x: into, y },
    { x: into, y: end.y },
  ];
}

/** A step or a pin with nothing in or below it. */
const isPlain = ({ height, main }: Cell): boolean => height === main.height && height <= 2 * NODE.height;

/**
 * What ELK makes of boxes without anything in them: their lines through on one level, a gap between. So most playbooks are
 * drawn at once, and ELK, which is large, is fetched where there is something to it.
 * @internal exported for its test
 */
export function inPlainLine(cells: readonly LineCell[]): Point[] {
  const level = Math.max(...cells.map(middle));
  let x = 0;
  return cells.map((cell) => {
    const at = { x, y: level - middle(cell) };
    x += cell.width + GAP;
    return at;
  });
}

/**
 * ELK's line: it keeps boxes of different heights on one level and apart.
 * @internal exported for its test
 */
export async function inLine(cells: readonly LineCell[], layouter: Layouter): Promise<Point[]> {
  const done = await layouter.layout({
    id: 'list',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
      'elk.layered.spacing.nodeNodeBetweenLayers': String(GAP),
    },
    children: cells.map((cell, index) => ({
      id: String(index),
      width: cell.width,
      height: cell.height,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: [
        { id: `${index} in`, width: 0, height: 0, x: 0, y: middle(cell) },
        { id: `${index} out`, width: 0, height: 0, x: cell.width, y: middle(cell) },
      ],
    })),
    edges: cells
      .slice(1)
      .map((_, index) => ({ id: `e${index}`, sources: [`${index} out`], targets: [`${index + 1} in`] })),
  });
  return cells.map((_, index) => {
    const child = done.children?.[index];
    return { x: child?.x ?? 0, y: child?.y ?? 0 };
  });
}

/** A line through points with its corners rounded. */
export function roundedPath(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const before = index === 0 ? first : (rest[index - 1] ?? first);
    if (!next) {
      path += `L${point.x} ${point.y}`;
      return;
    }
    const cut = (to: Point): Point => {
      const length = Math.hypot(to.x - point.x, to.y - point.y) || 1;
      const by = Math.min(radius, length / 2) / length;
      return { x: point.x + (to.x - point.x) * by, y: point.y + (to.y - point.y) * by };
    };
    const [a, b] = [cut(before), cut(next)];
    path += `L${a.x} ${a.y}Q${point.x} ${point.y} ${b.x} ${b.y}`;
  });
  return path;
}
