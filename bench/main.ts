// `npm run bench`: the product beside its peers, in one run on one server. `npm run bench -- ssh events` runs some rows,
// `--quick` fewer rounds, `--home=<folder>` keeps the installation for the next time.
import { writeReport } from './kit/report.ts';
import { keep, newHome, openProduct, readKept, removeHome, startInstallation, type Product } from './kit/product.ts';
import type { Result, Row, RowTools } from './kit/row.ts';
import { freePort } from '#system/embedded/processes.ts';
import { flagsOf } from '#system/embedded/temporal.ts';
import { rows } from './rows.ts';

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const keptHome = process.argv.find((argument) => argument.startsWith('--home='))?.slice(7);
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
  product: () => (product ??= keptHome === undefined ? startProduct(newHome()) : findProduct(keptHome)),
};

/** An installation of our own, gone at the end. */
async function startProduct(home: string): Promise<Product> {
  closers.push(async () => removeHome(home));
  const installation = await startInstallation(home, await freePort());
  closers.push(() => installation.stop());
  say(`the product is ready after ${(installation.readyMs / 1000).toFixed(1)} s`);
  return openProduct(installation);
}

/** One that is kept between runs of the bench, for work on a single row: `--home=<folder>`. */
async function findProduct(home: string): Promise<Product> {
  const found = await readKept(home);
  if (found) return found;
  const made = await openProduct(await startInstallation(home, await freePort()));
  keep(made);
  return made;
}
const end = async (): Promise<void> => {
  for (const close of closers.splice(0).toReversed()) await close().catch((error: unknown) => console.error(error));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

const measured: { row: Row; results: Result[] }[] = [];
try {
  for (const row of rows.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    console.log(`— ${row.name}`);
    try {
      const results = await row.measure(tools);
      measured.push({ row, results });
      for (const { what, ours, peer, ratio, target, isMet } of results) {
        say(
          `${what}: ${ours} | ${peer} | ${ratio ?? ''} | ${target} | ${isMet === null ? '–' : isMet ? 'met' : 'MISSED'}`,
        );
      }
      // After each row, so that a long run that is ended early has its table. A quick look is no figure to keep.
      if (!isQuick) writeReport(measured, { flags: flagsOf('temporal.db', []), rows });
    } catch (error) {
      console.error(`  failed: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    }
  }
} finally {
  await end();
}
process.exit();
