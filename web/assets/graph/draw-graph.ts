import type { GraphData, Placing } from './layout.ts';
import type { GraphColors, GraphView } from './messages.ts';
import { type Box, boxOf, overlaps, type PlacedName, placeNames } from './place-names.ts';

export interface Drawable extends GraphData {
  names: readonly string[];
  /** Which of the colours, and whether only its ring is drawn. */
  color: Int16Array;
  hollow: Uint8Array;
  /** 0 to 3: how much is leaned on it. */
  weight: Uint8Array;
  groupNames: readonly string[];
}
export interface Marks {
  selected: number;
  /** What a failure reaches; the rest is dimmed. */
  hits: ReadonlySet<number> | null;
}

/** Relations drawn while the picture moves, and at most in one picture. */
const mostMoving = 3_000;
const mostNames = 260;

type Canvas = OffscreenCanvasRenderingContext2D;

/** Draws what of the graph a view shows: far away its groups and dots, near at hand names too. Nothing outside is touched. */
export function drawGraph(
  canvas: Canvas,
  graph: Drawable,
  placing: Placing,
  {
    view,
    width,
    height,
    scale,
    isMoving,
  }: { view: GraphView; width: number; height: number; scale: number; isMoving: boolean },
  colors: GraphColors,
  marks: Marks,
): void {
  canvas.setTransform(scale, 0, 0, scale, 0, 0);
  canvas.clearRect(0, 0, width, height);
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  const toX = (x: number): number => (x - view.x) * view.zoom + halfWidth;
  const toY = (y: number): number => (y - view.y) * view.zoom + halfHeight;
  drawRelations(canvas, graph, placing, { toX, toY, width, height, isMoving, zoom: view.zoom }, colors, marks);

  const shown: number[] = [];
  const byColor = new Map<string, number[]>();
  for (let node = 0; node < graph.count; node++) {
    const [x, y] = [toX(placing.x[node] ?? 0), toY(placing.y[node] ?? 0)];
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
    shown.push(node);
    const isDim = marks.hits !== null && !marks.hits.has(node) && node !== marks.selected;
    const color = isDim
      ? colors.dim
      : marks.hits?.has(node)
        ? colors.hit
        : (colors.types[(graph.color[node] ?? 0) % colors.types.length] ?? colors.text);
    const key = `${graph.hollow[node] ? 'o' : '.'}${color}`;
    const alike = byColor.get(key);
    if (alike) alike.push(node);
    else byColor.set(key, [node]);
  }
  const radiusOf = (node: number): number =>
    Math.max(1.1, Math.min(13, (3 + (graph.weight[node] ?? 0) * 0.9) * Math.sqrt(view.zoom)));
  for (const [key, nodes] of byColor) {
    canvas.beginPath();
    for (const node of nodes) {
      const [x, y, radius] = [toX(placing.x[node] ?? 0), toY(placing.y[node] ?? 0), radiusOf(node)];
      // A square of three pixels is a dot to the eye and quicker than a circle.
      if (radius < 2) canvas.rect(x - radius, y - radius, radius * 2, radius * 2);
      else {
        canvas.moveTo(x + radius, y);
        canvas.arc(x, y, radius, 0, Math.PI * 2);
      }
    }
    if (key.startsWith('o')) {
      canvas.fillStyle = colors.ground;
      canvas.fill();
      canvas.strokeStyle = key.slice(1);
      canvas.lineWidth = 1.2;
      canvas.stroke();
    } else {
      canvas.fillStyle = key.slice(1);
      canvas.fill();
    }
  }
  if (marks.selected >= 0) {
    const [x, y] = [toX(placing.x[marks.selected] ?? 0), toY(placing.y[marks.selected] ?? 0)];
    canvas.beginPath();
    canvas.arc(x, y, radiusOf(marks.selected) + 4, 0, Math.PI * 2);
    canvas.strokeStyle = colors.accent;
    canvas.lineWidth = 2.5;
    canvas.stroke();
  }
  drawNames(canvas, graph, placing, shown, { toX, toY, radiusOf, view }, colors, marks);
}

interface Sight {
  toX: (x: number) => number;
  toY: (y: number) => number;
}

