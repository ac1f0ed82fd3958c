import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the schedules room. */
export const schedulesErrors = defineErrors({
  'schedule.after_unfit': { status: 422, retry: false, message: 'What is to be done with the rows cannot be: {why}.' },
  'schedule.cron_invalid': {
    status: 422,
    retry: false,
    message: 'This is no time expression that can be used: {why}.',
  },
  'schedule.ended': { status: 422, retry: false, message: 'The schedule has ended: its end lies in the past.' },
  'schedule.missed': { status: 409, retry: false, message: 'The schedule was to start a run at {at} and did not.' },
  'schedule.not_one': { status: 422, retry: false, message: 'Give either a cron expression or an interval.' },
  'schedule.range_invalid': {
    status: 422,
    retry: false,
    message: 'The range must end after it begins, lie in the past and hold {limit} times at most.',
  },
  'schedule.target_unknown': { status: 422, retry: false, message: 'What it is to start is not there any more.' },
  'schedule.version_unknown': { status: 422, retry: false, message: 'What it is to start has no version {version}.' },
  'sftp.failed': { status: 502, retry: true, message: '{host} did not take the file {path}: {reason}.' },
  'sftp.refused': { status: 422, retry: false, message: '{host} refused the file {path}: {reason}.' },
  'schedule.zone_unknown': {
    status: 422,
    retry: false,
    message: 'There is no time zone {zone}. Use a name such as Europe/Berlin.',
  },
});
