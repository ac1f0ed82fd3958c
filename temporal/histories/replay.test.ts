import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { houseBundle } from '#tests/kit/test-temporal.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** A workflow's id is part of its story: `fireSchedule` reads from it which time it is. */
function* savedHistories() {
  for (const name of names) {
    const history: unknown = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
    const first = (history as { events: { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[] })
      .events[0];
    yield {
      workflowId: first?.workflowExecutionStartedEventAttributes?.workflowId ?? name,
      history: historyFromJSON(history),
    };
  }
}

test('every saved history still replays on the code of today', async () => {
  expect(names.length).toBeGreaterThan(0);
  const results = Worker.runReplayHistories({ workflowBundle: await houseBundle() }, savedHistories());
  for await (const { workflowId, error } of results) expect(error, workflowId).toBeUndefined();
});

test('a history that this code would not have written is told', async () => {
  const text = readFileSync(`${folder}/run-playbook-ssh.json`, 'utf8').replaceAll(
    '"runHostBatch"',
    '"runAnotherBatch"',
  );
  const other = { workflowId: 'other', history: historyFromJSON(JSON.parse(text)) };
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: await houseBundle() }, [other]))
    expect(error?.message).toMatch(/runAnotherBatch/);
});
