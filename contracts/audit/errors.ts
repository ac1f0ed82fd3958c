import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the audit room. */
export const auditErrors = defineErrors({});
