import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the on-call room. */
export const oncallErrors = defineErrors({
  'oncall.feed_not_found': { status: 404, retry: false, message: 'There is no calendar at this address.' },
  'oncall.name_taken': { status: 409, retry: false, message: 'There is already one named {name}.' },
  'oncall.person_unknown': {
    status: 422,
    retry: false,
    message: 'Somebody named here is no member of the workspace. See details.',
  },
  'oncall.schedule_in_use': {
    status: 409,
    retry: false,
    message: 'The escalation policy {policy} names this schedule. Take it out there first.',
  },
  'oncall.shift_not_theirs': {
    status: 409,
    retry: false,
    message: '{name} is not on call all the time from {from} to {to}, and so cannot hand that over.',
  },
  'oncall.target_unknown': {
    status: 422,
    retry: false,
    message: 'Something that a step names is not there. See details for each.',
  },
});
