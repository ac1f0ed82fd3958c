import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import { AssetField, type ChosenAsset } from '../assets/assets-field.tsx';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { useMay } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Segmented } from '../ui/segmented.tsx';

type Kind = 'asset' | 'server' | 'run' | 'url';

interface AddLinkDialogProps {
  incidentId: string;
  /** What is asked for to begin with. */
  kind: Kind;
  onClose: () => void;
  onLinked: (incident: ShownIncident) => void;
}

/** Links an asset, a server, a run or an address to an incident. */
export function AddLinkDialog({ incidentId, kind: first, onClose, onLinked }: AddLinkDialogProps) {
  const mayAssets = useMay('assets:read');
  const [kind, setKind] = useState<Kind>(first === 'asset' && !mayAssets ? 'server' : first);
  const [asset, setAsset] = useState<ChosenAsset | null>(null);
  const [ref, setRef] = useState('');
  const [label, setLabel] = useState('');
  const { busy, failure, send } = useSending();
  const servers = useQuery({
    queryKey: ['servers', 'choosable'],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200 }, signal }),
    enabled: useMay('servers:read'),
  });
  const runs = useQuery({
    queryKey: ['runs', 'choosable'],
    queryFn: ({ signal }) => api.listRuns({ query: { limit: 50 }, signal }),
    enabled: useMay('runs:read') && kind === 'run',
  });
  const options =
    kind === 'server'
      ? (servers.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
      : (runs.data?.data ?? []).map(({ id, title }) => ({ value: id, label: title }));
  /** What is linked, and how it is called. */
  const link = (): { ref: string; label: string } => {
    if (kind === 'asset') return { ref: asset?.id ?? '', label: asset?.name ?? '' };
    if (kind === 'url') return { ref: ref.trim(), label: label.trim() };
    return { ref, label: options.find(({ value }) => value === ref)?.label ?? '' };
  };
  const isWhole = kind === 'url' ? /^https?:\/\/\S+$/i.test(ref.trim()) : link().ref !== '';
  const addLink = async () => {
    if (!isWhole || busy) return;
    await send(async () => {
      onLinked(await api.addLink({ params: { id: incidentId }, body: { kind, ...link() } }));
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title="Add a link"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!isWhole} onClick={() => void addLink()}>
            Add link
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void addLink();
        }}
      >
        <Segmented
          label="What is linked"
          value={kind}
          onValue={(next) => {
            setKind(next);
            setRef('');
            setAsset(null);
          }}
          options={[
            ...(mayAssets ? [{ value: 'asset' as const, label: 'Asset' }] : []),
            { value: 'server', label: 'Server' },
            { value: 'run', label: 'Run' },
            { value: 'url', label: 'Address' },
          ]}
        />
        {kind === 'url' ? (
          <>
            <Field label="Address" required>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  type="url"
                  value={ref}
                  placeholder="https://"
                  autoComplete="off"
                  onChange={(event) => setRef(event.target.value)}
                />
              )}
            </Field>
            <Field label="Name" aside="optional">
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  value={label}
                  maxLength={300}
                  onChange={(event) => setLabel(event.target.value)}
                />
              )}
            </Field>
          </>
        ) : (
          <Field label={{ asset: 'Asset', server: 'Server', run: 'Run' }[kind]} required>
            {(slot) =>
              kind === 'asset' ? (
                <AssetField id={slot.id} value={asset} onValue={setAsset} />
              ) : (
                <Combobox id={slot.id} value={ref} onValue={setRef} options={options} />
              )
            }
          </Field>
        )}
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
