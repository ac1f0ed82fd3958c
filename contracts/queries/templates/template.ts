import type { EngineKind } from '../engine.ts';
import type { ParameterDef } from '../parameter-defs.ts';

/** A query to begin with. What it needs is there on every account: no table of one's own but where it says so. */
export interface QueryTemplate {
  readonly id: string;
  readonly engine: EngineKind;
  readonly title: string;
  /** What it answers, and what to know about it; a sentence or two. */
  readonly why: string;
  readonly sql: string;
  /** Values without which it runs are given as defaults. */
  readonly parameters: readonly ParameterDef[];
}
