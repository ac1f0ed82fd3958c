import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the incidents room. */
export const incidentsErrors = defineErrors({
  'incident.changed_meanwhile': {
    status: 409,
    retry: false,
    message: 'Somebody else changed {key} meanwhile: it is {state} now. Look at it again and repeat the change.',
  },
  'incident.escalation_missing': {
    status: 409,
    retry: false,
    message: 'Nobody is named to be told: choose an escalation policy for {key} first.',
  },
  'incident.escalation_over': {
    status: 409,
    retry: false,
    message: 'All levels of the escalation policy have been told of {key}.',
  },
  'incident.link_unknown': { status: 422, retry: false, message: 'There is no such {kind} in this workspace.' },
  'incident.merge_refused': { status: 409, retry: false, message: '{key} cannot be merged into {into}: {why}.' },
  'incident.move_refused': {
    status: 409,
    retry: false,
    message: 'An incident that is {from} cannot become {to}. See details for what it can become.',
  },
  'incident.over': { status: 409, retry: false, message: '{key} is {state}: nothing about it changes any more.' },
  'incident.person_unknown': {
    status: 422,
    retry: false,
    message: 'Somebody named here is no member of the workspace. See details.',
  },
  'incident.policy_unknown': { status: 422, retry: false, message: 'There is no such escalation policy.' },
  'incident.reason_missing': { status: 422, retry: false, message: 'This move says why. Give a reason.' },
  'incident.not_yours': { status: 403, retry: false, message: 'Only whoever wrote a note changes it.' },
  'incident_view.name_taken': { status: 409, retry: false, message: 'You already have a view called {name}.' },
  'incident.split_refused': { status: 409, retry: false, message: 'None of these alerts belongs to {key}.' },
});
