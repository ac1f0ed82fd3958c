import { consoleAddress } from '#contracts/kit/console-address.ts';
import { CancelledFailure } from '@temporalio/activity';
import type { NotifyRequest, Reply } from '#contracts/playbooks/engine/effects.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import type { Db } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { whileBeating } from '../kit/while-beating.ts';
import type { Notifier } from './notifier.ts';

export interface NotifyCall {
  workspaceId: string;
  runId: string;
  request: NotifyRequest;
}

/** The `notify` step (playbook-language §6). */
export const notifyActivities = ({ db, notify, publicUrl }: { db: Db; notify: Notifier; publicUrl: string }) => ({
  /** Repeatable: each message is keyed by run, step and address, and one that arrived is not sent again. */
  sendNotification: ({ workspaceId, runId, request }: NotifyCall): Promise<Reply> =>
    whileBeating(async (signal) => {
      const run = await untilDatabase(
        () =>
          inTenant(db, workspaceId, (tx) =>
            tx.selectFrom('runs').select('title').where('id', '=', runId).executeTakeFirst(),
          ),
        signal,
      );
      const title = run?.title ?? 'A run';
      try {
        const { delivered, failed, reasons } = await notify({
          workspaceId,
          key: `${runId}/${request.address}`,
          to: request.to as readonly Json[],
          subject: request.subject ?? title,
          text: request.message,
          run: { id: runId, title, url: consoleAddress(publicUrl, workspaceId, `/runs/${runId}`) },
          stepAddress: request.address,
          timeoutMs: request.timeoutMs ?? 30_000,
          signal,
        });
        if (delivered.length > 0) return { kind: 'ok', output: { delivered, failed } };
        const [first] = reasons;
        return {
          kind: 'error',
          error: {
            code: 'notify.undelivered',
            message: first ? `The notification reached nobody: ${first.message}` : 'The notification reached nobody.',
            details: { failed: reasons.map((reason) => ({ ...reason })) },
          },
        };
      } catch (error) {
        if (signal.aborted || error instanceof CancelledFailure) return { kind: 'canceled' };
        throw error;
      }
    }),
});
