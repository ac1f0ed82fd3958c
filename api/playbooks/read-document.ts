import type { Json } from '#contracts/kit/schemas.ts';
import type { Playbook } from '#contracts/playbooks/document.ts';
import type { PlaybookDocument, Validation, ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { asPlaybook, type Validation as Verdict } from '#contracts/playbooks/validate.ts';
import { readYaml, writeYaml, type ReadYaml } from '#contracts/playbooks/yaml.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { checkDocument } from '#db/playbooks/check-document.ts';
import { problem } from '../kit/problem.ts';

type Given = Pick<PlaybookDocument, 'definition' | 'yaml'>;

/** What was sent, read and judged. `definition` is there where it is valid. */
export interface ReadDocument {
  definition: Playbook | undefined;
  yaml: string;
  validation: Validation;
}

/** Reads a document in either form and says everything that is wrong with it, with lines where it came as YAML. */
export async function readDocument(tx: TenantTx, given: Given, playbookId?: string): Promise<ReadDocument> {
  if (given.yaml === undefined && given.definition === undefined) throw problem('playbook.document_missing');
  const read = given.yaml === undefined ? null : readYaml(given.yaml);
  if (read && !read.ok) {
    const errors = read.errors.map(({ code, path, message, line, column }): ValidationIssue => ({
      code,
      path,
      message,
      line,
      column,
    }));
    return { definition: undefined, yaml: given.yaml ?? '', validation: { valid: false, errors, hints: [] } };
  }
  const value = (read ? read.value : given.definition) as Json;
  const verdict = await checkDocument(tx, value, playbookId);
  return {
    definition: asPlaybook(value, verdict),
    yaml: given.yaml ?? writeYaml(value),
    validation: placed(verdict, read),
  };
}

/** The valid document, or a refusal with every mistake. */
export async function mustRead(
  tx: TenantTx,
  given: Given,
  playbookId?: string,
): Promise<{ definition: Playbook; yaml: string; hints: ValidationIssue[] }> {
  const { definition, yaml, validation } = await readDocument(tx, given, playbookId);
  if (!definition) throw problem('playbook.invalid', {}, validation.errors);
  return { definition, yaml, hints: validation.hints };
}

function placed({ valid, errors, hints }: Verdict, read: Extract<ReadYaml, { ok: true }> | null): Validation {
  const place = (issue: Verdict['errors'][number]): ValidationIssue => {
    const { code, path, message, at, details } = issue;
    const range = read?.positionOf(path);
    return {
      code,
      path,
      message,
      ...(at && { at: [at[0], at[1]] as [number, number] }),
      ...(details !== undefined && { details: details as Json }),
      ...(range && { line: range.line, column: range.column }),
    };
  };
  return { valid, errors: errors.map(place), hints: hints.map(place) };
}
