import { leaveByKeys, monaco, plainEditor, wearTokens } from '../../kit/monaco.ts';
import 'monaco-editor/features/codeAction/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/format/register.js';
import 'monaco-editor/features/gotoLine/register.js';
import 'monaco-editor/features/parameterHints/register.js';
import 'monaco-editor/features/smartSelect/register.js';
import 'monaco-editor/languages/definitions/pgsql/register.js';
import 'monaco-editor/languages/definitions/sql/register.js';
import type { EngineKind } from '#contracts/queries/engine.ts';

/** Which of Monaco's grammars colours a dialect. */
export const languageOf = (engine: EngineKind): string => (engine === 'postgres' ? 'pgsql' : 'sql');
export { leaveByKeys, monaco, plainEditor, wearTokens };
