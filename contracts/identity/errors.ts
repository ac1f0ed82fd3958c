import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the identity room. */
export const identityErrors = defineErrors({});
