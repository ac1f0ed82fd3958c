import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Instant } from '../kit/schemas.ts';
import { Email, NewPassword } from './accounts.ts';

/** How long a link lasts that somebody asked for by mail, and one that an administrator hands over. */
export const mailedLinkMs = 3_600_000;
export const handedLinkMs = 86_400_000;

/** What a link to a new password is for. */
export const PasswordLinkOffer = z.object({
  email: z.string(),
  expiresAt: Instant,
  /** The second factor goes as well: an administrator has chosen so for somebody who lost theirs. */
  removesSecondFactor: z.boolean(),
});
export type PasswordLinkOffer = z.infer<typeof PasswordLinkOffer>;

export const PasswordLinkMade = PasswordLinkOffer.extend({
  /** Shown once. */
  link: z.string(),
  isMailed: z.boolean(),
});

const TokenParams = z.object({ token: z.string().min(16).max(200) });

export const passwordLinkRoutes = defineRoutes({
  forgotPassword: {
    method: 'POST',
    path: '/auth/forgot-password',
    access: 'public',
    summary: 'Ask for a link to a new password by mail; the answer is the same whether or not there is such an account',
    body: z.object({ email: Email }),
    response: z.object({
      /** This installation sends mail. Where it does not, an administrator makes the link. */
      hasMail: z.boolean(),
    }),
  },
  getPasswordLink: {
    method: 'GET',
    path: '/auth/password-links/:token',
    access: 'public',
    secretPath: true,
    summary: 'Whose password a link sets',
    params: TokenParams,
    response: PasswordLinkOffer,
  },
  usePasswordLink: {
    method: 'POST',
    path: '/auth/password-links/:token',
    access: 'public',
    secretPath: true,
    summary: 'Set a new password by a link; all sessions of the person end',
    params: TokenParams,
    body: z.object({ password: NewPassword }),
    status: 204,
  },
  makePasswordLink: {
    method: 'POST',
    path: '/instance/password-links',
    access: 'instance-admin',
    summary: 'Make a one-time link to a new password for somebody locked out; it is shown once',
    body: z.object({ email: Email, removeSecondFactor: z.boolean().default(false) }),
    status: 201,
    response: PasswordLinkMade,
  },
});
