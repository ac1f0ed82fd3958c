/** Names that hold secrets, but for those that only point at one (`credentialId`, `tokenHash` never comes here). */
const secretName =
  /pass(?:word|phrase|wd)|secret|token|private_?key|authorization|cookie|api_?key|otp|recovery|credential$/i;
const pointer = /(?:ids?|names?|at|kind|minutes|days|url|ref|fingerprint|count)$/i;
/** Texts that are secrets whatever they are called: PEM private keys, our API keys, JSON web tokens. */
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bwl_[A-Za-z0-9_-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

const hidden = '[secret]';

/**
 * A copy fit for the audit log: secrets become `[secret]`, by the name they stand under or by their look. It is the
 * second lock, not the first: callers leave secrets out.
 */
export function withoutSecrets(value: unknown): unknown {
  return clean(value, 0);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return secretText.test(value) ? hidden : value;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? value.toString() : value;
  // A date, and the vault's secrets, which print as `[secret]`.
  if ('toJSON' in value && typeof value.toJSON === 'function') return (value.toJSON as () => unknown)();
  if (depth >= 8) return '…';
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isSecret(name, item) ? hidden : clean(item, depth + 1)]),
  );
}

const isSecret = (name: string, value: unknown): boolean =>
  secretName.test(name) &&
  !pointer.test(name) &&
  value !== null &&
  value !== undefined &&
  typeof value !== 'boolean' &&
  typeof value !== 'number';
