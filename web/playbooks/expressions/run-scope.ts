import type { Json } from '#contracts/playbooks/document.ts';
import type { Scope, StepView } from '#contracts/playbooks/expressions/scope.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';

/**
 * What expressions saw at the end of a run, as far as its page knows it: outputs of steps that are not inside iterations,
 * inputs with secrets as `[secret]`, nothing of single hosts.
 */
export function scopeOfRun(run: RunDetail): Scope {
  const steps = run.steps.filter(({ id, address }) => id === address);
  const viewOf = (step: RunDetail['steps'][number]): StepView => ({
    status: step.status,
    output: (step.output ?? null) as Json,
    error: (step.error ?? null) as Json,
    attempts: step.attempts.length,
    hosts: {},
    startedAt: step.startedAt,
    endedAt: step.endedAt,
  });
  return {
    inputs: (run.inputs ?? {}) as Record<string, Json>,
    vars: {},
    steps: Object.fromEntries(steps.map((step) => [step.id, viewOf(step)])),
    run: {
      id: run.id,
      title: run.title,
      trigger: run.trigger,
      actor: { name: run.actor.name, email: '' },
      startedAt: run.startedAt ?? run.createdAt,
      dryRun: false,
      url: '',
      playbook: { name: run.title, version: run.subject?.version ?? 0 },
    },
    secrets: [],
    locals: {},
    nowMs: Date.parse(run.endedAt ?? run.startedAt ?? run.createdAt),
  };
}
