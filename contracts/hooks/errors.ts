import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the hooks room. */
export const hooksErrors = defineErrors({});
