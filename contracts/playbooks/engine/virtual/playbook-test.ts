import type { Json, Playbook } from '../../document.ts';
import { asPlaybook, type PlaybookLookup, validatePlaybook } from '../../validate.ts';
import { readYaml } from '../../yaml.ts';
import { compare, type Difference, type Tools, type Verdict } from './compare.ts';
import { runVirtually, type VirtualCase, type VirtualResult } from './run-virtually.ts';
import { PlaybookTestCase } from './test-case.ts';

export interface PlaybookTestResult {
  readonly name: string;
  readonly passed: boolean;
  /** Where it went otherwise than expected; also mistakes in the test itself, at their place. */
  readonly differences: readonly Difference[];
  /** Null where nothing could run: the definition or the test is refused. */
  readonly result: VirtualResult | null;
}

/**
 * Runs one test of a playbook in virtual time with mocked steps and holds it against what it expects. Pure: nothing
 * outside is touched, months of waiting take no time, the same test always gives the same.
 */
export function runPlaybookTest(given: unknown, tools: Tools = {}): PlaybookTestResult {
  const parsed = PlaybookTestCase.safeParse(given);
  if (!parsed.success) {
    const name = String((given as { name?: unknown } | null)?.name ?? '');
    const differences = parsed.error.issues.map(({ path, message }) => ({
      path: path.join('/'),
      expected: message,
      actual: null,
    }));
    return { name, passed: false, differences, result: null };
  }
  const test = parsed.data;
  const { verdict, playbook } = judge(test);
  const children = Object.entries(test.playbooks ?? {}).flatMap(([name, definition]) =>
    childMistakes(name, definition as Json, test),
  );
  const result = playbook && children.length === 0 ? tryRun(test, playbook) : null;
  if (result instanceof Error) {
    return {
      name: test.name,
      passed: false,
      differences: [{ path: '', expected: 'an end', actual: result.message }],
      result: null,
    };
  }
  // What cannot be run because a called playbook is broken is told as that alone.
  const differences = [...children, ...compare(test.expect, verdict, result, tools)];
  return { name: test.name, passed: differences.length === 0, differences, result };
}

function judge(test: PlaybookTestCase): { verdict: Verdict; playbook: Playbook | undefined } {
  const read = test.yaml === undefined ? null : readYaml(test.yaml);
  if (read && !read.ok) return { verdict: { valid: false, errors: read.errors, hints: [] }, playbook: undefined };
  const definition = read ? read.value : test.definition;
  const verdict = validatePlaybook(definition, contextOf(test));
  return { verdict, playbook: asPlaybook(definition, verdict) };
}

const contextOf = ({ playbooks = {}, vars = {}, secrets = {} }: PlaybookTestCase) => ({
  playbooks: ((name) =>
    Object.hasOwn(playbooks, name) ? { name, definition: playbooks[name] } : 'unknown') satisfies PlaybookLookup,
  vars: Object.keys(vars),
  secrets: Object.keys(secrets),
});

function childMistakes(name: string, definition: Json, test: PlaybookTestCase): Difference[] {
  if (test.expect.valid === false) return [];
  const { valid, errors } = validatePlaybook(definition, contextOf(test));
  return valid
    ? []
    : [{ path: `playbooks/${name}`, expected: 'valid', actual: errors.map(({ code, path }) => ({ code, path })) }];
}

function tryRun(test: PlaybookTestCase, definition: Playbook): VirtualResult | Error {
  try {
    // The schema has looked at all of it; children were validated one by one.
    return runVirtually({ ...test, definition } as unknown as VirtualCase);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
