import { limits, timeLimits } from '../limits.ts';
import { any, duration, field, fixed, list, map, object, oneOf, required, steps, text, whole } from './shape.ts';
import type { Fields } from './shape.ts';

/** The document (§1). Its head is static. */
export const documentFields: Fields = {
  apiVersion: fixed(oneOf('windlass/v1'), 'The language’s version.', { default: 'windlass/v1' }),
  name: required(text({ least: 1, most: limits.nameCharacters }), 'Title of the playbook.', { templates: 'static' }),
  description: fixed(text({ most: limits.descriptionCharacters }), 'What it does, in Markdown.'),
  inputs: fixed({ is: 'inputs' }, 'What a run is given; the order is the form’s.', { default: [] }),
  steps: required(steps, 'What it does, one after the other.'),
  outputs: field(map(any, 'id'), 'The run’s result; evaluated when all steps have ended well.'),
  timeout: fixed(duration(timeLimits.runMostMs), 'Of the whole run.', { default: '30d' }),
  concurrency: field(
    object({
      key: field(text(), 'Runs with the same key share the limit; a template.'),
      limit: fixed(whole(1), 'How many at once.', { default: 1 }),
      onBusy: fixed(
        oneOf('queue', 'skip', 'cancel'),
        'What a run does beyond it: wait, end at once, or cancel the oldest.',
        { default: 'queue' },
      ),
    }),
    'How many runs of this playbook may be at work.',
  ),
  undoOn: fixed(list(oneOf('failed', 'timed_out', 'canceled')), 'Ends after which undo runs.', {
    default: ['failed', 'timed_out'],
  }),
  finally: field(steps, 'Steps that run last, however the run ended.'),
};
