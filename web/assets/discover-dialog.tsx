import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { mostDiscovered } from '#contracts/assets/imports.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { useGo } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure } from '../ui/form.tsx';

/** Has servers looked at over SSH, all or those with tags; what they tell is kept on an asset of each. */
export function DiscoverDialog({ refusal, onClose }: { refusal: string | null; onClose: () => void }) {
  const go = useGo();
  const [tags, setTags] = useState<string[]>([]);
  const { busy, failure, send } = useSending();
  const found = useQuery({
    queryKey: ['servers', 'ids', tags],
    queryFn: ({ signal }) => api.findServerIds({ query: { tag: tags.join(',') || undefined }, signal }),
  });
  const ids = (found.data?.data ?? []).map(({ id }) => id);
  const start = async () => {
    await send(async () => {
      const { runId } = await api.discoverAssets({ body: { serverIds: ids.slice(0, mostDiscovered) } });
      go(`/runs/${runId}`);
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={480}
      title="Discover assets"
      description="Each server is asked over SSH for its system, processors, memory, disks and running services. What a person or a file has written stays."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={ids.length === 0} refusal={refusal} onClick={() => void start()}>
            {`Look at ${Math.min(ids.length, mostDiscovered).toLocaleString('en-GB')} ${ids.length === 1 ? 'server' : 'servers'}`}
          </Button>
        </>
      }
    >
      <Field
        label="Servers with all of these tags"
        aside="optional"
        hint={
          ids.length > mostDiscovered
            ? `The first ${mostDiscovered.toLocaleString('en-GB')} are looked at in one run.`
            : 'Without a tag, every server.'
        }
      >
        {(slot) => (
          <WordsInput
            id={slot.id}
            describedBy={slot.describedBy}
            words={tags}
            onWords={setTags}
            placeholder="web, eu"
          />
        )}
      </Field>
      <FormFailure failure={failure} />
    </Dialog>
  );
}
