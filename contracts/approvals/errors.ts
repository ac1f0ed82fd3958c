import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the approvals room. */
export const approvalsErrors = defineErrors({});
