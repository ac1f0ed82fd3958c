import { z } from 'zod';
import type { Connection } from '#contracts/connections/connections.ts';
import { engineKinds, type EngineKind } from '#contracts/queries/engine.ts';
import { hasSignIn } from './connections.ts';

export const stepNames = ['kind', 'details', 'sign_in', 'unit', 'test', 'done'] as const;
export type StepName = (typeof stepNames)[number];

/** Where connecting stands, as it is in the address: it outlives a reload and the way to the service and back. */
export const ConnectView = z.object({
  kind: z.enum(['', ...engineKinds]).default(''),
  /** The connection that is being made; on the server it is `new` until somebody has signed in. */
  id: z.string().default(''),
  step: z.enum(['', ...stepNames]).default(''),
  /** What the way back from the service brings; the service's own words are in the connection's failure. */
  signIn: z.enum(['', 'ok', 'failed']).default(''),
  reason: z.string().max(100).default(''),
});
export type ConnectView = z.infer<typeof ConnectView>;

/** The steps that a kind has. Before it is known, all that may come. */
export function stepsOf(kind: EngineKind | null, connection: Connection | null): StepName[] {
  const asksPerson = connection ? hasSignIn(connection) : kind !== 'postgres';
  return stepNames.filter((step) => (step !== 'sign_in' || asksPerson) && (step !== 'unit' || kind !== 'postgres'));
}

/** The furthest step that can be done now: what is asked for where it can be, else what is missing before it. */
export function currentStep(view: Pick<ConnectView, 'kind' | 'step'>, connection: Connection | null): StepName {
  if (!connection) return view.kind === '' || view.step === 'kind' ? 'kind' : 'details';
  const steps = stepsOf(connection.kind, connection);
  const isIn = connection.state === 'connected' || connection.state === 'unavailable';
  const furthest: StepName = isIn ? 'done' : hasSignIn(connection) ? 'sign_in' : 'test';
  const next: StepName = isIn ? (connection.kind === 'postgres' ? 'test' : 'unit') : furthest;
  const asked = view.step === '' || view.step === 'kind' ? next : view.step;
  const isReachable = steps.includes(asked) && steps.indexOf(asked) <= steps.indexOf(furthest);
  return isReachable ? asked : next;
}
