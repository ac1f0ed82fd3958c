import { createHash, randomBytes } from 'node:crypto';
import { checkExpressions } from '#contracts/hooks/map-values.ts';
import {
  type ChangeWebhook,
  type CreateWebhook,
  type Webhook,
  type WebhookAddress,
  type WebhookAnswer,
  webhookRoutes,
} from '#contracts/hooks/webhooks.ts';
import { formatDuration, parseDuration } from '#contracts/kit/duration.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { listCalls, readCall, callSeal } from '#db/hooks/webhook-calls.ts';
import {
  type WebhookRow, type WebhookValues, addWebhookToken, deleteWebhook, insertWebhook, listWebhooks, readWebhook, readWebhookRow, removeWebhookToken, updateWebhook, webhookSeal,
} from '#db/hooks/webhooks.ts'; // prettier-ignore
import type { TenantTx } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { findWebhookToken } from '#db/system/webhook-tokens.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { callRates } from './call-rates.ts';
import { checkStartTarget } from './check-target.ts';
import { receiveCall } from './read-call.ts';
import { recordRefusal, startByCall } from './start-by-call.ts';

/** What expressions of a webhook see. */
const names = ['body', 'headers', 'query'];
const longestWaitMs = 60_000;

/** Webhooks: addresses that start playbooks, and the calls that came. */
export const webhookRoom = room(webhookRoutes, (tools) => {
  const rates = callRates();
  return {
    listWebhooks: ({ actor, query }) => tools.inTenant(actor, (tx) => listWebhooks(tx, query)),
    getWebhook: ({ actor, params, reply }) =>
      tools.inTenant(actor, async (tx) => withEtag(reply, await mustRead(tx, params.id))),

    createWebhook: (call) => {
      const { actor, body, reservedId: id } = call;
      return tools.inTenant(actor, async (tx) => {
        const values = await readValues(tx, tools, actor, id, body, null);
        await insertWebhook(tx, id, values, actorRef(actor));
        const address = await newAddress(tx, tools, id);
        const webhook = await mustRead(tx, id);
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'webhook.created',
          subject: `webhook:${id}`,
          title: webhook.name,
          after: auditOf(webhook),
        });
        return { webhook, address };
      });
    },

    changeWebhook: (call) => {
      const { actor, params, body, request, reply } = call;
      const expected = versionOf(request);
      return tools.inTenant(actor, async (tx) => {
        const row = await mustLock(tx, params.id);
        if (expected !== undefined && expected !== row.version) throw problem('request.stale');
        const before = await mustRead(tx, params.id);
        await updateWebhook(
          tx,
          params.id,
          await readValues(tx, tools, actor, params.id, merge(row, body), row.sealedSecret),
        );
        const after = await mustRead(tx, params.id);
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'webhook.changed',
          subject: `webhook:${params.id}`,
          title: after.name,
          before: auditOf(before),
          after: auditOf(after),
        });
        return withEtag(reply, after);
      });
    },

    deleteWebhook: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const { name } = await mustLock(tx, call.params.id);
        await deleteWebhook(tx, call.params.id);
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'webhook.removed',
          subject: `webhook:${call.params.id}`,
          title: name,
        });
      }),

    addWebhookToken: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const { name } = await mustLock(tx, call.params.id);
        const address = await newAddress(tx, tools, call.params.id);
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'webhook.address_added',
          subject: `webhook:${call.params.id}`,
          title: name,
        });
        return { webhook: await mustRead(tx, call.params.id), address };
      }),
    removeWebhookToken: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const { name } = await mustLock(tx, call.params.id);
        if (!(await removeWebhookToken(tx, call.params.id, call.params.tokenId))) throw problem('request.not_found');
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'webhook.address_removed',
          subject: `webhook:${call.params.id}`,
          title: name,
        });
      }),

    listWebhookCalls: ({ actor, params, query }) =>
      tools.inTenant(actor, async (tx) => {
        await mustRead(tx, params.id);
        return listCalls(tx, params.id, query);
      }),
    getWebhookCall: (call) => {
      const { actor, params } = call;
      return tools.inTenant(actor, async (tx) => {
        const found = await readCall(tx, params.id, params.callId);
        if (!found) throw problem('request.not_found');
        const { sealedBody, call: shown, ...rest } = found;
        // What a sender wrote may hold secrets: who reads it is on record.
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'webhook.call_read',
          subject: `webhook:${params.id}`,
          after: { callId: params.callId },
        });
        return {
          ...shown,
          ...rest,
          body:
            sealedBody === null
              ? null
              : (await openBody(tools, actor.workspaceId, params.callId, sealedBody)).toString('utf8'),
        };
      });
    },
    replayWebhookCall: async (call) => {
      const { actor, params } = call;
      const { webhook, found } = await tools.inTenant(actor, async (tx) => {
        const row = await mustLock(tx, params.id);
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'webhook.replayed',
          subject: `webhook:${params.id}`,
          title: row.name,
          after: { callId: params.callId },
        });
        return { webhook: row, found: await readCall(tx, params.id, params.callId) };
      });
      if (!found) throw problem('request.not_found');
      if (found.sealedBody === null) throw problem('webhook.not_replayable');
      const body = await openBody(tools, actor.workspaceId, params.callId, found.sealedBody);
      const received = {
        method: found.method,
        address: found.call.address,
        headers: found.headers,
        query: found.query,
        body,
      };
      const { runId } = await startByCall(tools, { webhook, tokenId: null, call: received, replayOf: params.callId });
      return { runId };
    },

    callWebhook: async ({ params, request, reply }) => {
      const token = await inSystem(tools.system, (tx) => findWebhookToken(tx, hashToken(params.token)));
      const webhook =
        token && (await inTenant(tools.db, token.workspaceId, (tx) => readWebhookRow(tx, token.webhookId)));
      if (!webhook) throw problem('webhook.not_found');
      const attempt = { webhook, tokenId: token.id, call: receiveCall(request) };
      const over = rates.count(webhook.id, webhook.rateLimit, Date.now());
      if (over) {
        const refusal = problem('webhook.too_many', { limit: webhook.rateLimit, retryAfter: over.retryAfter });
        if (over.isFirst) await recordRefusal(tools, attempt, refusal);
        throw refusal;
      }
      if (!webhook.enabled) {
        const refusal = problem('webhook.not_found');
        await recordRefusal(tools, attempt, refusal);
        throw refusal;
      }
      const { runId, isDuplicate } = await startByCall(tools, attempt);
      const ended =
        webhook.waitMs === null || isDuplicate
          ? null
          : await awaitEnd(tools, webhook.workspaceId, runId, webhook.waitMs, request.raw.socket);
      const answer: WebhookAnswer = { runId, ...(isDuplicate && { duplicate: true as const }), ...ended };
      return reply
        .code(isDuplicate || ended ? 200 : 202)
        .header('referrer-policy', 'no-referrer')
        .send(answer);
    },
  };
});

