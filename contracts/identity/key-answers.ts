import { z } from 'zod';
import { Id, Instant, JsonObject, Name } from '../kit/schemas.ts';

/** How long a security key may take to answer what it is asked. */
export const keyAnswerMs = 5 * 60_000;
/** So many keys a person. */
export const mostKeys = 20;

const Bytes = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]+$/, 'Base64url.');
const Credential = {
  id: Bytes(1_400),
  rawId: Bytes(1_400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: JsonObject.default({}),
};
const Ticket = z.string().min(16).max(100);

/** What a security key is asked: the options of the browser's call, and the ticket that its answer comes back with. */
export const KeyChallenge = z.object({
  /** Good for one answer, for five minutes, for whoever was given it. */
  ticket: z.string(),
  /** For `navigator.credentials.get` or `create`, in JSON as WebAuthn writes it. */
  options: JsonObject,
});
export type KeyChallenge = z.infer<typeof KeyChallenge>;

/** A security key's answer to a challenge, in place of a code. */
export const KeyAnswer = z.object({
  ticket: Ticket,
  response: z.object({
    ...Credential,
    response: z.object({
      clientDataJSON: Bytes(4_000),
      authenticatorData: Bytes(4_000),
      signature: Bytes(8_000),
      userHandle: z.string().max(200).nullish(),
    }),
  }),
});
export type KeyAnswer = z.infer<typeof KeyAnswer>;

/** A new security key, as the browser made it, and what its owner calls it. */
export const NewSecurityKey = z.object({
  name: Name,
  ticket: Ticket,
  response: z.object({
    ...Credential,
    response: z.object({
      clientDataJSON: Bytes(4_000),
      attestationObject: Bytes(40_000),
      transports: z.array(z.string().max(40)).max(10).optional(),
    }),
  }),
});
export type NewSecurityKey = z.infer<typeof NewSecurityKey>;

export const SecurityKey = z.object({
  id: Id,
  name: z.string(),
  /** The name of the site it was made at: it answers there alone. */
  site: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
});
export type SecurityKey = z.infer<typeof SecurityKey>;

/** The `details` of `identity.code_needed`: by what the second factor can be shown. A recovery code always does. */
export const FactorsOffered = z.object({
  hasApp: z.boolean(),
  /** Where a security key can be used here. */
  key: KeyChallenge.nullable(),
  /** Where the keys work, if not at the address that asks. */
  keyAddress: z.string().nullable(),
});
export type FactorsOffered = z.infer<typeof FactorsOffered>;
