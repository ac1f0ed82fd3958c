import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { generateKey } from '#connectors/ssh/keys.ts';
import { readJson, writePrivate } from '#system/embedded/files.ts';

/** What must be the same at the next start: ports and host keys, so that pins hold; the key that signs in; what was seeded. */
const Kept = z.object({
  login: z.object({ public: z.string(), private: z.string() }),
  hosts: z.record(z.string(), z.object({ port: z.number().int(), hostKey: z.string() })),
  sinkPort: z.number().int().optional(),
  /** Addresses that the API tells only once. */
  webhookUrl: z.string().optional(),
  /** Ports and secrets of the sample services: connections to them stay good. */
  services: z
    .object({
      sfmcPort: z.number().int().optional(),
      sfmcSecret: z.string(),
      sfmcPassword: z.string(),
      amcPort: z.number().int().optional(),
      amcSecret: z.string(),
    })
    .optional(),
  samplePassword: z.string().optional(),
  /** Runs that were begun already, by their name in the list of samples. */
  runs: z.array(z.string()),
});
export type Kept = z.infer<typeof Kept>;

export interface Keep {
  readonly folder: string;
  readonly kept: Kept;
  save(): void;
}

/** Opens `<home>/demo/demo.json`, readable by its owner alone. */
export function openKeep(home: string): Keep {
  const folder = join(home, 'demo');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'demo.json');
  const known = Kept.safeParse(readJson(file));
  const kept = known.success ? known.data : { login: newLogin(), hosts: {}, runs: [] };
  const save = (): void => writePrivate(file, `${JSON.stringify(kept, null, 2)}\n`);
  save();
  return { folder, kept, save };
}

function newLogin(): Kept['login'] {
  const { publicKey, privateKey } = generateKey();
  return { public: publicKey, private: privateKey };
}
