import { createHash, randomBytes } from 'node:crypto';
import { MailFailure, type MailClient } from '#connectors/mail/mailer.ts';
import { claimLetter, dropLetter, markMailed, type ApprovalLetter } from '#db/approvals/approval-links.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { unsentLetters } from '#db/system/approvals-due.ts';
import type { Log } from '#system/log.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface MailApprovalsTools {
  db: Db;
  system: Db;
  mail: MailClient;
  /** `https://windlass.example.com`, no slash at its end. */
  publicUrl: string;
  log: Log;
}

/** Sends each person who is asked a letter with a link of their own: shown by GET, acted on by POST, good once. */
export const mailApprovals = ({ db, system, mail, publicUrl, log }: MailApprovalsTools): Sweep => ({
  name: 'mail-approvals',
  everyMs: 3_000,
  run: async () => {
    if (!mail.isReady) return;
    for (const { workspaceId, id } of await inSystem(system, (tx) => unsentLetters(tx))) {
      const token = randomBytes(24).toString('base64url');
      const hash = createHash('sha256').update(token).digest('base64url');
      const letter = await inTenant(db, workspaceId, async (tx) => {
        const claimed = await claimLetter(tx, id, hash);
        if (!claimed) await dropIfPast(tx, id);
        return claimed;
      });
      if (!letter) continue;
      try {
        await mail.send(write(letter, `${publicUrl}/approve/${token}`));
        await inTenant(db, workspaceId, (tx) => markMailed(tx, id));
      } catch (error) {
        if (!(error instanceof MailFailure)) throw error;
        // Tried again by a later pass, up to six times; an address refused for good is not.
        log.warn({ err: error, workspaceId }, 'a letter about an approval could not be sent');
        if (error.code === 'mail.refused') await inTenant(db, workspaceId, (tx) => dropLetter(tx, id));
      }
    }
  },
});

/** A letter that cannot be claimed is either in other hands, which the next pass sees, or its question is over. */
async function dropIfPast(tx: Parameters<typeof dropLetter>[0], linkId: string): Promise<void> {
  const open = await tx
    .selectFrom('approvalLinks as l')
    .innerJoin('approvals as a', 'a.id', 'l.approvalId')
    .select('l.id')
    .where('l.id', '=', linkId)
    .where('a.state', '=', 'open')
    .where('l.expiresAt', '>', new Date())
    .executeTakeFirst();
  if (!open) await dropLetter(tx, linkId);
}

function write(
  { linkId, personName, email, subject, message, runTitle, workspace, expiresAt }: ApprovalLetter,
  link: string,
) {
  const until = expiresAt.toISOString().replace('T', ' ').slice(0, 16);
  return {
    to: email,
    subject: `[${workspace}] Your decision: ${subject}`,
    text: [
      `Hello ${personName},`,
      `“${runTitle}” waits for a decision: ${subject}`,
      ...(message === '' ? [] : [message]),
      `Look at it and decide, until ${until} UTC:`,
      link,
      'The link is yours alone and decides once. Opening it decides nothing.',
    ].join('\n\n'),
    key: `approval/${linkId}`,
  };
}
