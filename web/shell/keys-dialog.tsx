import { keySheet, type KeyAct } from '../kit/keys.ts';
import { useKept } from '../kit/kept.ts';
import { Switch } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';

/** The keys that work now, as page, lists and shell have registered them; single letters are switched off here too. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const { page, list, everywhere } = keySheet();
  const [letters, setLetters] = useKept('letters', 'on');
  const ways = everywhere.filter(({ keys }) => keys.startsWith('g '));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={640}
      title="Keys of this page"
      description="Single letters act outside fields."
      foot={
        <label className="mr-auto flex items-center gap-3">
          <Switch
            label="Keys of one letter"
            checked={letters === 'on'}
            onChecked={(on) => setLetters(on ? 'on' : 'off')}
          />
          <span aria-hidden="true">
            Keys of one letter
            <span className="block text-meta text-text-2">Off: use the palette; keys with a modifier still act.</span>
          </span>
        </label>
      }
    >
      <Keys title="This page" acts={page} />
      <Keys title="A row in focus" acts={list} />
      <Keys title="Go to" acts={ways} />
      <Keys title="Everywhere" acts={everywhere.filter((act) => !ways.includes(act))} />
    </Dialog>
  );
}

/** One line an act, with every key that does it. */
function Keys({ title, acts }: { title: string; acts: readonly KeyAct[] }) {
  if (acts.length === 0) return null;
  const byLabel = Map.groupBy(acts, ({ label }) => label.replace(/^Go to /, ''));
  return (
    <section aria-label={title} className="mb-3 last:mb-0">
      <h3 className="border-b border-line pt-1 pb-1 text-meta font-medium text-text-3">{title}</h3>
      <dl className="grid grid-cols-2 gap-x-8 max-sm:grid-cols-1">
        {[...byLabel].map(([label, same]) => (
          <div key={label} className="flex min-h-7 items-center justify-between gap-3 py-0.5">
            <dt>{label}</dt>
            <dd className="flex flex-none gap-2">
              {same.map(({ keys }) => (
                <span key={keys} data-keys={keys}>
                  <KeyCaps keys={keys} />
                  <span className="sr-only">{keys}</span>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
