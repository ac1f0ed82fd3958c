import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { RoleName, SignedIn } from './accounts.ts';
import type { Role } from './permissions.ts';

/** The workspace of the demo, and one person for each role. Nobody outside the demo has these addresses. */
export const demoWorkspace = 'Alder & Finch';
export const demoPeople: readonly { readonly email: string; readonly name: string; readonly role: Role }[] = [
  { email: 'mara.alder@alder-finch.example', name: 'Mara Alder', role: 'owner' },
  { email: 'tomas.finch@alder-finch.example', name: 'Tomás Finch', role: 'admin' },
  { email: 'ines.rowe@alder-finch.example', name: 'Inês Rowe', role: 'member' },
  { email: 'jun.park@alder-finch.example', name: 'Jun Park', role: 'viewer' },
];

/** Who to be; the owner where nothing is said. */
export const DemoSignIn = z.object({ role: RoleName.default('owner'), client: z.literal('api').optional() }).nullish();

/** Registered only in the demo and only where the server listens on loopback. */
export const demoRoutes = defineRoutes({
  signInToDemo: {
    method: 'POST',
    path: '/auth/demo',
    access: 'public',
    summary: 'Sign in as one of the demo’s people, without a password; only in the demo',
    body: DemoSignIn,
    response: SignedIn,
  },
});
