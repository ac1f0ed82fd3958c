import { defineErrors } from '../kit/error-def.ts';

/** Error codes of rules that start playbooks for incidents. */
export const incidentRulesErrors = defineErrors({
  'incident_rule.config_invalid': {
    status: 422,
    retry: false,
    message: 'The rule cannot be saved like this. See details for each field.',
  },
  'incident_rule.name_taken': { status: 409, retry: false, message: 'There is already a rule named {name}.' },
  'incident_rule.already_running': {
    status: 409,
    retry: false,
    message: 'This playbook is already running for the incident.',
  },
  'incident_rule.suggestion_settled': {
    status: 409,
    retry: false,
    message: 'Somebody has decided on this suggestion already.',
  },
  'incident_rule.mapping_failed': {
    status: 422,
    retry: false,
    message: 'The incident could not be turned into inputs: {why}.',
  },
});
