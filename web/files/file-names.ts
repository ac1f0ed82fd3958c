const most = 120;

/** A file's own name as one that may be stored: letters, digits and `. _ + @ / -`, beginning with a letter or digit. */
export function storedName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._+@/-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/-+(?=\.|$)/g, '');
  return plain.slice(0, most) || 'file';
}

/** The same name with the next figure before its ending: `app.tar.gz`, `app-2.tar.gz`, `app-3.tar.gz`. */
export function nextName(name: string): string {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const [, stem = '', ending = ''] = /^(.+?)((?:\.[A-Za-z0-9]{1,5}){0,2})$/.exec(name.slice(folder.length)) ?? [];
  const counted = /^(.*)-(\d{1,6})$/.exec(stem);
  const next = counted ? `${counted[1]}-${Number(counted[2]) + 1}` : `${stem}-2`;
  return `${folder}${next}${ending}`.slice(0, most);
}
