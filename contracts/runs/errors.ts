import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the runs room. */
export const runsErrors = defineErrors({});
