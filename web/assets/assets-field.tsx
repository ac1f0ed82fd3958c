import { X } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { useFoundAssets } from './assets.ts';

export interface ChosenAsset {
  id: string;
  name: string;
}

interface AssetFieldProps {
  id?: string;
  value: ChosenAsset | null;
  onValue: (asset: ChosenAsset | null) => void;
  /** Those that are not offered. */
  without?: readonly string[];
  placeholder?: string;
}

/** One asset of any number, looked for by name or key. */
export function AssetField({ id, value, onValue, without = [], placeholder }: AssetFieldProps) {
  const [sought, setSought] = useState('');
  const found = (useFoundAssets(sought).data?.data ?? []).filter((asset) => !without.includes(asset.id));
  // The chosen one keeps its name while something else is looked for.
  const others = found.filter((asset) => asset.id !== value?.id);
  return (
    <Combobox
      {...(id !== undefined && { id })}
      value={value?.id ?? ''}
      onSearch={setSought}
      onValue={(next) => {
        const asset = others.find((one) => one.id === next);
        if (asset) onValue({ id: asset.id, name: asset.name });
        else if (next !== value?.id) onValue(null);
      }}
      placeholder={placeholder ?? 'Choose an asset'}
      nothing="There is no such asset"
      options={[
        ...(value ? [{ value: value.id, label: value.name }] : []),
        ...others.map(({ id: one, name, key }) => ({ value: one, label: name, hint: key })),
      ]}
    />
  );
}

interface AssetsFieldProps {
  id?: string;
  values: readonly ChosenAsset[];
  onValues: (assets: ChosenAsset[]) => void;
}

/** Several assets, each looked for by name or key. */
export function AssetsField({ id, values, onValues }: AssetsFieldProps) {
  return (
    <>
      <AssetField
        {...(id !== undefined && { id })}
        value={null}
        onValue={(asset) => asset && onValues([...values, asset])}
        without={values.map((asset) => asset.id)}
        placeholder={values.length === 0 ? 'None in particular' : 'Add another'}
      />
      {values.length > 0 && (
        <ul aria-label="Chosen assets" className="mt-1.5 flex flex-wrap gap-1.5">
          {values.map((asset) => (
            <li
              key={asset.id}
              className="inline-flex max-w-full min-w-0 items-center gap-1 rounded-md border border-line bg-sunken pl-2"
            >
              <bdi className="max-w-44 truncate" title={asset.name}>
                {asset.name}
              </bdi>
              <IconButton
                size="sm"
                icon={X}
                label={`Take ${asset.name} away`}
                onClick={() => onValues(values.filter((one) => one.id !== asset.id))}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
