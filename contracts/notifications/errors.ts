import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the notifications room. */
export const notificationsErrors = defineErrors({});
