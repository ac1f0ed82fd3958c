import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Combobox } from '../ui/combobox.tsx';

/** The playbooks of the workspace, to choose from and to name. */
export const useChoosablePlaybooks = () =>
  useQuery({
    queryKey: ['playbooks', 'choosable'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 200 }, signal }),
  });

interface PlaybookPickerProps {
  value: string;
  onValue: (id: string) => void;
  id?: string;
  placeholder?: string;
  /** Those that are chosen already and not offered again. */
  without?: readonly string[];
}

/** One playbook of the workspace. */
export function PlaybookPicker({
  value,
  onValue,
  id,
  placeholder = 'Choose a playbook',
  without = [],
}: PlaybookPickerProps) {
  const { data } = useChoosablePlaybooks();
  return (
    <Combobox
      id={id}
      value={value}
      onValue={onValue}
      placeholder={placeholder}
      nothing="There is no such playbook"
      options={(data?.data ?? [])
        .filter(({ id: playbookId }) => !without.includes(playbookId))
        .map(({ id: playbookId, name, version }) => ({
          value: playbookId,
          label: name,
          hint: `v${version}`,
        }))}
    />
  );
}
