import { randomUUID } from 'node:crypto';
import type { Input } from '#contracts/playbooks/document.ts';
import type { EverydayCommand } from '../kit/command.ts';
import { Interrupted, UsageError, exits } from '../kit/exits.ts';
import { idByName } from '../kit/find-by-name.ts';
import { isSet, valueOf, valuesOf } from '../kit/scan-arguments.ts';
import { openClient, untilInterrupted } from '../kit/session.ts';
import { note, print } from '../kit/terminal.ts';
import { followLog } from '../kit/follow-log.ts';
import { exitOfEnd, watchRun } from '../kit/watch-run.ts';
import { readInputs } from './input-words.ts';

export const run: EverydayCommand = {
  name: 'run',
  summary: 'Run a playbook',
  usage: 'PLAYBOOK [--input NAME=VALUE …] [--follow]',
  mostWords: 1,
  options: [
    {
      name: 'input',
      isMany: true,
      about: 'NAME=VALUE, by the type that the playbook declares; items of a list one by one',
    },
    { name: 'follow', isFlag: true, about: 'its lines as they come; the exit code says how it ended' },
    { name: 'version', about: 'an earlier version' },
    { name: 'title', about: 'what lists call the run' },
    { name: 'tag', isMany: true, about: 'a tag of the run' },
    { name: 'dry-run', isFlag: true, about: 'walk it without effect; the plan is the run’s output' },
  ],
  more: 'PLAYBOOK is a name or an id. Without --follow the run’s id is printed at once. An interrupt ends the following, not the run.',
  run: async (scanned, env) => {
    const [wanted] = scanned.words;
    if (wanted === undefined) throw new UsageError('run needs the name of a playbook.');
    const version = valueOf(scanned, 'version');
    if (version !== undefined && !/^[1-9]\d*$/.test(version)) throw new UsageError('--version is a whole number.');
    const client = openClient(scanned, env);
    const id = await idByName('playbook', wanted, (query) => client.call('listPlaybooks', { query }));
    const pairs = valuesOf(scanned, 'input');
    const inputs = pairs.length === 0 ? {} : readInputs(await declaredInputs(), pairs);
    const tags = valuesOf(scanned, 'tag');
    const { runId } = await client.call('runPlaybook', {
      params: { id },
      body: {
        inputs,
        dryRun: isSet(scanned, 'dry-run'),
        ...(version !== undefined && { version: Number(version) }),
        title: valueOf(scanned, 'title'),
        ...(tags.length > 0 && { tags: [...tags] }),
      },
      idempotencyKey: randomUUID(),
    });
    if (!isSet(scanned, 'follow')) {
      await print(`${runId}\n`);
      return exits.succeeded;
    }
    note(`run ${runId}`);
    try {
      return await untilInterrupted(async (signal) => {
        const [ended] = await Promise.all([watchRun(client, runId, signal), followLog(client, runId, { signal })]);
        return exitOfEnd(ended.status);
      });
    } catch (error) {
      if (error instanceof Interrupted)
        throw new Interrupted(
          `The run goes on; windlass cancel ${runId} stops it, windlass wait ${runId} waits for it.`,
        );
      throw error;
    }

    async function declaredInputs(): Promise<readonly Input[]> {
      const playbook =
        version === undefined
          ? await client.call('getPlaybook', { params: { id } })
          : await client.call('getPlaybookVersion', { params: { id, version: Number(version) } });
      const { inputs: declared } = playbook.definition;
      return Array.isArray(declared) ? (declared as unknown as Input[]) : []; // saved documents are valid ones
    }
  },
};
