import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Combobox } from '../ui/combobox.tsx';

/** One playbook of the workspace. */
export function PlaybookPicker({ value, onValue, id }: { value: string; onValue: (id: string) => void; id?: string }) {
  const { data } = useQuery({
    queryKey: ['playbooks', 'choosable'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 200 }, signal }),
  });
  return (
    <Combobox
      id={id}
      value={value}
      onValue={onValue}
      placeholder="Choose a playbook"
      nothing="There is no such playbook"
      options={(data?.data ?? []).map(({ id: playbookId, name, version }) => ({
        value: playbookId,
        label: name,
        hint: `v${version}`,
      }))}
    />
  );
}
