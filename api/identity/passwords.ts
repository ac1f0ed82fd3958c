import { hash, verify } from '@node-rs/argon2';
import { problem } from '../kit/problem.ts';
import { createTurns } from '../kit/turns.ts';

/** Argon2id with 19 MiB and 2 passes (OWASP's first choice): about 20 ms of one core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Two at once: a storm of sign-ins must not take all cores and memory from the rest. */
const inTurn = createTurns({ atOnce: 2, mostWaiting: 100 });

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password.normalize('NFKC'), cost));

let standIn: Promise<string> | undefined;

/**
 * Whether this is the password. Without a hash it takes as long and says no, so that the time does not tell whether an
 * account exists.
 */
export async function isPassword(stored: string | undefined, password: string): Promise<boolean> {
  const compared = stored ?? (await (standIn ??= hashPassword('nobody has this password')));
  const isRight = await inTurn(() => verify(compared, password.normalize('NFKC')));
  return isRight && stored !== undefined;
}

const common = new Set(
  'password passwort 12345678 123456789 1234567890 password1 password12 password123 qwertyuiop qwerty123 iloveyou letmein1 welcome1 admin123 administrator changeme changeit trustno1 sunshine princess football baseball superman passw0rd p@ssw0rd p@ssword abcd1234 1q2w3e4r 1qaz2wsx windlass temporal'.split(
    ' ',
  ),
);

/** Refuses what is guessed first. Length does the rest: no rules about kinds of characters. */
export function checkNewPassword(password: string, { email, name }: { email: string; name: string }): void {
  const plain = password.toLowerCase();
  const own = [email, email.split('@')[0], name].map((text) => text?.toLowerCase().trim());
  if (common.has(plain) || new Set(plain).size < 4 || own.includes(plain)) throw problem('identity.password_weak');
}
