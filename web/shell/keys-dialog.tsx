import { keyActs } from '../kit/keys.ts';
import { Dialog } from '../ui/dialog.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';

/** The keys that work on this page. */
export function KeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const acts = isOpen
    ? keyActs().filter((act, index, all) => all.findIndex(({ keys }) => keys === act.keys) === index)
    : [];
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Keys of this page"
      description="Single letters act outside fields."
    >
      <ul className="grid grid-cols-2 gap-x-8 gap-y-1 max-sm:grid-cols-1">
        {acts.map(({ keys, label }) => (
          <li key={keys} className="flex items-center justify-between gap-3 py-0.5">
            {label} <KeyCaps keys={keys} />
          </li>
        ))}
        <li className="flex items-center justify-between gap-3 py-0.5">
          Move in a list{' '}
          <span className="flex gap-1">
            <KeyCaps keys="j" />
            <KeyCaps keys="k" />
          </span>
        </li>
        <li className="flex items-center justify-between gap-3 py-0.5">
          Open <KeyCaps keys="enter" />
        </li>
        <li className="flex items-center justify-between gap-3 py-0.5">
          Select <KeyCaps keys="x" />
        </li>
      </ul>
    </Dialog>
  );
}
