// `npm run bench`: the product beside its peers, in one run on one server. `npm run bench -- ssh events` runs some rows.
import { writeReport } from './kit/report.ts';
import { newHome, openProduct, removeHome, startInstallation, type Product } from './kit/product.ts';
import type { Result, Row, RowTools } from './kit/row.ts';
import { freePort } from '#system/embedded/processes.ts';
import { rows } from './rows.ts';

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isQuick = process.argv.includes('--quick');
const unknown = asked.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}. Rows: ${rows.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const closers: (() => Promise<unknown>)[] = [];
let product: Promise<Product> | undefined;
const say = (line: string): void => console.log(`  ${line}`);
const tools: RowTools = {
  say,
  scale: isQuick ? 0.25 : 1,
  onEnd: (close) => void closers.push(close),
  product: () =>
    (product ??= (async () => {
      const home = newHome();
      closers.push(async () => removeHome(home));
      const installation = await startInstallation(home, await freePort());
      closers.push(() => installation.stop());
      return openProduct(installation);
    })()),
};
const end = async (): Promise<void> => {
  for (const close of closers.splice(0).toReversed()) await close().catch((error: unknown) => console.error(error));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));

const measured: { row: Row; results: Result[] }[] = [];
try {
  for (const row of rows.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    console.log(`— ${row.name}`);
    try {
      const results = await row.measure(tools);
      measured.push({ row, results });
      for (const { what, ours, peer, ratio, target, isMet } of results) {
        say(`${what}: ${ours} | ${peer} | ${ratio ?? ''} | ${target} | ${isMet === null ? '–' : isMet ? 'met' : 'MISSED'}`);
      }
    } catch (error) {
      console.error(`  failed: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    }
  }
  const flags = product ? (await product.catch(() => undefined))?.temporalFlags : undefined;
  // A part of the rows or a quick look is no report.
  if (asked.length === 0 && !isQuick) writeReport(measured, flags ?? []);
} finally {
  await end();
}
process.exit();
