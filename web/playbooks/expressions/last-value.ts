import type { Json } from '#contracts/playbooks/document.ts';
import { evaluateJson } from '#contracts/playbooks/expressions/evaluate.ts';
import { LanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import type { Scope, StepView } from '#contracts/playbooks/expressions/scope.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';

const MOST = 90;

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

/** What an expression would have given in the last run, short; undefined where that run does not tell. */
export function lastValue(source: string, last: Scope | undefined): string | undefined {
  if (!last || !/\b(?:steps|inputs|run)\b/.test(source)) return undefined;
  try {
    const text = JSON.stringify(evaluateJson(source, last));
    return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  } catch (error) {
    // What reads variables, an item or a host is not known here; what is wrong is told by the check.
    if (error instanceof LanguageFailure) return undefined;
    throw error;
  }
}
