import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the settings room. */
export const settingsErrors = defineErrors({
  'secret.missing': { status: 422, retry: false, message: 'The workspace has no secret {name}.' },
  'secret.name_taken': { status: 409, retry: false, message: 'There is a secret {name} already.' },
});
