import { RE2JS } from 're2js';

const compiled = new Map<string, RE2JS | string>();

/** A pattern of RE2, which matches in linear time whatever the text; a sentence where it is none. Compiled once. */
export function compilePattern(source: string): RE2JS | string {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  let made: RE2JS | string;
  try {
    made = RE2JS.compile(source);
  } catch (error) {
    made = error instanceof Error ? error.message : String(error);
  }
  if (compiled.size >= 500) compiled.clear();
  compiled.set(source, made);
  return made;
}

/** Whether the pattern finds something anywhere in the text; undefined where it is no pattern. */
export function findsPattern(source: string, text: string): boolean | undefined {
  const pattern = compilePattern(source);
  return typeof pattern === 'string' ? undefined : pattern.matcher(text).find();
}

/** Whether the pattern takes the whole text; undefined where it is no pattern. */
export function matchesPattern(source: string, text: string): boolean | undefined {
  const pattern = compilePattern(source);
  return typeof pattern === 'string' ? undefined : pattern.matcher(text).matches();
}
