// `npm run bench:console`: the console's numbers, measured on the real product in real Chromium. `npm run bench:console --
// axe live` measures some rows, `--quick` fewer rounds, `--soak=3` a soak of three minutes, `--home=<folder>` keeps the
// installation for the next time.
import { freePort } from '#system/embedded/processes.ts';
import { type Chrome, openChromium } from '#tests/kit/chromium.ts';
import { keep, newHome, openProduct, readKept, removeHome, startInstallation, type Product } from '../kit/product.ts';
import { writeConsoleReport } from './report.ts';
import type { ConsoleResult, ConsoleRow, ConsoleTools } from './row.ts';
import { rows } from './rows.ts';
import { seedWorld, signInTo } from './seed.ts';

const options = process.argv.slice(2);
const asked = options.filter((option) => !option.startsWith('--'));
const valueOf = (name: string): string | undefined =>
  options.find((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3);
const isQuick = options.includes('--quick');
const soakMinutes = Number(valueOf('soak') ?? 30);
const unknown = asked.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0 || !(soakMinutes > 0)) {
  console.error(
    `Rows: ${rows.map(({ name }) => name).join(', ')}. Options: --quick, --soak=<minutes>, --home=<folder>.`,
  );
  process.exit(1);
}

const say = (line: string): void => console.log(`  ${line}`);
const closers: (() => Promise<unknown>)[] = [];
const end = async (): Promise<void> => {
  for (const close of closers.splice(0).toReversed()) await close().catch((error: unknown) => console.error(error));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().finally(() => process.exit(130)));

async function findProduct(): Promise<Product> {
  const kept = valueOf('home');
  const found = kept === undefined ? undefined : await readKept(kept);
  if (found) return found;
  const home = kept ?? newHome();
  if (kept === undefined) closers.push(async () => removeHome(home));
  const installation = await startInstallation(home, await freePort());
  if (kept === undefined) closers.push(() => installation.stop());
  const made = await openProduct(installation);
  if (kept !== undefined) keep(made);
  return made;
}

const measured: { row: ConsoleRow; results: ConsoleResult[] }[] = [];
try {
  const world = await seedWorld(await findProduct(), say);
  // The soak looks at memory alone and does not mind a machine that still has other things to do.
  const inTurn = rows.toSorted((a, b) => Number(b.name === 'soak') - Number(a.name === 'soak'));
  for (const row of inTurn.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    console.log(`— ${row.name}`);
    const open: Chrome[] = [];
    const closeAll = async () => {
      for (const chrome of open.splice(0)) await chrome.close().catch(() => undefined);
    };
    closers.push(closeAll);
    const browser: ConsoleTools['browser'] = async ({ args = [], isSignedIn = true } = {}) => {
      const chrome = await openChromium({ args });
      open.push(chrome);
      if (isSignedIn) await signInTo(chrome.context, world);
      return chrome;
    };
    try {
      const results = await row.measure({
        world,
        say,
        isQuick,
        soakMinutes,
        browser,
        onEnd: (close) => void closers.push(close),
      });
      measured.push({ row, results });
      for (const { what, figure, target, isMet } of results)
        say(`${what}: ${figure} | ${target} | ${isMet ? 'met' : 'MISSED'}`);
      // After each row, so that a long run that is ended early has its table. A quick look is no figure to keep.
      if (!isQuick && (row.name !== 'soak' || soakMinutes >= 30)) writeConsoleReport(measured, rows);
    } catch (error) {
      console.error(`  failed: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    } finally {
      await closeAll();
    }
  }
} finally {
  await end();
}
process.exit();
