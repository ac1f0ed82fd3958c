import type { Problems } from './problems.ts';

const form = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Ids of steps and names of inputs and outputs (§1). Says what is wrong and answers whether the name can be used. */
export function checkName(name: string, path: string, problems: Problems): boolean {
  if (!form.test(name)) {
    problems.error(
      'id.malformed',
      path,
      `"${name.slice(0, 60)}" is no name: letters, digits and _, no digit first, at most 48${name.includes('-') ? '; a dash would be a subtraction' : ''}.`,
    );
    return false;
  }
  if (!reserved.has(name)) return true;
  problems.error('id.reserved', path, `"${name}" is a word of CEL; take another name.`);
  return false;
}
