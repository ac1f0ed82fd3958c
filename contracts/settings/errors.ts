import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the settings room. */
export const settingsErrors = defineErrors({
  'settings.own_factor_needed': {
    status: 409,
    retry: false,
    message: 'Set up your own second factor and sign in with it first: you would lock yourself out.',
  },
  'secret.missing': { status: 422, retry: false, message: 'The workspace has no secret {name}.' },
  'secret.name_taken': { status: 409, retry: false, message: 'There is a secret {name} already.' },
});
