import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the servers room. */
export const serversErrors = defineErrors({});
