import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, IdParams, Instant, Name, PageQuery, pageOf } from '../kit/schemas.ts';

export const credentialKinds = ['ssh_key', 'password'] as const;
export const generatedKeyTypes = ['ed25519', 'ecdsa', 'rsa'] as const;

/** What signs in to servers. Its secrets go in and never come out. */
export const Credential = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(credentialKinds),
  username: z.string(),
  description: z.string(),
  /** The public half, for `authorized_keys`; null with passwords. */
  publicKey: z.string().nullable(),
  fingerprint: z.string().nullable(),
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, … */
  keyType: z.string().nullable(),
  hasPassphrase: z.boolean(),
  hasPassword: z.boolean(),
  hasSudoPassword: z.boolean(),
  /** How many servers sign in with it. */
  usedBy: z.number().int(),
  lastUsedAt: Instant.nullable(),
  /** When the secret last changed. */
  rotatedAt: Instant,
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. */
  version: z.number().int(),
});
export type Credential = z.infer<typeof Credential>;

const Username = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .refine((text) => !/[\p{Cc}\s:]/u.test(text), 'A user name without blanks and colons.');
/** Without NUL: no program would get what follows it. */
const SecretText = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes('\0'), 'A secret without NUL characters.');
const PrivateKeyText = z.string().min(1).max(32_768);

export const NewCredential = z.object({
  name: Name,
  kind: z.enum(credentialKinds),
  username: Username,
  description: z.string().max(2_000).default(''),
  /** With `ssh_key`: a private key in OpenSSH, PEM or PuTTY format. Or `generate`. */
  privateKey: PrivateKeyText.optional(),
  /** Opens the private key. */
  passphrase: SecretText.optional(),
  /** With `ssh_key` and no private key: the pair is made here and only its public half is told. */
  generate: z.enum(generatedKeyTypes).optional(),
  /** With `password`: what signs in. */
  password: SecretText.optional(),
  /** For `sudo`, where it asks. */
  sudoPassword: SecretText.optional(),
});
export type NewCredential = z.infer<typeof NewCredential>;

/** A merge: what is absent stays. A new private key replaces key and passphrase together. */
export const CredentialPatch = z.object({
  name: Name.optional(),
  username: Username.optional(),
  description: z.string().max(2_000).optional(),
  privateKey: PrivateKeyText.optional(),
  passphrase: SecretText.nullish(),
  generate: z.enum(generatedKeyTypes).optional(),
  password: SecretText.optional(),
  sudoPassword: SecretText.nullish(),
});
export type CredentialPatch = z.infer<typeof CredentialPatch>;

export const CredentialFilter = PageQuery.extend({
  /** In name, user name or fingerprint. */
  q: z.string().max(200).optional(),
  kind: z.enum(credentialKinds).optional(),
  sort: z.enum(['name', '-name']).default('name'),
});
export type CredentialFilter = z.infer<typeof CredentialFilter>;

export const credentialRoutes = defineRoutes({
  listCredentials: {
    method: 'GET',
    path: '/credentials',
    access: 'credentials:read',
    summary: 'Credentials by name, without their secrets',
    query: CredentialFilter,
    response: pageOf(Credential),
  },
  createCredential: {
    method: 'POST',
    path: '/credentials',
    access: 'credentials:manage',
    idempotent: true,
    summary: 'Keep a key or a password, or have a key pair made here',
    body: NewCredential,
    status: 201,
    response: Credential,
  },
  getCredential: {
    method: 'GET',
    path: '/credentials/:id',
    access: 'credentials:read',
    summary: 'One credential, without its secrets',
    params: IdParams,
    response: Credential,
  },
  updateCredential: {
    method: 'PATCH',
    path: '/credentials/:id',
    access: 'credentials:manage',
    summary: 'Change or rotate a credential; `If-Match` guards the change',
    params: IdParams,
    body: CredentialPatch,
    response: Credential,
  },
  deleteCredential: {
    method: 'DELETE',
    path: '/credentials/:id',
    access: 'credentials:manage',
    summary: 'Delete a credential that no server uses',
    params: IdParams,
    status: 204,
  },
});
