/** What part of the graph is seen: its middle, in units of the graph, and pixels to a unit. */
export interface GraphView {
  x: number;
  y: number;
  zoom: number;
}
export interface GraphColors {
  types: string[];
  ground: string;
  line: string;
  text: string;
  dim: string;
  accent: string;
  hit: string;
  font: string;
}
export type ToWorker =
  | {
      kind: 'graph';
      names: string[];
      color: Int16Array;
      hollow: Uint8Array;
      weight: Uint8Array;
      group: Int16Array;
      groupNames: string[];
      from: Int32Array;
      to: Int32Array;
    }
  | { kind: 'colors'; colors: GraphColors }
  | { kind: 'mark'; selected: number; hits: Int32Array | null }
  /** `width` and `height` in CSS pixels; `isMoving`: quickly rather than whole. */
  | { kind: 'draw'; view: GraphView; width: number; height: number; scale: number; isMoving: boolean }
  | { kind: 'pick'; id: number; x: number; y: number; within: number }
  | { kind: 'place'; id: number; node: number };
export type FromWorker =
  /** The picture of a view, larger than the pane by `margin` on each side, so that moving shows no edge. */
  | { kind: 'drawn'; picture: ImageBitmap; view: GraphView; width: number; height: number; isWhole: boolean }
  | { kind: 'bounds'; left: number; top: number; right: number; bottom: number; isSettled: boolean }
  | { kind: 'picked'; id: number; node: number }
  | { kind: 'placed'; id: number; x: number; y: number };

/** How far a picture reaches beyond the pane, in parts of its size. */
export const margin = 0.3;
