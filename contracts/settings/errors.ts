import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the settings room. */
export const settingsErrors = defineErrors({});
