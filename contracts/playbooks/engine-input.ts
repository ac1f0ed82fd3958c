import type { EngineInput } from './engine/core.ts';
import type { RunPlaybookInput } from './run-playbook.ts';

/** What the engine needs to run or plan a playbook. */
export const engineInput = (input: RunPlaybookInput, startedAt: string): EngineInput => ({
  definition: input.definition,
  inputs: input.inputs,
  vars: input.vars,
  secrets: input.secrets,
  run: {
    id: input.runId,
    title: input.title,
    trigger: input.trigger,
    actor: { name: input.actor.name, email: input.actorEmail },
    startedAt,
    url: input.url,
    playbook: { name: input.playbook.name, version: input.playbook.version },
  },
  depth: input.depth,
  ...(input.carried && { carried: input.carried }),
});
