import { defineRoutes } from '../kit/route.ts';
import { IdParams } from '../kit/schemas.ts';
import { Proof, RecoveryCodes } from './accounts.ts';
import { KeyChallenge, NewSecurityKey, SecurityKey } from './key-answers.ts';

export const securityKeyRoutes = defineRoutes({
  offerSecurityKey: {
    method: 'POST',
    path: '/me/security-keys/offer',
    access: 'signed-in',
    summary: 'Begin to add a security key: what the browser asks it',
    body: Proof,
    status: 201,
    response: KeyChallenge,
  },
  addSecurityKey: {
    method: 'POST',
    path: '/me/security-keys',
    access: 'signed-in',
    summary: 'Add a security key by its answer; with the first second factor come recovery codes',
    body: NewSecurityKey,
    status: 201,
    response: RecoveryCodes.extend({ securityKey: SecurityKey }),
  },
  removeSecurityKey: {
    method: 'POST',
    path: '/me/security-keys/:id/remove',
    access: 'signed-in',
    summary: 'Remove one of my security keys',
    params: IdParams,
    body: Proof,
    status: 204,
  },
});
