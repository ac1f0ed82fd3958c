import { freePort } from '#system/embedded/processes.ts';
import { median } from '../../kit/figures.ts';
import { needLighthouse, runLighthouse, type Scores } from '../lighthouse.ts';
import type { ConsoleRow } from '../row.ts';

export const lighthouse: ConsoleRow = {
  name: 'lighthouse',
  notes: [
    'Lighthouse: its desktop preset in the same Chromium, signed in by cookie; the middle of three passes (one with `--quick`). Its performance score falls with whatever else the machine does: read it on a quiet one.',
  ],
  async measure({ world, browser, say, isQuick }) {
    const program = await needLighthouse(say);
    const pages = {
      overview: world.base,
      runs: `${world.base}/runs`,
      'run detail': `${world.base}/runs/${world.waitingRunId}`,
      'playbook editor': `${world.base}/playbooks/${world.playbookId}`,
      'sign-in': `${world.product.url}/sign-in`,
    };
    const results = [];
    for (const [name, address] of Object.entries(pages)) {
      const port = await freePort();
      const chrome = await browser({ args: [`--remote-debugging-port=${port}`], isSignedIn: name !== 'sign-in' });
      const passes: Scores[] = [];
      for (let pass = 0; pass < (isQuick ? 1 : 3); pass++)
        passes.push(await patiently(() => runLighthouse(program, address, port), say));
      await chrome.close();
      const of = (what: 'performance' | 'accessibility' | 'bestPractices') => median(passes.map((each) => each[what]));
      for (const lost of new Set(passes.flatMap((pass) => pass.lost))) say(`${name}: ${lost}`);
      results.push({
        what: `Lighthouse on ${name}: performance / accessibility / best practices`,
        figure: `${of('performance')} / ${of('accessibility')} / ${of('bestPractices')}`,
        target: '≥ 95 / 100 / ≥ 95',
        isMet: of('performance') >= 95 && of('accessibility') === 100 && of('bestPractices') >= 95,
      });
    }
    return results;
  },
};

/** A pass that Lighthouse itself could not record, as it happens on a busy machine, is made again, twice at most. */
async function patiently(pass: () => Promise<Scores>, say: (line: string) => void): Promise<Scores> {
  for (let left = 2; ; left--) {
    try {
      return await pass();
    } catch (error) {
      if (left === 0) throw error;
      say(
        `made again: ${
          String(error)
            .split('\n')
            .find((line) => line.includes('Runtime error')) ?? String(error)
        }`,
      );
    }
  }
}
