import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the runs room. */
export const runsErrors = defineErrors({
  'run.already_ended': { status: 409, retry: false, message: 'The run has already ended as {status}.' },
  'run.ended_outside': { status: 409, retry: false, message: 'The run was ended in Temporal, not by the product.' },
  'run.failed_by_step': { status: 422, retry: false, message: 'A step ended the run.' },
  'run.lost': { status: 500, retry: false, message: 'Temporal knows no execution of this run any more.' },
  'run.not_rerunnable': { status: 409, retry: false, message: 'The run has not ended yet: cancel it first or wait.' },
  'run.queue_full': { status: 429, retry: true, message: 'Too many runs wait already ({limit}). Try again later.' },
  'run.skipped_busy': {
    status: 409,
    retry: false,
    message: 'Another run with the same key was at work, and the playbook says skip.',
  },
  'run.too_many_tags': { status: 422, retry: false, message: 'A run carries {limit} tags at most.' },
  'run.timed_out': { status: 422, retry: false, message: 'The run took longer than its time limit.' },
  'run_view.name_taken': { status: 409, retry: false, message: 'You already have a view called {name}.' },
  'run.not_unknown': { status: 409, retry: false, message: 'This step does not wait for an answer about its outcome.' },
});
