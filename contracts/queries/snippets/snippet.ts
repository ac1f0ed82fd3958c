import type { EngineKind } from '../engine.ts';

/** A snippet that comes with the product. What it names by itself is there on every account; tables of one's own are stops. */
export interface BuiltInSnippet {
  readonly engine: EngineKind;
  readonly trigger: string;
  readonly description: string;
  /** As `snippet-text.ts` says. */
  readonly text: string;
}

/** Makes those of one engine. */
export const snippetOf =
  (engine: EngineKind) =>
  (trigger: string, description: string, text: string): BuiltInSnippet => ({
    engine,
    trigger,
    description,
    text: text.trim(),
  });
