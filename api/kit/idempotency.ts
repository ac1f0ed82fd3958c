import { setTimeout as sleep } from 'node:timers/promises';
import {
  claimIdempotencyKey,
  forgetIdempotencyKey,
  readIdempotentAnswer,
  storeIdempotentAnswer,
} from '#db/runs/idempotency-keys.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import type { Actor } from './actor.ts';
import { problem } from './problem.ts';
import type { ApiTools } from './tools.ts';

export interface Answer {
  status: number;
  body: unknown;
}

const waitMs = 10_000;

/**
 * Answers a repeated request with the first answer (design §3). The key's row reserves the id of what will be started,
 * so that a request whose process died half-way, repeated, finds the same run instead of starting a second one.
 * @param handle does the work with the reserved id
 * @throws `request.key_reused` for another body, `request.in_flight` where the twin does not end within 10 s
 */
export async function withIdempotency(
  tools: Pick<ApiTools, 'inTenant' | 'vault'>,
  { actor, route, key, body }: { actor: Actor; route: string; key: string; body: unknown },
  handle: (reservedId: string) => Promise<Answer>,
): Promise<Answer> {
  // A keyed hash: a body may hold a password, and a plain hash of a short one can be guessed.
  const bodyHash = await tools.vault.keyedHash(JSON.stringify(body ?? null), {
    workspaceId: actor.workspaceId,
    use: 'idempotency',
  });
  const claim = await tools.inTenant(actor, (tx) =>
    claimIdempotencyKey(tx, { route, key, bodyHash, reservedId: newRunId() }),
  );
  if (claim.bodyHash !== bodyHash) throw problem('request.key_reused');
  if (claim.answer) return claim.answer;
  if (!claim.isMine) return waitForTwin(tools, { actor, route, key });
  try {
    const answer = await handle(claim.reservedId);
    await tools.inTenant(actor, (tx) => storeIdempotentAnswer(tx, { route, key, answer }));
    return answer;
  } catch (error) {
    // A refusal is no answer to keep: the caller may mend what was wrong and use the key again.
    await tools.inTenant(actor, (tx) => forgetIdempotencyKey(tx, { route, key }));
    throw error;
  }
}

async function waitForTwin(
  tools: Pick<ApiTools, 'inTenant'>,
  { actor, route, key }: { actor: Actor; route: string; key: string },
): Promise<Answer> {
  const until = Date.now() + waitMs;
  while (Date.now() < until) {
    await sleep(100);
    const answer = await tools.inTenant(actor, (tx) => readIdempotentAnswer(tx, { route, key }));
    if (answer) return answer;
  }
  throw problem('request.in_flight', { retryAfter: 1 });
}
