import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import type { Input, Json } from './document.ts';
import { checkInputs } from './inputs.ts';
import { validatePlaybook } from './validate.ts';
import { readYaml } from './yaml.ts';

/** What a case says of the language itself; what it says of runs is proven by the engine's own test. */
interface Case {
  readonly name: string;
  readonly definition?: { readonly inputs?: readonly Input[] };
  readonly yaml?: string;
  readonly playbooks?: { readonly [name: string]: unknown };
  readonly servers?: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly vars?: { readonly [name: string]: Json };
  readonly secrets?: { readonly [name: string]: string };
  readonly inputs?: Json;
  readonly expect: {
    readonly valid: boolean;
    readonly errors?: readonly { readonly code: string; readonly path: string }[];
    readonly hints?: readonly { readonly code: string; readonly path: string }[];
    readonly inputErrors?: readonly { readonly code: string; readonly path: string }[];
  };
}

const folder = new URL('./vectors/', import.meta.url);
const brief = ({ code, path }: { readonly code: string; readonly path: string }) => ({ code, path });

function check({ definition, yaml, playbooks = {}, vars = {}, secrets = {} }: Case) {
  const read = yaml === undefined ? undefined : readYaml(yaml);
  if (read && !read.ok) return { valid: false, errors: read.errors, hints: [] };
  return validatePlaybook(read ? read.value : definition, {
    playbooks: (name) => (Object.hasOwn(playbooks, name) ? { name, definition: playbooks[name] } : 'unknown'),
    vars: Object.keys(vars),
    secrets: Object.keys(secrets),
  });
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  describe(`${file}`, () => {
    for (const one of parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Case[]) {
      test(`${one.name}`, () => {
        const { valid, errors, hints } = check(one);
        expect(errors.map(brief)).toEqual(one.expect.errors ?? []);
        expect(valid).toBe(one.expect.valid);
        expect(hints.map(brief)).toEqual(expect.arrayContaining([...(one.expect.hints ?? [])]));
        if (!valid || !one.definition) return;
        const given = checkInputs(one.definition.inputs ?? [], one.inputs, one.servers ? { servers: one.servers } : {});
        expect(given.errors.map(brief)).toEqual(one.expect.inputErrors ?? []);
      });
    }
  });
}
