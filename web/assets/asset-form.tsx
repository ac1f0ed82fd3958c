import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { z } from 'zod';
import { type AssetType, type AttributeDef, type AttributeValue, readValue } from '#contracts/assets/asset-types.ts';
import { type Asset, NewAsset } from '#contracts/assets/assets.ts';
import { assetStates, criticalities, nextStates } from '#contracts/assets/lifecycle.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Combobox, WordsInput } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { useFoundServers } from '../servers/servers.ts';
import { AttributeFields } from './attribute-fields.tsx';
import { criticalityWords, ownerChoice, stateLooks, useAssetTags, usePeople } from './assets.ts';

interface AssetFormProps {
  /** Null adds an asset. */
  asset: Asset | null;
  types: readonly AssetType[];
  onClose: () => void;
  onTypes: () => void;
  onSaved: (asset: Asset) => void;
}

const Form = NewAsset.omit({ owner: true, attributes: true }).extend({ owner: z.string(), team: z.string() });

/** Adds an asset or changes one; its attributes are those of its type, and any more that somebody wants. */
export function AssetForm({ asset, types, onClose, onTypes, onSaved }: AssetFormProps) {
  const offline = useOffline();
  const refusal = useRefusal()('assets:manage');
  const people = usePeople();
  const teams = useAssetTags();
  const [sought, setSought] = useState('');
  const servers = useFoundServers(sought);
  const [attributes, setAttributes] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(asset?.attributes ?? {}).map(([name, value]) => [name, fieldText(value)])),
  );
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Form,
    defaults: {
      key: asset?.key ?? '',
      name: asset?.name ?? '',
      typeId: asset?.typeId ?? types[0]?.id ?? '',
      description: asset?.description ?? '',
      tags: asset?.tags ?? [],
      owner: asset?.owner ? (asset.owner.personId ?? `team:${asset.owner.name}`) : '',
      team: '',
      criticality: asset?.criticality ?? 'medium',
      state: asset?.state ?? 'active',
      serverId: asset?.server?.id ?? null,
    },
    submit: async ({ owner, team, ...fields }) => {
      const defs = types.find(({ id }) => id === fields.typeId)?.attributes ?? [];
      const body = {
        ...fields,
        owner: team.trim() === '' ? ownerChoice(owner) : { team: team.trim() },
        attributes: attributeBody(defs, attributes, asset?.attributes ?? {}),
      };
      const saved = asset
        ? await api.changeAsset({ params: { id: asset.id }, body, ifMatch: `"${asset.version}"` })
        : await api.createAsset({ body: { ...body, attributes: withoutNulls(body.attributes) } });
      toast.done(asset ? `${saved.name} is saved` : `${saved.name} is added`);
      onSaved(saved);
    },
  });
  const type = types.find(({ id }) => id === form.watch('typeId'));
  const owners = [
    { value: '', label: 'Nobody' },
    ...(people.data?.data ?? []).map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
    ...(teams.data?.teams ?? []).map(({ name }) => ({ value: `team:${name}`, label: name, hint: 'team' })),
  ];
  return (
    <DrawerForm
      onClose={onClose}
      title={asset ? `Edit ${asset.name}` : 'Add asset'}
      act={asset ? 'Save asset' : 'Add asset'}
      busy={busy}
      disabled={types.length === 0}
      refusal={offline ?? refusal}
      failure={failure}
      onSubmit={onSubmit}
    >
      {types.length === 0 && (
        <p className="text-text-2">
          Every asset has a type, and there is none yet.{' '}
          <Button size="sm" onClick={onTypes}>
            Define a type
          </Button>
        </p>
      )}
      <div className="grid grid-cols-2 gap-3">
        <Field label="Name" required error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="off" {...form.register('name')} />}
        </Field>
        <Field label="Key" required error={errorOf('key')} hint="Files and relations name it by this.">
          {(slot) => <Input {...slotProps(slot)} mono autoComplete="off" {...form.register('key')} />}
        </Field>
        <Field label="Type" required error={errorOf('typeId')}>
          {(slot) => (
            <Controller
              control={form.control}
              name="typeId"
              render={({ field }) => (
                <Select
                  id={slot.id}
                  value={field.value}
                  onValue={field.onChange}
                  options={types.map(({ id, name }) => ({ value: id, label: name }))}
                />
              )}
            />
          )}
        </Field>
        <Field label="State" error={errorOf('state')}>
          {(slot) => (
            <Controller
              control={form.control}
              name="state"
              render={({ field }) => (
                <Select
                  id={slot.id}
                  value={field.value ?? 'active'}
                  onValue={field.onChange}
                  options={(asset ? [asset.state, ...nextStates(asset.state)] : assetStates).map((state) => ({
                    value: state,
                    label: stateLooks[state].word,
                  }))}
                />
              )}
            />
          )}
        </Field>
        <Field label="Criticality">
          {(slot) => (
            <Controller
              control={form.control}
              name="criticality"
              render={({ field }) => (
                <Select
                  id={slot.id}
                  value={field.value ?? 'medium'}
                  onValue={field.onChange}
                  options={criticalities.map((value) => ({ value, label: criticalityWords[value] }))}
                />
              )}
            />
          )}
        </Field>
        <Field label="Server" aside="optional" error={errorOf('serverId')}>
          {(slot) => (
            <Controller
              control={form.control}
              name="serverId"
              render={({ field }) => (
                <Combobox
                  id={slot.id}
                  value={field.value ?? ''}
                  onValue={(value) => field.onChange(value || null)}
                  onSearch={setSought}
                  placeholder="None"
                  options={[
                    { value: '', label: 'None' },
                    ...(asset?.server ? [{ value: asset.server.id, label: asset.server.name }] : []),
                    ...(servers.data?.data ?? [])
                      .filter(({ id }) => id !== asset?.server?.id)
                      .map(({ id, name, host }) => ({ value: id, label: name, hint: host })),
                  ]}
                />
              )}
            />
          )}
        </Field>
        <Field label="Owner" aside="optional">
          {(slot) => (
            <Controller
              control={form.control}
              name="owner"
              render={({ field }) => (
                <Combobox
                  id={slot.id}
                  value={field.value}
                  onValue={field.onChange}
                  placeholder="Nobody"
                  options={owners}
                />
              )}
            />
          )}
        </Field>
        <Field label="or a new team" aside="optional">
          {(slot) => <Input {...slotProps(slot)} autoComplete="off" maxLength={120} {...form.register('team')} />}
        </Field>
      </div>
      <Field label="Tags" aside="optional" error={errorOf('tags')} hint="Enter or comma adds one.">
        {(slot) => (
          <Controller
            control={form.control}
            name="tags"
            render={({ field }) => (
              <WordsInput
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                words={field.value ?? []}
                onWords={field.onChange}
                placeholder="prod, eu"
              />
            )}
          />
        )}
      </Field>
      <Field label="Description" aside="optional" error={errorOf('description')}>
        {(slot) => <Textarea {...slotProps(slot)} rows={2} {...form.register('description')} />}
      </Field>
      <AttributeFields
        defs={type?.attributes ?? []}
        values={attributes}
        onValues={setAttributes}
        problems={failure?.details ?? null}
      />
    </DrawerForm>
  );
}

