import { z } from 'zod';
import { ActorRef, Id, Instant, Name } from '../kit/schemas.ts';
import { Email, PermissionName, RoleName, Slug, factorShown } from './accounts.ts';

export const CreateWorkspace = z.object({ name: Name, slug: Slug.optional() });
export const UpdateWorkspace = z.object({ name: Name.optional(), slug: Slug.optional() });

/** Business units and instances of connections, by their ids at the services. */
export const UnitIds = z.array(z.string().regex(/^[^,*\s]{1,100}$/, 'One id of a business unit or instance.')).max(200);

/** A business unit or instance that is known, with the connections that have it. */
export const KnownUnit = z.object({ id: z.string(), name: z.string(), connections: z.array(z.string()) });
export type KnownUnit = z.infer<typeof KnownUnit>;

export const Member = z.object({
  /** The person's id. */
  id: Id,
  name: z.string(),
  email: z.string(),
  role: RoleName,
  hasSecondFactor: z.boolean(),
  joinedAt: Instant,
  lastSeenAt: Instant.nullable(),
  /** The business units that they may see; null: all. Told to those who may manage members. */
  units: UnitIds.nullable().optional(),
});
export type Member = z.infer<typeof Member>;

/** What is to be changed of a member; what is not named stays. */
export const ChangeMember = z
  .object({ role: RoleName.optional(), units: UnitIds.nullable().optional() })
  .refine(({ role, units }) => role !== undefined || units !== undefined, { message: 'Name a role or units.' });

export const Invitation = z.object({
  id: Id,
  email: z.string(),
  role: RoleName,
  /** The business units that who accepts may see; null: all. */
  units: UnitIds.nullable(),
  invitedBy: ActorRef,
  createdAt: Instant,
  expiresAt: Instant,
});
export type Invitation = z.infer<typeof Invitation>;
/** The link is shown this once; it is also mailed where mail is set up. */
export const InvitationMade = Invitation.extend({ link: z.string(), isMailed: z.boolean() });
/** What the holder of the link sees before accepting. */
export const InvitationOffer = z.object({
  workspace: z.string(),
  email: z.string(),
  role: RoleName,
  invitedBy: z.string(),
  expiresAt: Instant,
  /** There is an account by this address: accepting takes its password. Otherwise a name and a new password. */
  hasAccount: z.boolean(),
});
export const AcceptInvitation = z.object({
  /** For a new account. */
  name: Name.optional(),
  /** The account's password, or the one chosen for a new account. Not needed when signed in as that person. */
  password: z.string().min(1).max(256).optional(),
  ...factorShown,
  client: z.literal('api').optional(),
});
export const Invite = z.object({
  email: Email,
  role: RoleName.default('member'),
  /** The business units that they may see from the first moment on; null: all. Owners and administrators see all. */
  units: UnitIds.nullable().default(null),
});

export const ApiKey = z.object({
  id: Id,
  name: z.string(),
  /** The beginning of the key, to recognise it by. */
  prefix: z.string(),
  permissions: z.array(PermissionName),
  createdBy: ActorRef,
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  lastUsedAddress: z.string().nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;
export const CreateApiKey = z.object({
  name: Name,
  /** At most what the maker may do. */
  permissions: z.array(PermissionName).min(1),
  expiresAt: Instant.nullish(),
});
/** `key` (`wl_…`) is shown this once and stored as a hash. */
export const ApiKeyMade = ApiKey.extend({ key: z.string() });

export const RoleMatrix = z.object({
  permissions: z.array(PermissionName),
  roles: z.array(z.object({ role: RoleName, permissions: z.array(PermissionName), members: z.number().int() })),
});

export const Administrator = z.object({ id: Id, name: z.string(), email: z.string() });
export const GrantAdministrator = z.object({ email: Email });
