import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';

/** One step of the document, as the outline beside the editor shows it. */
export interface OutlineStep {
  id: string;
  name: string;
  kind: string;
  depth: number;
  line: number;
  /** `undo`, `onFailure`, `finally`: lists that do not run in the ordinary course. */
  section: string;
}
export interface Outline {
  name: string;
  steps: OutlineStep[];
  inputs: Array<Record<string, unknown>>;
  /** What the YAML itself says, where it cannot be read. */
  problem: { message: string; line: number } | null;
}

const text = (node: unknown): string =>
  isScalar(node) && node.value !== null && node.value !== undefined ? String(node.value) : '';
const nested = ['steps', 'then', 'else', 'default', 'branches', 'cases', 'undo', 'onFailure'] as const;

/** Reads the steps and inputs out of YAML, also while it is half written. */
export function outlineOf(yaml: string): Outline {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, keepSourceTokens: false });
  const root = document.contents;
  const steps: OutlineStep[] = [];
  const lineOf = (node: Node) => (node.range ? lines.linePos(node.range[0]).line : 1);
  const walk = (node: unknown, depth: number, section: string): void => {
    if (!isSeq(node)) return;
    for (const item of node.items) {
      if (!isMap(item)) continue;
      if (item.has('id') || item.has('kind')) {
        steps.push({
          id: text(item.get('id', true)),
          name: text(item.get('name', true)) || text(item.get('id', true)) || 'step',
          kind: text(item.get('kind', true)),
          depth,
          line: lineOf(item),
          section,
        });
        inside(item, depth + 1, section);
      } else inside(item, depth, section);
    }
  };
  const inside = (map: YAMLMap, depth: number, section: string) => {
    for (const key of nested) {
      const value = map.get(key, true);
      const of = key === 'undo' || key === 'onFailure' ? key : section;
      if (isSeq(value)) walk(value, depth, of);
      else if (isMap(value)) for (const pair of value.items) walk(pair.value, depth, of);
    }
  };
  let inputs: Outline['inputs'] = [];
  let name = '';
  if (isMap(root)) {
    name = text(root.get('name', true));
    walk(root.get('steps', true), 0, 'steps');
    walk(root.get('finally', true), 0, 'finally');
    const declared = root.get('inputs');
    if (isSeq(declared))
      inputs = (declared.toJSON() as unknown[]).filter(
        (input): input is Record<string, unknown> => input !== null && typeof input === 'object',
      );
  }
  const error = document.errors[0];
  return {
    name,
    steps,
    inputs,
    problem: error
      ? { message: error.message.split('\n')[0] ?? 'This is no YAML.', line: error.linePos?.[0].line ?? 1 }
      : null,
  };
}
