import { utf8Length } from './bytes.ts';
import type { Playbook } from './document.ts';
import type { StaticScope } from './expressions/check.ts';
import { typeChecker } from './expressions/typed.ts';
import { limits } from './limits.ts';
import { documentFields } from './shape/document.ts';
import type { PlaybookLookup } from './validation/calls.ts';
import { checkDeclarations } from './validation/declarations.ts';
import { giveHints } from './validation/hints.ts';
import { idsOfList, outline, readableInputs } from './validation/outline.ts';
import type { OutlinedStep } from './validation/outline.ts';
import { Problems } from './validation/problems.ts';
import type { Problem } from './validation/problems.ts';
import { checkSteps } from './validation/steps.ts';
import type { StepWalk } from './validation/steps.ts';
import { isMap } from './validation/maps.ts';
import { checkFields, exceeded, valueName } from './validation/walker.ts';

export type { FoundPlaybook, PlaybookLookup } from './validation/calls.ts';
export type { Problem } from './validation/problems.ts';
export { isRetryableCode, mayRetryCode } from './validation/rules.ts';

export interface ValidationContext {
  /** Finds what `playbook` steps call; without it they are not looked up. */
  readonly playbooks?: PlaybookLookup;
  /** The id of the playbook that is saved, so that a call of it by id is seen as a circle. */
  readonly playbookId?: string;
  /** Names of the workspace's variables and secrets, for hints. */
  readonly vars?: readonly string[];
  readonly secrets?: readonly string[];
}

export interface Validation {
  readonly valid: boolean;
  /** In document order, at most a hundred. */
  readonly errors: readonly Problem[];
  readonly hints: readonly Problem[];
}

/** Checks a definition as a save does (§12): every error at once. Saving refuses errors, not hints. */
export function validatePlaybook(definition: unknown, context: ValidationContext = {}): Validation {
  const problems = new Problems();
  if (!isMap(definition)) {
    problems.error('shape.wrong_type', '', `A playbook is a map: {name, steps, …}, not ${valueName(definition)}.`);
    return problems.sorted(definition);
  }
  const bytes = utf8Length(JSON.stringify(definition));
  if (bytes > limits.documentBytes) {
    exceeded({ problems }, '', 'documentBytes', bytes);
    return problems.sorted(definition);
  }
  const steps = outline(definition);
  const inputs = readableInputs(definition['inputs']);
  checkDocument(definition, steps, inputs, context, problems);
  checkIds(steps, problems);
  giveHints(definition, steps, inputs, context, problems);
  return problems.sorted(definition);
}

/** A definition that passed: the same object, typed. */
export const asPlaybook = (definition: unknown, { valid }: Validation): Playbook | undefined =>
  valid ? (definition as Playbook) : undefined;

function checkDocument(
  definition: Record<string, unknown>,
  steps: readonly OutlinedStep[],
  inputs: ReturnType<typeof readableInputs>,
  context: ValidationContext,
  problems: Problems,
): void {
  const start: StaticScope = {
    inputs,
    steps: new Map(steps.map((step) => [step.id, step])),
    visible: new Set(),
    locals: new Set(),
    hasHost: false,
    hasError: false,
    hasRunEnd: false,
    types: typeChecker(uniqueByName(inputs)),
  };
  const ended: StaticScope = { ...start, visible: new Set(idsOfList(definition['steps'])) };
  const name = typeof definition['name'] === 'string' ? definition['name'] : undefined;
  const walk: StepWalk = {
    problems,
    onInputs: (value, path) =>
      checkDeclarations(value, path, {
        problems,
        scope: undefined,
        onSteps: () => undefined,
        onInputs: () => undefined,
      }),
    self: { name, id: context.playbookId },
    playbooks: context.playbooks,
  };
  if (steps.length > limits.steps) exceeded(walk, '/steps', 'steps', steps.length);
  checkFields(definition, documentFields, '', { ...walk, scope: start, onSteps: () => undefined }, (field) => {
    const scope = field === 'finally' ? { ...ended, hasRunEnd: true } : field === 'outputs' ? ended : start;
    return {
      ...walk,
      scope,
      onSteps: (value, path) => checkSteps(value, path, { scope, depth: 0, isUndo: false }, walk),
    };
  });
}

const uniqueByName = (inputs: ReturnType<typeof readableInputs>): ReturnType<typeof readableInputs> => [
  ...new Map(inputs.map((input) => [input.name, input])).values(),
];

/** Ids are unique in the whole document, told at the second. */
function checkIds(steps: readonly OutlinedStep[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { id, path } of steps) {
    if (seen.has(id))
      problems.error(
        'id.duplicate',
        `${path}/id`,
        `There is already a step ${id}; ids are unique in the whole document.`,
      );
    seen.add(id);
  }
}
