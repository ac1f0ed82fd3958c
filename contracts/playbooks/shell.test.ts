import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Json } from './document.ts';
import { isLanguageFailure } from './expressions/failure.ts';
import { renderCommand } from './expressions/render.ts';
import type { Scope } from './expressions/scope.ts';
import { placesInShell } from './shell.ts';
import { scanTemplates } from './templates.ts';

const scope = (inputs: { readonly [name: string]: Json }): Scope => ({
  inputs, vars: {}, steps: {}, secrets: [], locals: {}, nowMs: 0,
  run: { id: 'r', title: '', trigger: '', actor: { name: '', email: '' }, startedAt: '2026-01-05T08:00:00Z', dryRun: false, url: '', playbook: { name: '', version: 1 } },
}); // prettier-ignore

const folder = mkdtempSync(join(tmpdir(), 'shell-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shells = ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path));
const run = (shell: string, command: string) =>
  spawnSync(shell, ['-c', command], { cwd: folder, env: { PATH: '/usr/bin:/bin' }, input: '', timeout: 10_000 });
const whereUnsafe = (command: string): readonly (string | undefined)[] =>
  placesInShell(scanTemplates(command)).map(({ unsafe }) => unsafe);

const anyText = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '').toWellFormed());
const nasty = fc.string({
  unit: fc.constantFrom(
    "'",
    '"',
    '\\',
    '$',
    '`',
    '(',
    ')',
    '\n',
    ' ',
    '!',
    '*',
    '~',
    ';',
    '&',
    '-',
    '#',
    '{',
    '}',
    'a',
  ),
  maxLength: 20,
});
const value: fc.Arbitrary<string> = fc.oneof(anyText, nasty);

test('a shell makes of any string exactly that one word', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (words) => {
      const inputs = Object.fromEntries(words.map((word, at) => [`v${at}`, word]));
      const command = `printf '%s\\0' ${words.map((_word, at) => `\${{ inputs.v${at} }} --x=\${{ inputs.v${at} }}`).join(' ')} \${{ inputs.all }}`;
      const rendered = renderCommand(command, scope({ ...inputs, all: words }));
      const { stdout } = run('/bin/sh', rendered);
      expect(stdout.toString().split('\0').slice(0, -1)).toEqual([
        ...words.flatMap((word) => [word, `--x=${word}`]),
        ...words,
      ]);
    }),
    { numRuns: 150 },
  );
});

test('where a place is said to be safe, no value can make a shell run it', () => {
  const tokens = [
    "'",
    '"',
    '`',
    '\\',
    '$(',
    ')',
    '(',
    '${x:-',
    '}',
    '$((',
    '))',
    '#',
    ' ',
    ' ',
    '\n',
    '<<E\n',
    '<<-"E"\n',
    'E\n',
    'echo',
    'a',
    ';',
    'case a in a)',
    'esac',
    "$'",
    '=',
    '<',
    '<<',
    'E',
    '&',
    '|',
    '\\\n',
    '$',
    '((',
    '[[ ',
    ' ]]',
    'if ',
    'for a in ',
    '{ ',
    '${{ inputs.v }}',
    '${{ inputs.v }}',
    '${{ inputs.v }}',
  ];
  const marker = join(folder, 'marker');
  const hostile = `x'"$(: >marker)\`: >marker\`\\\nE\n: >marker\n'; : >marker; '"; : >marker; ")); : >marker; }; : >marker\n`;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens), { minLength: 2, maxLength: 12 }), (chosen) => {
      const command = chosen.join('');
      let places: readonly (string | undefined)[];
      try {
        places = whereUnsafe(command);
      } catch (error) {
        return isLanguageFailure(error); // the tokens may form $${{ or the like
      }
      if (places.length === 0 || places.some((unsafe) => unsafe !== undefined)) return true;
      const rendered = renderCommand(command, scope({ v: hostile }));
      for (const shell of shells) {
        rmSync(marker, { force: true });
        run(shell, rendered);
        expect(existsSync(marker), `${shell}: ${command}`).toBe(false);
      }
      return true;
    }),
    // The same cases each time, so that the suite is steady; SHELL_RUNS=100000 looks for new ones.
    process.env['SHELL_RUNS'] ? { numRuns: Number(process.env['SHELL_RUNS']) } : { numRuns: 300, seed: 1 },
  );
});

