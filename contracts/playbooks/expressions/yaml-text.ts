import type { Json } from '../document.ts';

/** Words and forms that a YAML reader would take for something other than this text. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*$/.test(text) &&
  !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);

const scalar = (value: Json): string => (typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value));

/**
 * Block YAML of a JSON value, for `toYaml`. Small on purpose: the parser's own printer is a hundred kilobytes that no
 * workflow bundle needs. Every text that might be read as something else is written in JSON's quotes, which YAML reads alike.
 */
export function yamlText(value: Json, indent = ''): string {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isMap ? Object.entries(value) : [];
  if (Array.isArray(value) && value.length > 0)
    return value.map((part) => `${indent}- ${nested(part, indent, '- ')}`).join('');
  if (entries.length > 0)
    return entries.map(([key, part]) => `${indent}${scalar(key)}:${nested(part, indent, ': ')}`).join('');
  return `${indent}${scalar(value)}\n`;
}

function nested(value: Json, indent: string, after: '- ' | ': '): string {
  const isNested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const inner = yamlText(value, isNested ? `${indent}  ` : '');
  if (after === '- ') return isNested ? inner.slice(indent.length + 2) : inner;
  return isNested ? `\n${inner}` : ` ${inner}`;
}
