import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, test } from 'vitest';

/**
 * The language within a bundle made as workflows' are, in a realm of its own that has nothing of Node and neither clock
 * nor chance. The bundler refuses modules that a workflow may not use.
 */
test('the language bundles for workflows and runs there, with neither Node, clock nor chance', async () => {
  const folder = mkdtempSync(join(import.meta.dirname, '.sandbox-'));
  try {
    const workflowsPath = join(folder, 'probe.ts');
    writeFileSync(
      workflowsPath,
      `import { evaluateJson } from '../expressions/evaluate.ts';
       import { renderCommand, renderValue } from '../expressions/render.ts';
       import { hashOf } from '../canonical.ts';
       import { checkInputs } from '../inputs.ts';
       import { createMasker } from '../masking.ts';
       import { validatePlaybook } from '../validate.ts';
       export function probe(text: string): string {
         const { scope, definition, inputs } = JSON.parse(text);
         return JSON.stringify({
           date: evaluateJson("inputs.at + duration('36h')", scope),
           zone: evaluateJson("run.startedAt.getHours('Europe/Berlin')", scope),
           pattern: evaluateJson("'ERROR 42'.matches('[0-9]+$') && inputs.l.all(x, x > 0)", scope),
           command: renderCommand('echo \${{ inputs.v }}', scope),
           value: renderValue({ a: ['\${{ inputs.n / 2.0 }}'] }, scope),
           hash: hashOf({ b: 1, a: sha('x') }),
           inputs: checkInputs(definition.inputs, inputs),
           masked: createMasker(['hunter2hunter2']).mask('x hunter2hunter2'),
           valid: validatePlaybook(definition),
         });
         function sha(value: string): string { return evaluateJson("sha256('" + value + "')", scope) as string; }
       }`,
    );
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
    const context = createContext({ TextEncoder, TextDecoder, AbortController, __webpack_module_cache__: {} });
    runInContext(
      'Date.now = Math.random = () => { throw new Error("not in a workflow"); }; globalThis.performance = undefined; var exports = {}; var module = { exports };',
      context,
    );
    runInContext(code, context);
    const given = {
      scope: {
        inputs: { at: '2026-01-31T10:00:00+02:00', v: "it's", n: 5, l: [1, 2] }, inputTypes: [{ name: 'at', type: 'datetime' }],
        vars: {}, steps: {}, secrets: [], locals: {}, nowMs: 0,
        run: { id: 'r', title: '', trigger: '', actor: { name: '', email: '' }, startedAt: '2026-01-05T08:00:00Z', dryRun: false, url: '', playbook: { name: '', version: 1 } },
      },
      definition: { name: 'X', inputs: [{ name: 'n', type: 'integer', default: 1 }], steps: [{ id: 'a', kind: 'set', values: { x: '${{ inputs.n + 1.5 }}' } }] },
      inputs: { n: 7 },
    }; // prettier-ignore
    const answer: unknown = JSON.parse(
      String(runInContext(`__TEMPORAL__.importWorkflows().probe(${JSON.stringify(JSON.stringify(given))})`, context)),
    );
    expect(answer).toMatchObject({
      date: '2026-02-01T20:00:00Z', zone: 9, pattern: true, command: "echo 'it'\\''s'", value: { a: [2.5] }, masked: 'x [secret]',
      inputs: { values: { n: 7 }, errors: [] }, valid: { valid: true, errors: [] },
    }); // prettier-ignore
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const quiet = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  log: () => undefined,
};