test('plain text is told from quotes, comments, here-documents and what else quoting cannot save', () => {
  const safe = [
    'echo ${{ a }}', 'A=${{ a }} env; x --n=${{ a }}', 'echo "$(printf %s ${{ a }})"', 'echo $( (ls ${{ a }}) )', "echo 'it'${{ a }}", 'echo a#${{ a }}', 'echo \\"${{ a }}',
    'cat <<EOF\nx\nEOF\necho ${{ a }}', "cat <<-'E O'\n\tx\n\tE O\necho ${{ a }}", 'cat <<A <<B; echo ${{ a }}\na\nA\nb\nB\necho ${{ a }}', 'wc <<< ${{ a }}', 'echo "${x:-"a}"}" ${{ a }}',
    'echo $((1 + 2)) ${{ a }} $(( (1) * (2) )) ${{ a }}', 'echo `date` ${{ a }}', "echo $'a\\nb' ${{ a }}", '# comment "\necho ${{ a }}', 'case x in a) ls ${{ a }};; esac', '> ${{ a }}', 'echo \\\n ${{ a }}', 'for ((i=0; i<3; i++)); do curl ${{ a }}; done', 'a=(x ${{ a }} "y")',
    '(ls; (ls ${{ a }}))',
  ]; // prettier-ignore
  for (const command of safe)
    expect(
      whereUnsafe(command).every((unsafe) => unsafe === undefined),
      command,
    ).toBe(true);
  const unsafe = [
    'echo "${{ a }}"', "echo '${{ a }}'", 'echo `ls ${{ a }}`', 'echo ${x:-${{ a }}}', 'echo $((1 + ${{ a }}))', 'ls # ${{ a }}', '#${{ a }}', 'cat <<E\n${{ a }}\nE\n', "cat <<'E'\n${{ a }}\nE\n", 'cat <<${{ a }}\n',
    'echo \\${{ a }}', 'echo "`ls ${{ a }}`"', 'echo ${x:-$(ls ${{ a }})}', 'echo `$(ls ${{ a }})`', '"$(case x in a) echo "q ${{ a }}";; esac)"', "echo $'\\'' ${{ a }}'", 'echo "a $(ls "${{ a }}")"', 'a\\ #\'\n${{ a }}\'', '\\\n#${{ a }}', '"$$(echo ${{ a }})"',
    '{ $(()case a in a)echo${{ a }}',
    'echo $((ls); (ls)) ${{ a }}',
    'a=(<${{ a }})',
    'a=(${{ a }}',
    "ls ${{ a }} '",
    'ls ${{ a }} "$(ls',
    '((${{ a }} > 5))', "((ls # '\n)); echo ${{ a }}", 'cat <\\\n<E\n${{ a }}', 'cat <<E\nx\\\nE\n${{ a }}', 'echo "$\\\n(echo "${{ a }}")"',
  ]; // prettier-ignore
  for (const command of unsafe)
    expect(
      whereUnsafe(command).every((reason) => reason !== undefined),
      command,
    ).toBe(true);
});

test('what touches a template, and what a second shell reads again, is seen', () => {
  const places = (command: string) => placesInShell(scanTemplates(command));
  expect(places('ls ${{ a }} x${{ a }} ${{ a }}y ${{ a }};$(${{ a }})>${{ a }}').map(({ touches }) => touches)).toEqual(
    [false, true, true, false, false, false],
  );
  expect(places('${{ a }}${{ a }}').map(({ touches }) => touches)).toEqual([true, true]);
  expect(
    places('eval ls ${{ a }}; sudo sh -ec ${{ a }} && bash -c "x" ${{ a }} | sh x ${{ a }}').map(
      ({ isReadTwice }) => isReadTwice,
    ),
  ).toEqual([true, true, true, false]);
});

test('the same holds when a document was not checked before it runs', () => {
  const codeOf = (command: string, inputs: { readonly [name: string]: Json }): string => {
    try {
      renderCommand(command, scope(inputs));
    } catch (error) {
      return isLanguageFailure(error) ? error.code : String(error);
    }
    return 'none';
  };
  expect(codeOf('echo "${{ inputs.v }}"', { v: 'x' })).toBe('template.inside_quotes');
  expect(codeOf('echo "${{ raw(inputs.v) == raw(inputs.v) ? inputs.v : inputs.v }}"', { v: 'x' })).toBe(
    'template.inside_quotes',
  );
  expect(codeOf('ls --x=${{ inputs.l }}', { l: [] })).toBe('shell.list_in_word');
  expect(codeOf('ls ${{ inputs.v }}', { v: 'a\0b' })).toBe('shell.nul_in_value');
  expect(codeOf('ls ${{ raw(inputs.v) }}', { v: 'a\0b' })).toBe('shell.nul_in_value');
});

test('raw is the text itself, a list of it joined by spaces', () => {
  expect(renderCommand('x ${{ raw(inputs.l) }} "${{ raw(inputs.n) }}"', scope({ l: ['a b', 1], n: null }))).toBe(
    'x a b 1 ""',
  );
});
