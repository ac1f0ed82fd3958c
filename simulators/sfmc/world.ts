import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Fault, Knobs, PackageDef } from './scenario.ts';
import type { SeedView } from './seed-views.ts';
import type { Store } from './store.ts';

export type FieldType = 'Text' | 'Number' | 'Date' | 'Boolean' | 'EmailAddress' | 'Phone' | 'Decimal' | 'Locale';
export const fieldTypes: readonly FieldType[] = [
  'Text',
  'Number',
  'Date',
  'Boolean',
  'EmailAddress',
  'Phone',
  'Decimal',
  'Locale',
];

export interface Unit {
  mid: number;
  name: string;
  parent: number;
}
export interface User {
  id: number;
  name: string;
  username: string;
  password: string;
  email: string;
  /** Business units the user may enter; the first is where it lands. */
  units: number[];
}
export interface Package extends PackageDef {
  id: string;
  scopes: string[];
}
export interface Folder {
  id: number;
  mid: number;
  name: string;
  key: string;
  parentId: number;
  contentType: string;
  description: string;
  isActive: boolean;
  isEditable: boolean;
  allowChildren: boolean;
  madeAt: number | null;
}
export interface Field {
  name: string;
  type: FieldType;
  length: number | null;
  precision: number;
  scale: number;
  isKey: boolean;
  isRequired: boolean;
  defaultValue: string | null;
  ordinal: number;
}
export interface Extension {
  id: string;
  mid: number;
  name: string;
  key: string;
  folderId: number;
  description: string;
  fields: Field[];
  isSendable: boolean;
  retention: Record<string, string>;
  /** Its table in the store. */
  table: string;
  /** Rows that are computed: all of them (`generated`), or once on first use (`pending`); then they are stored. */
  rows: { kind: 'stored' } | { kind: 'pending' | 'generated'; count: number; sql: Record<string, string> };
  /** Null: of the seed. */
  madeAt: number | null;
  /** REST sees it from then on. */
  visibleAt: number;
  /** A finished query's rows are seen from then on. */
  rowsVisibleAt: number;
}
export interface QueryDef {
  id: string;
  mid: number;
  name: string;
  key: string;
  description: string;
  text: string;
  targetKey: string;
  targetName: string;
  mode: 'overwrite' | 'append' | 'update';
  folderId: number;
  madeAt: number;
  changedAt: number;
}
export interface Task {
  id: number;
  mid: number;
  queryId: string;
  queryKey: string;
  state: 'Queued' | 'Processing' | 'Complete' | 'Error';
  startedAt: number;
  beganAt: number | null;
  endedAt: number | null;
  error: string | null;
  rows: number;
  /** What outside sees lags: the states with the moment from which they show. */
  shown: { state: Task['state']; from: number }[];
  runningShown: { isRunning: boolean; from: number }[];
}
export interface AccessToken {
  token: string;
  packageId: string;
  userId: number;
  mid: number;
  scopes: string[];
  expiresAt: number;
  family: string;
}
export interface RefreshToken {
  token: string;
  family: string;
  packageId: string;
  userId: number;
  mid: number;
  scopes: string[];
  usedAt: number | null;
  successor: object | null;
}
export interface Code {
  code: string;
  packageId: string;
  redirectUri: string;
  userId: number;
  scopes: string[];
  challenge: string | null;
  expiresAt: number;
  isUsed: boolean;
  family: string;
}

/** All the simulator knows, but for rows. */
export interface World {
  readonly tssd: string;
  readonly enterpriseName: string;
  readonly units: Unit[];
  readonly users: User[];
  readonly packages: Package[];
  readonly knobs: Knobs;
  faults: (Fault & { seen: number; left: number })[];
  readonly folders: Map<number, Folder>;
  readonly extensions: Map<string, Extension>;
  readonly queries: Map<string, QueryDef>;
  readonly tasks: Map<number, Task>;
  readonly codes: Map<string, Code>;
  readonly access: Map<string, AccessToken>;
  readonly refresh: Map<string, RefreshToken>;
  readonly revokedFamilies: Set<string>;
  readonly views: SeedView[];
  /** Names and keys of deleted data extensions, which stay reserved until the moment given. */
  readonly reserved: Map<string, number>;
  /** How often each query was started, by key. */
  readonly performs: Map<string, number>;
  /** What was done and will never be answered (`hang_after`): the test that asked for it ends it, or the caller does. */
  readonly unanswered: ServerResponse[];
  /** Calls by `METHOD /path` or `Action Object`. */
  readonly calls: Map<string, number>;
  readonly store: Store;
  /** The simulated time. */
  now(): number;
  moveClock(ms: number): void;
  /** Runs later; a stop of the simulator forgets it. */
  later(ms: number, work: () => void): void;
}

/** The enterprise itself is the first unit. */
export const enterpriseOf = (world: World): number => world.units[0]?.mid ?? 0;

export const drawn = ([least, most]: readonly [number, number]): number => least + Math.random() * (most - least);
export const newId = (): string => randomUUID();
export const newSecret = (bytes = 24): string => randomBytes(bytes).toString('base64url');

/** Data extensions a business unit has by name or key; those of the enterprise's shared folder are not among them. */
export const findExtension = (
  world: World,
  mid: number,
  by: { key?: string; name?: string; id?: string },
): Extension | undefined =>
  [...world.extensions.values()].find(
    (extension) =>
      extension.mid === mid &&
      (by.id === undefined || extension.id === by.id) &&
      (by.key === undefined || extension.key.toLowerCase() === by.key.toLowerCase()) &&
      (by.name === undefined || extension.name.toLowerCase() === by.name.toLowerCase()),
  );

export const isShared = (world: World, extension: Extension): boolean =>
  world.folders.get(extension.folderId)?.contentType === 'shared_dataextension';
