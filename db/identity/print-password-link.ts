// `npm run -s password-link -- you@example.com [--remove-second-factor]`: for the administrator who is locked out. Whoever
// may read the settings of the start may do everything already; so this asks for nothing more.
import { handedLinkMs } from '#contracts/identity/password-links.ts';
import { loadConfig } from '#system/config.ts';
import { knownUrls } from '#system/embedded/postgres-secrets.ts';
import { reasonOf } from '#system/start-failure.ts';
import { openDatabase } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';
import { makePasswordLink } from '../system/password-links.ts';
import { findAccountByEmail, tellWorkspacesOf } from '../system/people.ts';

const flag = '--remove-second-factor';
const actor = { kind: 'system' as const, id: null, name: 'Command line of the server' };

/** The link, or a sentence that says why there is none. */
async function printLink([email, ...flags]: readonly string[]): Promise<string> {
  if (!email || flags.some((given) => given !== flag))
    throw new Error(`Say for whom: npm run -s password-link -- you@example.com [${flag}]`);
  const config = loadConfig();
  const url = config.databaseSystemUrl?.reveal() ?? knownUrls(config.home)?.system;
  if (!url) throw new Error(`${config.home} holds no database yet: npm start makes it.`);
  const system = openDatabase(url, { max: 1 });
  try {
    const token = await inSystem(system, async (tx) => {
      const account = await findAccountByEmail(tx, email);
      if (!account) throw new Error(`There is no account with the address ${email}.`);
      const removesFactor = flags.includes(flag);
      const made = await makePasswordLink(tx, {
        userId: account.id,
        madeBy: actor,
        removesFactor,
        lastsMs: handedLinkMs,
        now: new Date(),
      });
      await tellWorkspacesOf(tx, account.id, {
        actor,
        action: 'person.password_link_made',
        subject: `person:${account.id}`,
        title: account.email,
        after: { removesSecondFactor: removesFactor, expiresAt: made.expiresAt.toISOString() },
      });
      return made.token;
    });
    return `${config.publicUrl ?? `http://${config.host}:${config.port}`}/reset-password/${token}`;
  } finally {
    await system.destroy();
  }
}

try {
  console.log(await printLink(process.argv.slice(2)));
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
