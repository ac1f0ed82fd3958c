import { defineErrors } from '../kit/error-def.ts';
import { engineErrors } from './engine/errors.ts';
import { languageErrors } from './language-errors.ts';
import { savedPlaybookErrors } from './saved-errors.ts';

/** Error codes of the playbooks room. */
export const playbooksErrors = defineErrors({
  ...languageErrors,
  ...engineErrors,
  ...savedPlaybookErrors,
});
