import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';

export interface PlainTemporal {
  /** Start to result of one workflow. */
  run(workflow: 'oneStep' | 'inARow', args?: unknown[]): Promise<number>;
  close(): Promise<void>;
}

/** The plain SDK against the same server: ordinary client here, ordinary worker in a process of its own. */
export async function startPlainTemporal(address: string): Promise<PlainTemporal> {
  const taskQueue = `plain-${randomUUID()}`;
  const worker = fork(fileURLToPath(new URL('./plain-worker.ts', import.meta.url)), [address, taskQueue]);
  await new Promise<void>((ready, fail) => {
    worker.once('message', () => ready());
    worker.once('exit', (code) => fail(new Error(`The plain worker ended with ${code}.`)));
  });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  return {
    async run(workflow, args = []) {
      const begun = performance.now();
      const handle = await client.workflow.start(workflow, { taskQueue, workflowId: randomUUID(), args });
      await handle.result();
      return performance.now() - begun;
    },
    async close() {
      await connection.close();
      const ended = new Promise((done) => worker.once('exit', done));
      worker.kill('SIGTERM');
      await ended;
    },
  };
}
