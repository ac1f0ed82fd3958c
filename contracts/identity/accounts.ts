import { z } from 'zod';
import { Id, Instant, JsonObject, Name } from '../kit/schemas.ts';
import { KeyAnswer, SecurityKey } from './key-answers.ts';
import { permissions, roles } from './permissions.ts';

export const RoleName = z.enum(roles);
export const PermissionName = z.enum(permissions);

/** An address that mail reaches; compared without regard to case. */
export const Email = z.string().trim().toLowerCase().max(254).pipe(z.email());
/** A new password. What is too easy to guess is refused with `identity.password_weak`. */
export const NewPassword = z.string().min(8, 'At least 8 characters.').max(256);
/** A password or code that is being checked, not chosen. */
export const Password = z.string().min(1).max(256);
/** Six digits of the authenticator app, or a recovery code; blanks and dashes are passed over. */
export const Code = z.string().trim().min(6).max(40);
/** Shows a second factor: a code, or a security key's answer to what `identity.code_needed` carried. */
export const factorShown = { code: Code.optional(), key: KeyAnswer.optional() };
/** Who it is, once more: the password and, where there is one, a second factor. */
export const Proof = z.object({ password: Password, ...factorShown });
/** The short name of a workspace in addresses. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, 'Small letters, digits and dashes (48 at most).');

/** What a person sets for themselves; the console owns the keys. */
export const Preferences = z.looseObject({
  theme: z.enum(['light', 'dark', 'system']).optional(),
  density: z.enum(['normal', 'dense']).optional(),
  timeZone: z.string().max(64).optional(),
  timeZoneMode: z.string().max(32).optional(),
});
export type Preferences = z.infer<typeof Preferences>;

export const User = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  isInstanceAdmin: z.boolean(),
  hasSecondFactor: z.boolean(),
  preferences: JsonObject,
  createdAt: Instant,
});
export type User = z.infer<typeof User>;

/** A workspace of the person, with what they may do there. */
export const Membership = z.object({
  id: Id,
  slug: z.string(),
  name: z.string(),
  role: RoleName,
  permissions: z.array(PermissionName),
  /** The workspace asks for a second factor that this session has not shown: its routes answer `identity.mfa_required`. */
  needsSecondFactor: z.boolean(),
});
export type Membership = z.infer<typeof Membership>;

/** The answer to a good sign-in. The tokens come to machines only; a browser has its sealed cookie. */
export const SignedIn = z.object({
  user: User,
  workspaces: z.array(Membership),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  tokenType: z.literal('Bearer').optional(),
  /** Seconds that the access token lives. */
  expiresIn: z.number().int().optional(),
});
export type SignedIn = z.infer<typeof SignedIn>;

export const Me = z.object({
  user: User,
  workspaces: z.array(Membership),
  /** The workspace named by the request, or the only one; null where the person has to choose. */
  current: Membership.nullable(),
  session: z.object({ id: Id, kind: z.enum(['browser', 'api']), hasSecondFactor: z.boolean() }),
});
export type Me = z.infer<typeof Me>;

/** Who calls: a person, or an API key, which belongs to one workspace and may do what it was made for. */
export const Caller = z.object({
  kind: z.enum(['user', 'key']),
  id: Id,
  name: z.string(),
  workspace: z.object({ id: Id, slug: z.string(), name: z.string() }),
  /** Of a person; null for a key. */
  role: RoleName.nullable(),
  permissions: z.array(PermissionName),
});
export type Caller = z.infer<typeof Caller>;

export const SetupState = z.object({
  /** There is no owner yet: `POST /setup` makes the first. */
  isNeeded: z.boolean(),
  /** It must carry the one-time token of the printed link. */
  isTokenNeeded: z.boolean(),
  /** This is the demo: `POST /auth/demo` signs in with one click. */
  isDemo: z.boolean(),
});
export const SetUp = z.object({
  email: Email,
  password: NewPassword,
  name: Name,
  workspace: Name,
  token: z.string().max(200).optional(),
  client: z.literal('api').optional(),
});
export type SetUp = z.infer<typeof SetUp>;

export const SignIn = z.object({
  email: z.string().trim().toLowerCase().min(1).max(254),
  password: Password,
  ...factorShown,
  client: z.literal('api').optional(),
});
export const RefreshRequest = z.object({ refreshToken: z.string().min(1).max(500).optional() }).nullish();

export const UpdateMe = z.object({ name: Name.optional(), preferences: Preferences.optional() });
export const ChangePassword = z.object({ currentPassword: Password, newPassword: NewPassword, ...factorShown });
export const RenewCodes = z.object(factorShown);

export const Session = z.object({
  id: Id,
  kind: z.enum(['browser', 'api']),
  isCurrent: z.boolean(),
  address: z.string().nullable(),
  client: z.string().nullable(),
  hasSecondFactor: z.boolean(),
  createdAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
});
export type Session = z.infer<typeof Session>;

export const SecondFactor = z.object({
  /** There is an app or a key. */
  isOn: z.boolean(),
  /** Since when the authenticator app is set up; null: it is not. */
  confirmedAt: Instant.nullable(),
  securityKeys: z.array(SecurityKey),
  recoveryCodesLeft: z.number().int(),
});
/** What the authenticator app takes: the address as a QR code, or the secret typed in. On only once confirmed. */
export const SecondFactorOffer = z.object({ secret: z.string(), otpauthUrl: z.string() });
/** Shown once; each works once in place of a code. None where there were some before, which stay good. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
