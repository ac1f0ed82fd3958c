/** Words of a path, and versions (`v1`); ids, keys and numbers are none. */
const isWord = (part: string): boolean => /^(?:[a-z][a-z_-]*|v\d+)$/i.test(part);

/**
 * What calls that a service answers alike have in common: method, words of the path, and the action where paths tell none.
 * @param address whole, or from its path on
 */
export function callKind(method: string, address: string, action = ''): string {
  const [path = ''] = address.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  return [method, ...path.split('/').filter(isWord), action].join(' ').trimEnd();
}
