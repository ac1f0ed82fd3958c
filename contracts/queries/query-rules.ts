import { z } from 'zod';
import { roles } from '../identity/permissions.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant } from '../kit/schemas.ts';
import { queryActs } from './query-acts.ts';
import { FolderPath } from './saved-queries.ts';

const Where = z.object({
  /** A connection, or with `unit` one business unit or instance of it. */
  connectionId: Id.nullable().default(null),
  unit: z.string().min(1).max(100).nullable().default(null),
  /** A folder of saved queries, with all below it. */
  folder: FolderPath.nullable().default(null),
});
const Whom = z.object({
  personId: Id.nullable().default(null),
  /** Owners and administrators make rules, and are bound by none. */
  role: z.enum(['member', 'viewer']).nullable().default(null),
});

export const CreateQueryRule = Where.extend(Whom.shape)
  .extend({ denied: z.array(z.enum(queryActs)).min(1).max(queryActs.length) })
  .refine(({ personId, role }) => (personId === null) !== (role === null), {
    path: ['personId'],
    message: 'Name a person or a role.',
  })
  .refine(({ connectionId, folder }) => (connectionId === null) !== (folder === null), {
    path: ['connectionId'],
    message: 'Name a connection or a folder.',
  })
  .refine(({ folder }) => folder !== '', { path: ['folder'], message: 'Name a folder.' })
  .refine(({ unit, connectionId }) => unit === null || connectionId !== null, {
    path: ['unit'],
    message: 'A unit is one of a connection.',
  });
export type CreateQueryRule = z.infer<typeof CreateQueryRule>;

/** Takes acts away from a person or a role, at a connection, one of its units, or a folder. What no rule takes away, the role allows. */
export const QueryRule = z.object({
  id: Id,
  personId: Id.nullable(),
  personName: z.string().nullable(),
  role: z.enum(roles).nullable(),
  connectionId: Id.nullable(),
  connectionName: z.string().nullable(),
  unit: z.string().nullable(),
  unitName: z.string().nullable(),
  folder: z.string().nullable(),
  denied: z.array(z.enum(queryActs)),
  createdBy: ActorRef,
  createdAt: Instant,
});
export type QueryRule = z.infer<typeof QueryRule>;

/** What rules take away from the caller, where they see the place at all. */
export const QueryLimit = z.object({
  connectionId: Id.nullable(),
  unit: z.string().nullable(),
  folder: z.string().nullable(),
  denied: z.array(z.enum(queryActs)),
});
export type QueryLimit = z.infer<typeof QueryLimit>;

export const queryRuleRoutes = defineRoutes({
  listQueryRules: {
    method: 'GET',
    path: '/query-rules',
    access: 'queries:manage',
    summary: 'Rules that take rights on connections, units and folders away from people and roles',
    response: z.object({ data: z.array(QueryRule) }),
  },
  createQueryRule: {
    method: 'POST',
    path: '/query-rules',
    access: 'queries:manage',
    idempotent: true,
    summary: 'Take acts away from a person or a role, at a connection, a unit or a folder',
    body: CreateQueryRule,
    status: 201,
    response: QueryRule,
  },
  deleteQueryRule: {
    method: 'DELETE',
    path: '/query-rules/:id',
    access: 'queries:manage',
    summary: 'Take a rule away',
    params: IdParams,
    status: 204,
  },
  listQueryLimits: {
    method: 'GET',
    path: '/query-limits',
    access: 'queries:read',
    summary: 'What rules take away from the caller',
    response: z.object({ data: z.array(QueryLimit) }),
  },
});
