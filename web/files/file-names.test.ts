import { expect, test } from 'vitest';
import { ArtifactName } from '#contracts/playbooks/artifacts.ts';
import { nextName, storedName } from './file-names.ts';

test.each([
  ['app-1.2.tar.gz', 'app-1.2.tar.gz'],
  ['My Déployment (final).zip', 'My-Deployment-final.zip'],
  ['.bashrc', 'bashrc'],
  ['ملف.bin', 'bin'],
  ['***', 'file'],
  ['a'.repeat(200), 'a'.repeat(120)],
])('%s is stored as %s, which may be a name', (own, stored) => {
  expect(storedName(own)).toBe(stored);
  expect(ArtifactName.safeParse(stored).success).toBe(true);
});

test.each([
  ['app.tar.gz', 'app-2.tar.gz'],
  ['app-2.tar.gz', 'app-3.tar.gz'],
  ['releases/1.0/app', 'releases/1.0/app-2'],
  ['readme', 'readme-2'],
])('after %s comes %s', (name, next) => {
  expect(nextName(name)).toBe(next);
});
