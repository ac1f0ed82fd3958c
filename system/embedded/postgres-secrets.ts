import { randomBytes, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readJson, writePrivate } from './files.ts';
import { DATABASE, type RoleName } from './postgres-roles.ts';

/** Connection URLs to `windlass` by role, passwords included; `superuser` to the maintenance database. */
export interface PostgresUrls {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly system: string;
}

/** What a home knows of its embedded database: `database.json`, 0600. */
export const DatabaseFile = z.object({
  instance: z.string(),
  port: z.number().int().optional(),
  areRolesMade: z.boolean().default(false),
  passwords: z.object({
    postgres: z.string(),
    windlass_owner: z.string(),
    windlass_app: z.string(),
    windlass_system: z.string(),
  }),
});
export type DatabaseFile = z.infer<typeof DatabaseFile>;

export const databaseFile = (home: string): string => join(resolve(home), 'database.json');
const newPassword = (): string => randomBytes(24).toString('base64url');
export const newDatabaseFile = (): DatabaseFile => ({
  instance: randomUUID(),
  areRolesMade: false,
  passwords: {
    postgres: newPassword(),
    windlass_owner: newPassword(),
    windlass_app: newPassword(),
    windlass_system: newPassword(),
  },
});

/** The URLs of this home's embedded database as it was last started, or undefined if it never was. */
export function knownUrls(home: string): PostgresUrls | undefined {
  const known = DatabaseFile.safeParse(readJson(databaseFile(home)));
  return known.success && known.data.port !== undefined ? urlsOf(known.data, known.data.port) : undefined;
}

const urlOf = (user: string, password: string, port: number, database: string): string =>
  `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;

/** The URLs by role. */
export function urlsOf({ passwords }: DatabaseFile, port: number): PostgresUrls {
  const of = (role: RoleName): string => urlOf(role, passwords[role], port, DATABASE);
  return {
    superuser: urlOf('postgres', passwords.postgres, port, 'postgres'),
    owner: of('windlass_owner'),
    app: of('windlass_app'),
    system: of('windlass_system'),
  };
}

/** Keeps the file. */
export const save = (home: string, secrets: DatabaseFile): void =>
  writePrivate(databaseFile(home), `${JSON.stringify(secrets, null, 2)}\n`);
