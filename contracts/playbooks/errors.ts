import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the playbooks room. */
export const playbooksErrors = defineErrors({});
