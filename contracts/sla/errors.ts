import { defineErrors } from '../kit/error-def.ts';

/** Error codes of what is promised for incidents. */
export const slaErrors = defineErrors({
  'sla.calendar_in_use': {
    status: 409,
    retry: false,
    message: 'The SLA policy {policy} counts by this calendar. Give it another one first.',
  },
  'sla.calendar_unknown': { status: 422, retry: false, message: 'There is no such calendar.' },
  'sla.name_taken': { status: 409, retry: false, message: 'There is already one named {name}.' },
  'sla.scope_taken': {
    status: 409,
    retry: false,
    message: 'The policy {policy} already holds for {what}. Take it out there first.',
  },
  'sla.no_holidays': {
    status: 422,
    retry: false,
    message: 'The file names no whole day in these years. Is it an iCalendar file (.ics)?',
  },
});
