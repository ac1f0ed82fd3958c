import { type Drawable, drawGraph, type Marks, nodeAt } from './draw-graph.ts';
import { firstPlacing, type Placing, settle, spacing } from './layout.ts';
import { type FromWorker, type GraphColors, margin, type ToWorker } from './messages.ts';

/** Lays the graph out and draws it, all off the page's own thread, so that moving about in it never waits for either. */
const steps = 90;
let graph: Drawable | undefined;
let placing: Placing | undefined;
let colors: GraphColors | undefined;
let marks: Marks = { selected: -1, hits: null };
let wanted: Extract<ToWorker, { kind: 'draw' }> | undefined;
let canvas: OffscreenCanvas | undefined;
let step = steps;

const say = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

function tellBounds(): void {
  if (!placing) return;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, radius } of placing.centres) {
    left = Math.min(left, x - radius);
    top = Math.min(top, y - radius);
    right = Math.max(right, x + radius);
    bottom = Math.max(bottom, y + radius);
  }
  say({ kind: 'bounds', left, top, right, bottom, isSettled: step >= steps });
}

function draw(): void {
  if (!wanted || !graph || !placing || !colors) return;
  const { view, width, height, scale, isMoving } = wanted;
  const [wide, high] = [Math.round(width * (1 + 2 * margin)), Math.round(height * (1 + 2 * margin))];
  canvas ??= new OffscreenCanvas(1, 1);
  if (canvas.width !== wide * scale || canvas.height !== high * scale) {
    canvas.width = wide * scale;
    canvas.height = high * scale;
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  drawGraph(context, graph, placing, { view, width: wide, height: high, scale, isMoving }, colors, marks);
  const picture = canvas.transferToImageBitmap();
  say({ kind: 'drawn', picture, view, width, height, isWhole: !isMoving }, [picture]);
}

/** Settles in slices, so that a view that is asked for meanwhile is drawn at once. */
function goOn(): void {
  if (!graph || !placing || step >= steps) return;
  for (const until = performance.now() + 24; step < steps && performance.now() < until; step++)
    settle(graph, placing, spacing * 0.5 * (1 - step / steps));
  const isSettled = step >= steps;
  if (isSettled || step % 8 < 2) draw();
  if (isSettled) tellBounds();
  else setTimeout(goOn, 0);
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case 'graph': {
      const { names, groupNames, ...rest } = data;
      graph = { ...rest, names, groupNames, count: names.length, groups: groupNames.length };
      placing = firstPlacing(graph);
      step = 0;
      tellBounds();
      setTimeout(goOn, 60); // the first picture goes before
      break;
    }
    case 'colors':
      ({ colors } = data);
      draw();
      break;
    case 'mark':
      marks = { selected: data.selected, hits: data.hits && new Set(data.hits) };
      draw();
      break;
    case 'draw':
      wanted = data;
      draw();
      break;
    case 'pick':
      say({
        kind: 'picked',
        id: data.id,
        node: graph && placing ? nodeAt(graph, placing, data.x, data.y, data.within) : -1,
      });
      break;
    case 'place':
      say({ kind: 'placed', id: data.id, x: placing?.x[data.node] ?? 0, y: placing?.y[data.node] ?? 0 });
      break;
  }
});
