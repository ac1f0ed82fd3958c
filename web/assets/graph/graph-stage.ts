import { type FromWorker, type GraphColors, type GraphView, margin, type ToWorker } from './messages.ts';

const closest = 6;
/** A picture is drawn whole when nothing has moved for so long. */
const restMs = 120;

/**
 * The graph on screen. A worker draws pictures; between two of them the newest is moved and scaled, which the compositor
 * does, so that the pane follows the hand at every frame however many nodes there are.
 */
export class GraphStage {
  readonly #pane: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: ImageBitmapRenderingContext | null;
  readonly #worker: Worker;
  readonly #ends = new AbortController();
  readonly #waiting = new Map<number, (message: FromWorker) => void>();
  readonly #onPainted: () => void;
  #view: GraphView = { x: 0, y: 0, zoom: 1 };
  #shown: GraphView = this.#view;
  #farthest = 0.02;
  #isDrawing = false;
  #isStale = false;
  #isOurs = true;
  #frame = 0;
  #rest = 0;
  #last = 0;

  constructor(pane: HTMLElement, canvas: HTMLCanvasElement, worker: Worker, onPainted: () => void) {
    this.#pane = pane;
    this.#canvas = canvas;
    this.#worker = worker;
    this.#onPainted = onPainted;
    this.#context = canvas.getContext('bitmaprenderer');
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#hear(data));
    const { signal } = this.#ends;
    pane.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false, signal });
    this.#followPointers(signal);
    const sizes = new ResizeObserver(() => (this.#isOurs ? this.fit() : this.#ask()));
    sizes.observe(pane);
    signal.addEventListener('abort', () => sizes.disconnect());
  }

  #bounds: { left: number; top: number; right: number; bottom: number } | undefined;

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
  setColors(colors: GraphColors): void {
    this.tell({ kind: 'colors', colors });
  }

  /** The whole graph in the pane; it stays fitted until somebody moves it. */
  fit(): void {
    this.#isOurs = true;
    if (!this.#bounds) return;
    const { left, top, right, bottom } = this.#bounds;
    const { clientWidth, clientHeight } = this.#pane;
    // Above it stand the names of groups, and in the corner the choice of what they are.
    const [room, head] = clientWidth < 640 ? [32, 60] : [48, 40];
    const zoom = Math.min(
      (clientWidth - room) / Math.max(60, right - left),
      (clientHeight - room - head) / Math.max(60, bottom - top),
      2.5,
    );
    this.#farthest = Math.min(zoom * 0.5, 0.5);
    const shown = Math.max(0.005, zoom);
    this.#look({ x: (left + right) / 2, y: (top + bottom) / 2 - head / 2 / shown, zoom: shown });
  }
  zoomBy(factor: number): void {
    this.#isOurs = false;
    this.#zoomAt(this.#pane.clientWidth / 2, this.#pane.clientHeight / 2, factor);
  }
  panBy(right: number, down: number): void {
    this.#isOurs = false;
    const { x, y, zoom } = this.#view;
    this.#look({ x: x + right / zoom, y: y + down / zoom, zoom });
  }
  get zoom(): number {
    return this.#view.zoom;
  }

  /** Brings a node into the middle, near enough to read its name. */
  async show(node: number): Promise<void> {
    const at = await this.#question({ kind: 'place', id: (this.#last += 1), node });
    if (at.kind !== 'placed') return;
    this.#isOurs = false;
    this.#look({ x: at.x, y: at.y, zoom: Math.max(this.#view.zoom, 1.2) });
  }
  /** The node under a place of the pane; -1 where there is none. */
  async nodeAt(left: number, top: number): Promise<number> {
    const { x, y, zoom } = this.#view;
    const answer = await this.#question({
      kind: 'pick',
      id: (this.#last += 1),
      x: x + (left - this.#pane.clientWidth / 2) / zoom,
      y: y + (top - this.#pane.clientHeight / 2) / zoom,
      within: Math.max(7, 12 / zoom),
    });
    return answer.kind === 'picked' ? answer.node : -1;
  }
  close(): void {
    this.#ends.abort();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#worker.terminate();
  }

  #question(message: Extract<ToWorker, { id: number }>): Promise<FromWorker> {
    return new Promise((resolve) => {
      this.#waiting.set(message.id, resolve);
      this.tell(message);
    });
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'drawn') {
      this.#isDrawing = false;
      this.#context?.transferFromImageBitmap(message.picture);
      this.#canvas.style.width = `${message.width * (1 + 2 * margin)}px`;
      this.#canvas.style.height = `${message.height * (1 + 2 * margin)}px`;
      this.#shown = message.view;
      this.#place();
      this.#onPainted();
      if (this.#isStale) this.#ask();
    } else if (message.kind === 'bounds') {
      this.#bounds = message;
      if (this.#isOurs) this.fit();
    } else {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }

  #look(view: GraphView): void {
    this.#view = view;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#place();
      this.#ask();
    });
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => this.#ask(false), restMs);
  }

  /** Puts the picture that is there where its view belongs now. */
  #place(): void {
    const { clientWidth, clientHeight } = this.#pane;
    const scale = this.#view.zoom / this.#shown.zoom;
    const [x, y] = [
      (this.#shown.x - this.#view.x) * this.#view.zoom + clientWidth / 2,
      (this.#shown.y - this.#view.y) * this.#view.zoom + clientHeight / 2,
    ];
    this.#canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale}) translate(-50%, -50%)`;
  }

  /** One picture is being drawn at a time: the newest view waits for it, those between are never drawn. */
  #ask(isMoving = true): void {
    if (this.#isDrawing) {
      this.#isStale = true;
      return;
    }
    const { clientWidth: width, clientHeight: height } = this.#pane;
    if (width === 0 || height === 0) return;
    this.#isStale = false;
    this.#isDrawing = true;
    const scale = Math.min(2, window.devicePixelRatio || 1);
    this.tell({ kind: 'draw', view: this.#view, width, height, scale, isMoving });
  }

  #zoomAt(left: number, top: number, factor: number): void {
    const { x, y, zoom } = this.#view;
    const next = Math.min(closest, Math.max(this.#farthest, zoom * factor));
    const [dx, dy] = [left - this.#pane.clientWidth / 2, top - this.#pane.clientHeight / 2];
    this.#look({ x: x + dx / zoom - dx / next, y: y + dy / zoom - dy / next, zoom: next });
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.#isOurs = false;
    const box = this.#pane.getBoundingClientRect();
    const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.#zoomAt(
      event.clientX - box.left,
      event.clientY - box.top,
      Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016)),
    );
  }

  /** One finger or the mouse moves, two fingers zoom. */
  #followPointers(signal: AbortSignal): void {
    const down = new Map<number, { x: number; y: number }>();
    this.#pane.addEventListener(
      'pointerdown',
      (event) => {
        if (event.button !== 0) return;
        down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      },
      { signal },
    );
    addEventListener(
      'pointermove',
      (event) => {
        const before = down.get(event.pointerId);
        if (!before) return;
        const now = { x: event.clientX, y: event.clientY };
        const [other] = [...down].flatMap(([id, at]) => (id === event.pointerId ? [] : [at]));
        down.set(event.pointerId, now);
        if (other) {
          const box = this.#pane.getBoundingClientRect();
          const was = Math.hypot(before.x - other.x, before.y - other.y) || 1;
          this.#zoomAt(
            (now.x + other.x) / 2 - box.left,
            (now.y + other.y) / 2 - box.top,
            Math.hypot(now.x - other.x, now.y - other.y) / was,
          );
        } else this.panBy(before.x - now.x, before.y - now.y);
      },
      { signal },
    );
    for (const end of ['pointerup', 'pointercancel'] as const)
      addEventListener(end, (event) => down.delete(event.pointerId), { signal });
  }
}
