import type { EverydayCommand } from '../kit/command.ts';
import { download } from '../kit/download.ts';
import { UsageError, exits } from '../kit/exits.ts';
import { type LogChoice, followLog } from '../kit/follow-log.ts';
import { isSet, valueOf } from '../kit/scan-arguments.ts';
import { openClient, untilInterrupted } from '../kit/session.ts';
import { runIdOf } from '../kit/watch-run.ts';

const streams = ['stdout', 'stderr', 'system'] as const;

export const logs: EverydayCommand = {
  name: 'logs',
  summary: 'The lines of a run: when, host, step, then what was written',
  usage: 'RUN [--follow] [--host HOST] [--step STEP] [--stream stdout|stderr|system]',
  mostWords: 1,
  options: [
    { name: 'follow', isFlag: true, about: 'until the run has ended' },
    { name: 'host', about: 'of one host' },
    { name: 'step', about: 'of one step' },
    { name: 'stream', about: streams.join(', ') },
    { name: 'json', isFlag: true, about: 'with --follow: each piece as it came, as JSON' },
  ],
  run: async (scanned, env) => {
    const id = runIdOf(scanned.words, 'logs');
    const stream = streams.find((each) => each === valueOf(scanned, 'stream'));
    if (!stream && valueOf(scanned, 'stream') !== undefined) throw new UsageError(`--stream is ${streams.join(', ')}.`);
    const query: LogChoice = { host: valueOf(scanned, 'host'), step: valueOf(scanned, 'step'), stream };
    const isFollowed = isSet(scanned, 'follow');
    if (isSet(scanned, 'json') && !isFollowed)
      throw new UsageError('--json goes with --follow; windlass read-run-logs gives pages of JSON.');
    const client = openClient(scanned, env);
    await untilInterrupted(async (signal) => {
      if (isFollowed) return followLog(client, id, { query, signal, isJson: isSet(scanned, 'json') });
      await download(
        { response: await client.send('downloadRunLogs', { params: { id }, query: { ...query }, signal }) },
        undefined,
      );
    });
    return exits.succeeded;
  },
};
