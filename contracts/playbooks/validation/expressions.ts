import type { Json } from '../document.ts';
import { Budget } from '../expressions/budget.ts';
import { checkExpression, isConstant } from '../expressions/check.ts';
import type { Use } from '../expressions/check.ts';
import { isLanguageFailure } from '../expressions/failure.ts';
import { interpret } from '../expressions/interpret.ts';
import { parseExpression } from '../expressions/parse.ts';
import { placesInShell } from '../shell.ts';
import { celOf, scanTemplates } from '../templates.ts';
import type { TemplatePart } from '../templates.ts';
import type { Problems } from './problems.ts';
import type { Walk } from './walker.ts';

/** The parts of a string, or undefined with the error told. */
function scan(text: string, path: string, problems: Problems): readonly TemplatePart[] | undefined {
  try {
    return scanTemplates(text);
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    problems.error(error.code, path, error.message, error.at ? { at: error.at } : {});
    return undefined;
  }
}

/** Whether the string is one template and nothing else; undefined where it cannot be read, which is told. */
export function isWholeTemplate(text: string, path: string, problems: Problems): boolean | undefined {
  const parts = scan(text, path, problems);
  return parts && parts.length === 1 && parts[0]?.kind === 'template';
}

/** Checks each template of a string where it stands. */
export function checkTemplates(text: string, path: string, use: Use, { scope, problems }: Walk): void {
  const parts = scan(text, path, problems);
  if (!parts || !scope) return;
  const places = use.isCommand ? placesInShell(parts) : [];
  let seen = 0;
  for (const part of parts) {
    if (part.kind === 'text') continue;
    const place = places[seen++];
    const isRaw = /^raw\s*\(/.test(part.source);
    if (place?.unsafe !== undefined && !isRaw) {
      problems.error(
        'template.inside_quotes',
        path,
        `This value stands ${place.unsafe}, where quoting cannot make it safe. Remove the quotes: values are quoted for you.`,
        { at: part.at },
      );
      continue;
    }
    const findings = checkExpression(part.source, scope, use);
    tell(findings, part.from, path, problems);
    if (findings.length > 0 || !use.isCommand) continue;
    if (isRaw)
      problems.hint(
        'hint.raw',
        path,
        'raw(…) puts the text into the command unquoted: whoever controls it controls the command.',
        { at: part.at },
      );
    if (place?.isReadTwice) {
      problems.hint(
        'hint.nested_shell',
        path,
        'A second shell reads this value again (eval, sh -c): pass it as an argument or by env instead.',
        { at: part.at },
      );
    }
  }
}

/** Checks a CEL field: bare, or one `${{ }}` around the whole. */
export function checkCel(text: string, path: string, { scope, problems }: Walk): void {
  let cel: { readonly source: string; readonly from: number };
  try {
    cel = celOf(text);
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    return problems.error(error.code, path, error.message, error.at ? { at: error.at } : {});
  }
  if (!scope) return;
  const findings = checkExpression(cel.source, scope, { isCommand: false, takesSecrets: false });
  tell(findings, cel.from, path, problems);
  if (findings.length === 0 && isAlwaysTrue(cel.source)) {
    problems.hint('hint.always_true', path, 'This always holds: it reads nothing that could differ.');
  }
}

function isAlwaysTrue(source: string): boolean {
  try {
    return (
      isConstant(source) &&
      interpret(parseExpression(source), { nowMs: 0, budget: new Budget(), root: () => undefined }) === true
    );
  } catch {
    return false;
  }
}

function tell(findings: ReturnType<typeof checkExpression>, from: number, path: string, problems: Problems): void {
  for (const { code, message, at, details } of findings) {
    problems.error(code, path, message, {
      at: [from + at[0], from + at[1]],
      ...(details ? { details: details as { readonly [key: string]: Json } } : {}),
    });
  }
}
