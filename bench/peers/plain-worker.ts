// The peer: a worker of the plain Temporal SDK with default options, in a process of its own.
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address = '', taskQueue = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./plain-workflows.ts', import.meta.url)),
  activities: { take: async (value: number) => value + 1 },
});
process.once('SIGTERM', () => worker.shutdown());
const running = worker.run();
process.send?.('ready');
await running;
await connection.close();
process.exit(0);
