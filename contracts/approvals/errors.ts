import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the approvals room. */
export const approvalsErrors = defineErrors({
  'approval.already_decided': { status: 409, retry: false, message: 'This was already {state}, by {by}.' },
  'approval.already_voted': { status: 409, retry: false, message: 'You have already decided here: {decision}.' },
  'approval.expired': { status: 409, retry: false, message: 'Nobody decided in time.' },
  'approval.form_invalid': {
    status: 422,
    retry: false,
    message: 'The form is not filled in as it asks. See details for each field.',
  },
  'approval.link_gone': {
    status: 410,
    retry: false,
    message: 'This link was used or has expired. Sign in to see the question.',
  },
  'approval.not_asked_of_you': { status: 403, retry: false, message: 'This is asked of {asked}; you are {role}.' },
  'approval.plan_changed': { status: 409, retry: false, message: 'The plan has changed since it was approved.' },
  'approval.rejected': { status: 422, retry: false, message: 'The approval was rejected.' },
  'approval.starter_refused': {
    status: 403,
    retry: false,
    message: 'You started this run, and somebody else must decide.',
  },
  'approval.withdrawn': { status: 409, retry: false, message: 'The run no longer asks this.' },
});
