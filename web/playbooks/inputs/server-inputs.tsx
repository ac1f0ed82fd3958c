import { useQuery } from '@tanstack/react-query';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../../kit/api.ts';
import { Checkbox } from '../../ui/choice.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useFieldSlot } from '../../ui/form.tsx';
import type { ControlProps } from './control-props.ts';

/** The servers that may be chosen: narrowed by the tags that the input names. */
function useChoosable(input: ControlProps['input']) {
  const { data } = useQuery({
    queryKey: ['servers', 'choosable', input.tags ?? []],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200, tag: input.tags?.join(',') }, signal }),
    staleTime: 60_000,
  });
  return (data?.data ?? []).filter(
    ({ tags }) =>
      (!input.anyTags || input.anyTags.some((tag) => tags.includes(tag))) &&
      !input.notTags?.some((tag) => tags.includes(tag)),
  );
}

/** One server. */
export function ServerPicker({
  input,
  value,
  onValue,
  disabled,
}: {
  input: ControlProps['input'];
  value: string;
  onValue: (value: string) => void;
  disabled: boolean;
}) {
  const slot = useFieldSlot();
  const servers = useChoosable(input);
  return (
    <Combobox
      id={slot.id}
      value={value}
      onValue={onValue}
      disabled={disabled}
      placeholder="Choose a server"
      nothing="No server fits"
      options={servers.map(({ name, health }) => ({ value: name, label: name, hint: health.replace('_', ' ') }))}
    />
  );
}

/** Some servers, or all that fit. */
export function ServersPicker({
  input,
  value,
  onValue,
  disabled,
}: {
  input: ControlProps['input'];
  value: readonly string[];
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const servers = useChoosable(input);
  const names = servers.map(({ name }) => name);
  const all = names.length > 0 && names.every((name) => value.includes(name));
  return (
    <div className="max-h-48 overflow-auto rounded-md border border-line-input p-2">
      {servers.length === 0 && <p className="text-meta text-text-3">No server fits.</p>}
      {servers.length > 1 && (
        <div className="mb-1.5 border-b border-line pb-1.5">
          <Checkbox
            disabled={disabled}
            label={`All ${servers.length}`}
            checked={all ? true : value.length > 0 ? 'indeterminate' : false}
            onChecked={(on) => onValue(on ? names : [])}
          />
        </div>
      )}
      <div className="flex flex-col gap-1.5">
        {servers.map(({ name, host, health }) => (
          <Checkbox
            key={name}
            disabled={disabled}
            checked={value.includes(name)}
            onChecked={(on) => onValue(on ? [...value, name] : value.filter((other) => other !== name))}
            label={
              <span>
                {name} <span className="font-mono text-[11px] text-text-3">{host}</span>
                {health !== 'healthy' && <span className="ml-2 text-meta text-text-3">{health.replace('_', ' ')}</span>}
              </span>
            }
          />
        ))}
      </div>
    </div>
  );
}
