import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the schedules room. */
export const schedulesErrors = defineErrors({});
