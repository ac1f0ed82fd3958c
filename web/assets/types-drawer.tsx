import { useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import {
  attributeKinds,
  type AssetType,
  type AttributeDef,
  CreateAssetType,
  typeIcons,
} from '#contracts/assets/asset-types.ts';
import { api } from '../kit/api.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { AlertDialog, Drawer } from '../ui/dialog.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { TypeIcon } from './asset-looks.tsx';

interface TypesDrawerProps {
  types: readonly AssetType[];
  /** `all`, `new`, or the id of the type that is edited. */
  shown: string;
  refusal: string | null;
  onShow: (shown: string) => void;
  onClose: () => void;
}

/** The types of assets: a list of them, or one in a form. */
export function TypesDrawer({ types, shown, refusal, onShow, onClose }: TypesDrawerProps) {
  const client = useQueryClient();
  const [doomed, setDoomed] = useState<AssetType | null>(null);
  const [busy, setBusy] = useState(false);
  const edited = types.find(({ id }) => id === shown);
  const reload = () => void client.invalidateQueries({ queryKey: ['asset-types'] });
  if (shown === 'new' || edited)
    return (
      <TypeForm
        key={shown}
        type={edited ?? null}
        refusal={refusal}
        onClose={() => onShow('all')}
        onSaved={() => {
          reload();
          onShow('all');
        }}
      />
    );
  const remove = async () => {
    if (!doomed) return;
    setBusy(true);
    try {
      await api.deleteAssetType({ params: { id: doomed.id } });
      toast.done(`${doomed.name} is deleted`);
      reload();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
      setDoomed(null);
    }
  };
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title="Asset types"
      foot={
        <Button look="primary" icon={Plus} refusal={refusal} onClick={() => onShow('new')}>
          Define a type
        </Button>
      }
    >
      <ul className="px-5 py-3">
        {types.map((type) => (
          <li key={type.id} className="flex min-h-11 items-center gap-3 border-b border-line py-1.5">
            <span aria-hidden="true" className="text-text-3">
              <TypeIcon icon={type.icon} />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">
                <bdi>{type.name}</bdi>
              </span>
              <span className="block truncate text-meta text-text-3">
                {`${type.assets} ${type.assets === 1 ? 'asset' : 'assets'}, ${type.attributes.length} ${type.attributes.length === 1 ? 'attribute' : 'attributes'}`}
              </span>
            </span>
            <IconButton
              size="sm"
              icon={Pencil}
              label={`Edit ${type.name}`}
              refusal={refusal}
              onClick={() => onShow(type.id)}
            />
            <IconButton
              size="sm"
              icon={Trash2}
              label={`Delete ${type.name}`}
              refusal={refusal ?? (type.assets > 0 ? 'Assets are of this type.' : null)}
              onClick={() => setDoomed(type)}
            />
          </li>
        ))}
        {types.length === 0 && (
          <li className="py-3 text-text-2">
            A type says what its assets are called and which attributes they have: Service, Database, Host.
          </li>
        )}
      </ul>
      <AlertDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        title={`Delete the type ${doomed?.name ?? ''}?`}
        act="Delete type"
        busy={busy}
        onAct={() => void remove()}
      >
        No asset is of this type.
      </AlertDialog>
    </Drawer>
  );
}

const blank: AttributeDef = { name: '', label: '', kind: 'text', isRequired: false, choices: [], unit: '' };

