import { cancellationSignal } from '@temporalio/activity';
import type { ConnectionRef, RenewalOutcome, RenewToken } from '#contracts/connections/lifecycle.ts';
import { whileBeating } from '../kit/while-beating.ts';
import { renewTokens, type RenewTools } from './renew-tokens.ts';

export type ConnectionCallActivities = ReturnType<typeof connectionCallActivities>;

/** Activities of `connectionLifecycle` on the queue `query`: they speak with the service. */
export const connectionCallActivities = (tools: RenewTools) => ({
  /** Repeatable: what stands newer than the generation asked for is the answer. */
  renewTokens: ({ workspaceId, connectionId, ...wanted }: ConnectionRef & RenewToken): Promise<RenewalOutcome> =>
    whileBeating(() =>
      renewTokens(tools, { workspaceId, connectionId, unit: wanted.unit }, wanted, cancellationSignal()),
    ),
});