function drawRelations(
  canvas: Canvas,
  { from, to }: Drawable,
  { x, y }: Placing,
  {
    toX,
    toY,
    width,
    height,
    isMoving,
    zoom,
  }: Sight & { width: number; height: number; isMoving: boolean; zoom: number },
  colors: GraphColors,
  { selected, hits }: Marks,
): void {
  const every = isMoving ? Math.max(1, Math.ceil(from.length / mostMoving)) : 1;
  canvas.beginPath();
  const strong: number[] = [];
  for (let edge = 0; edge < from.length; edge += every) {
    const [a, b] = [from[edge] ?? 0, to[edge] ?? 0];
    if (a === selected || b === selected || (hits?.has(a) && (hits.has(b) || b === selected))) {
      strong.push(a, b);
      continue;
    }
    const [x1, y1, x2, y2] = [toX(x[a] ?? 0), toY(y[a] ?? 0), toX(x[b] ?? 0), toY(y[b] ?? 0)];
    if ((x1 < 0 && x2 < 0) || (y1 < 0 && y2 < 0) || (x1 > width && x2 > width) || (y1 > height && y2 > height))
      continue;
    if (Math.abs(x1 - x2) + Math.abs(y1 - y2) < 2) continue; // less than two pixels is under its own dots
    canvas.moveTo(x1, y1);
    canvas.lineTo(x2, y2);
  }
  canvas.strokeStyle = colors.line;
  // Thirty thousand lines over one another would be a blot: the further away, the fainter.
  canvas.globalAlpha = (hits ? 0.35 : 1) * Math.min(1, Math.max(0.12, (zoom * 1_500) / Math.max(1_500, from.length)));
  canvas.lineWidth = 1;
  canvas.stroke();
  canvas.globalAlpha = 1;
  canvas.beginPath();
  for (let end = 0; end < strong.length; end += 2) {
    canvas.moveTo(toX(x[strong[end] ?? 0] ?? 0), toY(y[strong[end] ?? 0] ?? 0));
    canvas.lineTo(toX(x[strong[end + 1] ?? 0] ?? 0), toY(y[strong[end + 1] ?? 0] ?? 0));
  }
  canvas.strokeStyle = hits ? colors.hit : colors.accent;
  canvas.lineWidth = 1.4;
  canvas.stroke();
}

function drawNames(
  canvas: Canvas,
  graph: Drawable,
  { x, y, centres }: Placing,
  shown: readonly number[],
  { toX, toY, radiusOf, view }: Sight & { radiusOf: (node: number) => number; view: GraphView },
  colors: GraphColors,
  { selected, hits }: Marks,
): void {
  canvas.textAlign = 'center';
  canvas.lineJoin = 'round';
  canvas.lineWidth = 3;
  canvas.strokeStyle = colors.ground;
  const write = (text: string, at: number, down: number): void => {
    canvas.strokeText(text, at, down);
    canvas.fillText(text, at, down);
  };
  // Names of things once they have room, of the most important first.
  const named =
    shown.length <= mostNames || view.zoom > 2.2
      ? shown.slice(0, mostNames)
      : shown.filter((node) => node === selected || (hits !== null && hits.size <= 60 && hits.has(node))).slice(0, 60);
  // Names of groups have their room first, those of the largest before others.
  canvas.font = groupFont(colors);
  const taken: Box[] = [];
  const headings = [...centres.entries()]
    .sort(([, one], [, other]) => other.radius - one.radius)
    .flatMap(([index, centre]): PlacedName[] => {
      const text = graph.groupNames[index];
      if (!text) return [];
      const heading = { text, x: toX(centre.x), y: toY(centre.y - centre.radius) - 6 };
      const box = boxOf(canvas.measureText(text).width, heading.x, heading.y);
      if (taken.some((other) => overlaps(box, other))) return [];
      taken.push(box);
      return [heading];
    });
  canvas.fillStyle = colors.text;
  if (view.zoom * 14 > 9 || named.length < 80) {
    canvas.font = `500 11px ${colors.font}`;
    const importance = (node: number): number => (node === selected ? 100 : (graph.weight[node] ?? 0));
    const wanted = named
      .toSorted((one, other) => importance(other) - importance(one))
      .map((node) => {
        const text = (graph.names[node] ?? '').slice(0, 28);
        const [at, down] = [toX(x[node] ?? 0), toY(y[node] ?? 0)];
        const isChosen = node === selected;
        return { text, width: canvas.measureText(text).width, x: at, y: down, away: radiusOf(node) + 3, isChosen };
      });
    const dots = named.map((node): Box => {
      const [at, down, radius] = [toX(x[node] ?? 0), toY(y[node] ?? 0), radiusOf(node)];
      return { left: at - radius, top: down - radius, right: at + radius, bottom: down + radius };
    });
    for (const { text, x: at, y: down } of placeNames(wanted, taken, dots)) write(text, at, down);
  }
  canvas.font = groupFont(colors);
  for (const { text, x: at, y: down } of headings) write(text, at, down);
}

const groupFont = ({ font }: GraphColors): string => `600 12px ${font}`;

/** Which node is at a place, the nearest within a distance; -1 where none is. */
export function nodeAt({ count }: GraphData, { x, y }: Placing, atX: number, atY: number, within: number): number {
  let [best, nearest] = [-1, within];
  for (let node = 0; node < count; node++) {
    const distance = Math.hypot((x[node] ?? 0) - atX, (y[node] ?? 0) - atY);
    if (distance < nearest) [best, nearest] = [node, distance];
  }
  return best;
}