function TypeForm({
  type,
  refusal,
  onClose,
  onSaved,
}: {
  type: AssetType | null;
  refusal: string | null;
  onClose: () => void;
  onSaved: () => void;
}) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: CreateAssetType,
    defaults: {
      key: type?.key ?? '',
      name: type?.name ?? '',
      description: type?.description ?? '',
      icon: type?.icon ?? 'box',
      attributes: type?.attributes ?? [],
    },
    submit: async (body) => {
      const saved = type
        ? await api.changeAssetType({ params: { id: type.id }, body, ifMatch: `"${type.version}"` })
        : await api.createAssetType({ body });
      toast.done(type ? `${saved.name} is saved` : `${saved.name} is defined`);
      onSaved();
    },
  });
  const attributes = (form.watch('attributes') ?? []) as AttributeDef[];
  const setAttributes = (next: AttributeDef[]) => form.setValue('attributes', next, { shouldDirty: true });
  const setOne = (index: number, change: Partial<AttributeDef>) =>
    setAttributes(attributes.map((def, at) => (at === index ? { ...def, ...change } : def)));
  return (
    <DrawerForm
      onClose={onClose}
      title={type ? `Edit ${type.name}` : 'Define a type'}
      act={type ? 'Save type' : 'Define type'}
      width={560}
      busy={busy}
      refusal={refusal}
      failure={failure}
      onSubmit={onSubmit}
    >
      <div className="grid grid-cols-[1fr_1fr_120px] gap-3 max-sm:grid-cols-1">
        <Field label="Name" required error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="off" {...form.register('name')} />}
        </Field>
        <Field label="Key" required error={errorOf('key')} hint="Files name it by this.">
          {(slot) => <Input {...slotProps(slot)} mono autoComplete="off" {...form.register('key')} />}
        </Field>
        <Field label="Picture">
          {(slot) => (
            <Controller
              control={form.control}
              name="icon"
              render={({ field }) => (
                <Select
                  id={slot.id}
                  value={field.value ?? 'box'}
                  onValue={field.onChange}
                  options={typeIcons.map((icon) => ({ value: icon, label: icon }))}
                />
              )}
            />
          )}
        </Field>
      </div>
      <Field label="Description" aside="optional" error={errorOf('description')}>
        {(slot) => <Textarea {...slotProps(slot)} rows={2} {...form.register('description')} />}
      </Field>
      <fieldset>
        <legend className="mb-2 font-semibold">Attributes</legend>
        <ul className="flex flex-col gap-3">
          {attributes.map((def, index) => (
            <li key={index} className="grid grid-cols-[1fr_112px_auto_auto] items-end gap-2">
              <Field label="Name" error={errorOf(`attributes.${index}.name`)}>
                {(slot) => (
                  <Input
                    {...slotProps(slot)}
                    mono
                    value={def.name}
                    onChange={(event) => setOne(index, { name: event.target.value })}
                  />
                )}
              </Field>
              <Field label="Kind">
                {(slot) => (
                  <Select
                    id={slot.id}
                    value={def.kind}
                    onValue={(kind) =>
                      setOne(index, { kind: attributeKinds.find((known) => known === kind) ?? 'text' })
                    }
                    options={attributeKinds.map((kind) => ({ value: kind, label: kind }))}
                  />
                )}
              </Field>
              <span className="pb-1.5">
                <Checkbox
                  label="Required"
                  checked={def.isRequired}
                  onChecked={(isRequired) => setOne(index, { isRequired })}
                />
              </span>
              <IconButton
                icon={X}
                label={`Remove ${def.name || 'the attribute'}`}
                onClick={() => setAttributes(attributes.filter((_, at) => at !== index))}
              />
              {def.kind === 'choice' && (
                <Field
                  label="What can be chosen"
                  hint="Apart by commas."
                  className="col-span-full"
                  error={errorOf(`attributes.${index}.choices`)}
                >
                  {(slot) => (
                    <Input
                      {...slotProps(slot)}
                      defaultValue={def.choices.join(', ')}
                      onChange={(event) =>
                        setOne(index, {
                          choices: event.target.value
                            .split(',')
                            .map((word) => word.trim())
                            .filter(Boolean),
                        })
                      }
                    />
                  )}
                </Field>
              )}
            </li>
          ))}
        </ul>
        <Button size="sm" icon={Plus} className="mt-3" onClick={() => setAttributes([...attributes, blank])}>
          Add attribute
        </Button>
      </fieldset>
    </DrawerForm>
  );
}
