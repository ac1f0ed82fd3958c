/** The graph as numbers: places of nodes stand for them. */
export interface GraphData {
  count: number;
  /** Which group each node is in, counted from 0. */
  group: Int16Array;
  groups: number;
  from: Int32Array;
  to: Int32Array;
}

/** Where nodes are, and the room of each group. */
export interface Placing {
  x: Float32Array;
  y: Float32Array;
  centres: { x: number; y: number; radius: number }[];
}

/** The angle that lays things out like the seeds of a sunflower: evenly, whatever their number. */
const golden = Math.PI * (3 - Math.sqrt(5));
/** Between two nodes, in units of the graph. */
export const spacing = 14;

/**
 * A first placing, at once: each group a disc of its own, the best connected nodes in its middle, the largest groups in the
 * middle of all. It is good to look at before anything has moved.
 */
export function firstPlacing({ count, group, groups, from, to }: GraphData): Placing {
  const degree = degreesOf(count, from, to);
  const members: number[][] = Array.from({ length: groups }, () => []);
  for (let node = 0; node < count; node++) members[group[node] ?? 0]?.push(node);
  for (const nodes of members) nodes.sort((a, b) => (degree[b] ?? 0) - (degree[a] ?? 0) || a - b);
  const radii = members.map((nodes) => spacing * 0.62 * Math.sqrt(nodes.length + 1) + spacing);
  const centres = packDiscs(radii);
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  for (const [index, nodes] of members.entries()) {
    const centre = centres[index] ?? { x: 0, y: 0 };
    for (const [seat, node] of nodes.entries()) {
      const distance = spacing * 0.62 * Math.sqrt(seat + 0.5);
      x[node] = centre.x + distance * Math.cos(seat * golden);
      y[node] = centre.y + distance * Math.sin(seat * golden);
    }
  }
  return { x, y, centres };
}

export function degreesOf(count: number, from: Int32Array, to: Int32Array): Int32Array {
  const degree = new Int32Array(count);
  for (const ends of [from, to]) for (const node of ends) degree[node] = (degree[node] ?? 0) + 1;
  return degree;
}

/** Discs side by side, the largest first from the middle outwards, none over another. */
function packDiscs(radii: readonly number[]): Placing['centres'] {
  const order = radii.map((_, index) => index).sort((a, b) => (radii[b] ?? 0) - (radii[a] ?? 0));
  const placed: Placing['centres'] = [];
  const centres: Placing['centres'] = radii.map((radius) => ({ x: 0, y: 0, radius }));
  for (const [turn, index] of order.entries()) {
    const radius = radii[index] ?? 0;
    let spot = { x: 0, y: 0, radius };
    for (let step = 0; turn > 0 && step < 4_000; step++) {
      const distance = 6 * Math.sqrt(step) + spacing;
      spot = { x: distance * 1.35 * Math.cos(step * golden), y: distance * Math.sin(step * golden), radius };
      const isFree = placed.every(
        (other) => Math.hypot(other.x - spot.x, other.y - spot.y) >= other.radius + radius + spacing * 2,
      );
      if (isFree) break;
    }
    placed.push(spot);
    centres[index] = spot;
  }
  return centres;
}

/**
 * One step of settling: relations draw their ends together, close nodes push each other away, and each stays in the disc of
 * its group. A grid keeps it to near neighbours, so that ten thousand nodes take some milliseconds.
 * @param heat how far a node may go, falling with each step
 */
export function settle(data: GraphData, { x, y, centres }: Placing, heat: number): void {
  const { count, from, to, group } = data;
  const [dx, dy] = [new Float32Array(count), new Float32Array(count)];
  for (let edge = 0; edge < from.length; edge++) {
    const [a, b] = [from[edge] ?? 0, to[edge] ?? 0];
    if (group[a] !== group[b]) continue;
    const [vx, vy] = [(x[b] ?? 0) - (x[a] ?? 0), (y[b] ?? 0) - (y[a] ?? 0)];
    dx[a] = (dx[a] ?? 0) + vx * 0.02;
    dy[a] = (dy[a] ?? 0) + vy * 0.02;
    dx[b] = (dx[b] ?? 0) - vx * 0.02;
    dy[b] = (dy[b] ?? 0) - vy * 0.02;
  }
  const cells = new Map<number, number[]>();
  const cellOf = (column: number, row: number): number => column * 73_856_093 + row;
  for (let node = 0; node < count; node++) {
    const cell = cellOf(Math.floor((x[node] ?? 0) / spacing), Math.floor((y[node] ?? 0) / spacing));
    const inside = cells.get(cell);
    if (inside) inside.push(node);
    else cells.set(cell, [node]);
  }
  for (let node = 0; node < count; node++) {
    const [px, py] = [x[node] ?? 0, y[node] ?? 0];
    const [column, row] = [Math.floor(px / spacing), Math.floor(py / spacing)];
    for (let across = -1; across <= 1; across++)
      for (let down = -1; down <= 1; down++)
        for (const other of cells.get(cellOf(column + across, row + down)) ?? []) {
          if (other === node) continue;
          const [vx, vy] = [px - (x[other] ?? 0), py - (y[other] ?? 0)];
          const distance = Math.hypot(vx, vy) || 0.01;
          if (distance >= spacing) continue;
          const push = ((spacing - distance) / distance) * 0.5;
          dx[node] = (dx[node] ?? 0) + vx * push;
          dy[node] = (dy[node] ?? 0) + vy * push;
        }
  }
  for (let node = 0; node < count; node++) {
    const length = Math.hypot(dx[node] ?? 0, dy[node] ?? 0) || 1;
    const step = Math.min(heat, length) / length;
    x[node] = (x[node] ?? 0) + (dx[node] ?? 0) * step;
    y[node] = (y[node] ?? 0) + (dy[node] ?? 0) * step;
    const centre = centres[group[node] ?? 0];
    if (!centre) continue;
    const [vx, vy] = [(x[node] ?? 0) - centre.x, (y[node] ?? 0) - centre.y];
    const far = Math.hypot(vx, vy);
    if (far > centre.radius) {
      x[node] = centre.x + (vx / far) * centre.radius;
      y[node] = centre.y + (vy / far) * centre.radius;
    }
  }
}