const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
const openBody = async (tools: ApiTools, workspaceId: string, callId: string, sealed: string): Promise<Buffer> =>
  Buffer.from((await tools.vault.open(sealed, callSeal(workspaceId, callId))).reveal(), 'base64');

async function mustRead(tx: TenantTx, id: string): Promise<Webhook> {
  const webhook = await readWebhook(tx, id);
  if (!webhook) throw problem('request.not_found');
  return webhook;
}
async function mustLock(tx: TenantTx, id: string): Promise<WebhookRow> {
  const row = await readWebhookRow(tx, id, { lock: true });
  if (!row) throw problem('request.not_found');
  return row;
}

async function newAddress(tx: TenantTx, tools: ApiTools, webhookId: string): Promise<WebhookAddress> {
  const token = randomBytes(24).toString('base64url');
  const tokenId = await addWebhookToken(tx, webhookId, { tokenHash: hashToken(token), hint: token.slice(-4) });
  const { publicUrl, host, port } = tools.config;
  return {
    tokenId,
    token,
    url: `${publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`}/api/v1/hooks/${token}`,
  };
}

/** Checks what would be saved: target, names of inputs, expressions, secret. */
async function readValues(
  tx: TenantTx,
  tools: ApiTools,
  actor: Actor,
  id: string,
  body: CreateWebhook,
  sealedBefore: string | null,
): Promise<WebhookValues> {
  const expressions = Object.fromEntries(
    Object.entries(body.inputs).map(([name, expression]) => [`/body/inputs/${name}`, expression]),
  );
  const issues = [
    ...(await checkStartTarget(tx, body.target, Object.keys(body.inputs))),
    ...checkExpressions(
      { ...expressions, ...(body.dedup?.expression && { '/body/dedup/expression': body.dedup.expression }) },
      names,
    ),
  ];
  const waitMs = body.wait === null ? null : (parseDuration(body.wait) ?? 0);
  if (waitMs !== null && (waitMs < 100 || waitMs > longestWaitMs))
    issues.push({
      path: '/body/wait',
      code: 'out_of_range',
      message: `From 100ms to ${formatDuration(longestWaitMs)}.`,
    });
  if (body.dedup && !body.dedup.expression === !body.dedup.header)
    issues.push({ path: '/body/dedup', code: 'shape.bad_value', message: 'Give either header or expression.' });
  const sealedSecret =
    body.secret === undefined ? sealedBefore : await tools.vault.seal(body.secret, webhookSeal(actor.workspaceId, id));
  if (body.signature && sealedSecret === null)
    issues.push({
      path: '/body/secret',
      code: 'shape.missing_field',
      message: 'A signature needs the secret shared with the sender.',
    });
  if (issues.length > 0)
    throw problem(
      'webhook.config_invalid',
      {},
      issues.map((issue) => ({ ...issue })),
    );
  return {
    name: body.name,
    description: body.description,
    targetId: body.target.id,
    targetVersion: body.target.version ?? null,
    enabled: body.enabled,
    signature: body.signature,
    sealedSecret: body.signature ? sealedSecret : null,
    dedup: body.dedup,
    inputs: body.inputs,
    sizeLimit: body.sizeLimit,
    rateLimit: body.rateLimit,
    waitMs,
  };
}

const merge = (row: WebhookRow, body: ChangeWebhook): CreateWebhook => ({
  name: body.name ?? row.name,
  description: body.description ?? row.description,
  target: body.target ?? { kind: 'playbook', id: row.targetId, version: row.targetVersion },
  enabled: body.enabled ?? row.enabled,
  signature: body.signature === undefined ? row.signature : body.signature,
  ...(body.secret !== undefined && { secret: body.secret }),
  dedup: body.dedup === undefined ? row.dedup : body.dedup,
  inputs: body.inputs ?? row.inputs,
  sizeLimit: body.sizeLimit ?? row.sizeLimit,
  rateLimit: body.rateLimit ?? row.rateLimit,
  wait: body.wait === undefined ? (row.waitMs === null ? null : formatDuration(row.waitMs)) : body.wait,
});

/** Waits for a run's end; null where it takes longer, or the caller has gone. */
async function awaitEnd(
  tools: ApiTools,
  workspaceId: string,
  runId: string,
  waitMs: number,
  socket: { destroyed: boolean },
): Promise<Pick<WebhookAnswer, 'status' | 'outputs' | 'error'> | null> {
  const until = Date.now() + waitMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const run = await inTenant(tools.db, workspaceId, (tx) =>
      tx.selectFrom('runs').select(['status', 'outputs', 'error']).where('id', '=', runId).executeTakeFirst(),
    );
    if (!run) return null;
    if (isEnded(run.status)) return { status: run.status, outputs: run.outputs, error: run.error };
    const leftMs = until - Date.now();
    if (leftMs <= 0 || socket.destroyed) return null;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
  }
}

const auditOf = ({ name, target, enabled, signature, dedup, inputs, sizeLimit, rateLimit, wait }: Webhook) => ({
  name,
  target,
  enabled,
  signature,
  dedup,
  inputs,
  sizeLimit,
  rateLimit,
  wait,
});
