import type { ColumnType, Generated } from 'kysely';
import type { Permission, Role } from '#contracts/identity/permissions.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';

export interface IdentityTables {
  workspaces: WorkspacesTable;
  users: UsersTable;
  members: MembersTable;
  invitations: InvitationsTable;
  apiKeys: ApiKeysTable;
  sessions: SessionsTable;
  refreshTokens: RefreshTokensTable;
  secondFactors: SecondFactorsTable;
  recoveryCodes: RecoveryCodesTable;
  securityKeys: SecurityKeysTable;
  keyChallenges: KeyChallengesTable;
  passwordLinks: PasswordLinksTable;
  signInThrottle: SignInThrottleTable;
  signingKeys: SigningKeysTable;
}

export interface WorkspacesTable {
  id: string;
  slug: string;
  name: string;
  createdAt: Generated<Date>;
}

/** A person, over all workspaces. The app's role sees those who share the transaction's workspace. */
export interface UsersTable {
  id: string;
  /** In small letters. */
  email: string;
  name: string;
  /** Argon2id. Only the system role reads it. */
  passwordHash: string;
  isInstanceAdmin: Generated<boolean>;
  hasSecondFactor: Generated<boolean>;
  preferences: ColumnType<Record<string, Json>, string | undefined, string>;
  lastSeenAt: Date | null;
  createdAt: Generated<Date>;
}

export interface MembersTable {
  workspaceId: Generated<string>;
  userId: string;
  role: Role;
  /** Business units this member may see: a comma list, or `*`. */
  mids: Generated<string>;
  createdAt: Generated<Date>;
}

export interface InvitationsTable {
  workspaceId: Generated<string>;
  id: string;
  email: string;
  role: Role;
  /** What the member-to-be may see, as in `members`. */
  mids: Generated<string>;
  tokenHash: string;
  invitedBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  expiresAt: Date;
  acceptedAt: Date | null;
  withdrawnAt: Date | null;
}

export interface ApiKeysTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  prefix: string;
  keyHash: string;
  permissions: Permission[];
  /** The person who answers for it: it may never do more than they may. */
  ownerId: string;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedAddress: string | null;
}

/** A sign-in: the family that its refresh tokens belong to. */
export interface SessionsTable {
  id: string;
  userId: string;
  kind: 'browser' | 'api';
  /** When a second factor was shown in it. */
  mfaAt: Date | null;
  address: string | null;
  client: string | null;
  createdAt: Generated<Date>;
  lastSeenAt: Generated<Date>;
  expiresAt: Date;
  endedAt: Date | null;
  endReason: string | null;
}

export interface RefreshTokensTable {
  id: string;
  sessionId: string;
  tokenHash: string;
  createdAt: Generated<Date>;
  /** When it was exchanged. */
  usedAt: Date | null;
  /** With the token itself this gives its successor again, for a caller whose answer was lost. */
  successorNonce: string | null;
  successorId: string | null;
}

export interface SecondFactorsTable {
  userId: string;
  /** Sealed by the vault. */
  sealedSecret: string;
  confirmedAt: Date | null;
  /** The last time step whose code was taken: a code works once. */
  lastStep: ColumnType<number | null, number | null | undefined, number | null>;
  createdAt: Generated<Date>;
}

export interface RecoveryCodesTable {
  userId: string;
  codeHash: string;
  usedAt: Date | null;
}

export interface SecurityKeysTable {
  id: string;
  userId: string;
  name: string;
  /** As the key names itself, in base64url. */
  credentialId: string;
  /** COSE, in base64url. */
  publicKey: string;
  /** What it counted at its last use: it only rises. */
  signCount: number;
  transports: string[];
  /** The name of the site it answers at (WebAuthn's RP ID). */
  site: string;
  createdAt: Generated<Date>;
  lastUsedAt: Date | null;
}

/** What a key was asked and has not answered yet. */
export interface KeyChallengesTable {
  ticketHash: string;
  userId: string;
  /** Null while its person signs in. */
  sessionId: string | null;
  purpose: 'add' | 'prove';
  challenge: string;
  expiresAt: Date;
}

export interface SignInThrottleTable {
  /** `account:<hash of the address>` or `address:<ip>`. */
  key: string;
  failures: number;
  lockedUntil: Date | null;
  lastAt: Generated<Date>;
}

/** Key pairs that sign access tokens. */
export interface SigningKeysTable {
  id: string;
  /** The public half. */
  publicJwk: ColumnType<Record<string, Json>, string, never>;
  /** The private half, wrapped by the vault. */
  sealedPrivate: string;
  createdAt: Generated<Date>;
  /** Signs no more from here, but still verifies what it signed. */
  retiredAt: Date | null;
}

/** One-time links to a new password. */
export interface PasswordLinksTable {
  id: string;
  userId: string;
  tokenHash: string;
  /** The administrator who made it; null where it was asked for by mail. */
  madeBy: ColumnType<ActorRef | null, string | null, never>;
  /** The second factor goes with the old password. */
  removesFactor: Generated<boolean>;
  createdAt: Generated<Date>;
  expiresAt: Date;
  usedAt: Date | null;
}
