import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';
import { OneOf } from './filter-chips.tsx';

/** Runs of one playbook; runs of a schedule or on a server come by links, and say so. */
export function PlaybookFilter({ subject, onSubject }: { subject: string; onSubject: (subject: string) => void }) {
  const playbooks = useQuery({
    queryKey: ['playbooks', 'names'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 200 }, signal }),
    enabled: useMay('playbooks:read'),
  });
  const [kind = '', id = ''] = subject.split(':');
  const name = kind === 'playbook' || kind === '' ? 'Playbook' : kind === 'server' ? 'Server' : 'Schedule';
  return (
    <OneOf
      name={name}
      value={subject}
      shown={subject && name !== 'Playbook' ? id.slice(-12) : undefined}
      options={(playbooks.data?.data ?? []).map((playbook) => [`playbook:${playbook.id}`, playbook.name])}
      onValue={onSubject}
    />
  );
}

/** Runs that somebody started. */
export function ActorFilter({ actor, onActor }: { actor: string; onActor: (actor: string) => void }) {
  const members = useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => api.listMembers({ signal }),
    enabled: useMay('members:read'),
  });
  return (
    <OneOf
      name="Triggered by"
      value={actor}
      options={[
        ['me', 'me'],
        ...(members.data?.data ?? []).map((member): [string, string] => [member.id, member.name]),
      ]}
      onValue={onActor}
    />
  );
}