const fieldText = (value: AttributeValue): string => (Array.isArray(value) ? value.join('; ') : String(value));

/** Only what differs is sent, so that what discovery found stays its own; what was emptied goes. */
function attributeBody(
  defs: readonly AttributeDef[],
  texts: Readonly<Record<string, string>>,
  before: Readonly<Record<string, AttributeValue>>,
): Record<string, AttributeValue | null> {
  const body: Record<string, AttributeValue | null> = {};
  for (const [name, text] of Object.entries(texts)) {
    const was = before[name];
    if (was !== undefined && fieldText(was) === text) continue;
    if (text.trim() === '') {
      if (was !== undefined) body[name] = null;
      continue;
    }
    const kind = defs.find((def) => def.name === name)?.kind ?? kindOf(was);
    body[name] = readValue(kind, text.trim());
  }
  for (const name of Object.keys(before)) if (!(name in texts)) body[name] = null;
  return body;
}
/** What nobody has defined stays of the kind it had. */
const kindOf = (value: AttributeValue | undefined) =>
  Array.isArray(value)
    ? 'list'
    : typeof value === 'number'
      ? 'number'
      : typeof value === 'boolean'
        ? 'boolean'
        : 'text';

const withoutNulls = (attributes: Record<string, AttributeValue | null>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
