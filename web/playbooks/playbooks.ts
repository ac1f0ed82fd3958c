import { queryOptions, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import type { Input } from '#contracts/playbooks/document.ts';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';

/** The state of the list of playbooks, as it stands in the address. */
export const PlaybooksView = z.object({
  q: z.string().default(''),
  sort: z.enum(['name', '-updatedAt']).default('name'),
  run: z.string().default(''),
});

export const playbookQuery = (id: string) =>
  queryOptions({
    queryKey: ['playbook', id],
    queryFn: ({ signal }) => api.getPlaybook({ params: { id }, signal }),
  });
export const usePlaybook = (id: string) => useQuery({ ...playbookQuery(id), enabled: id !== 'new' });

/** The declared inputs of a saved playbook. */
export const inputsOf = (definition: Playbook['definition']): readonly Input[] =>
  Array.isArray(definition['inputs']) ? (definition['inputs'] as unknown as Input[]) : [];

/** What a new playbook begins with: small, and good to run at once. */
export const starter = `apiVersion: windlass/v1
name: My first playbook
description: Says hello on every server with the tag demo.
steps:
  - id: hello
    name: Say hello
    kind: ssh
    hosts:
      tags: [demo]
    command: uname -a && uptime
`;
