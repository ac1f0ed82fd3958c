import { Download } from 'lucide-react';
import { saveFile } from '../kit/save-file.ts';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';

/** New recovery codes, shown this once. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join('\n');
  const download = () => saveFile('windlass-recovery-codes.txt', new Blob([`${text}\n`], { type: 'text/plain' }));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title="Keep your recovery codes"
      description="Each works once, in place of a code or a key, when those are lost. They are shown this once."
      foot={
        <>
          <Button onClick={() => void copyText(text)}>Copy</Button>
          <Button icon={Download} onClick={download}>
            Download
          </Button>
          <Button look="primary" onClick={onClose}>
            I have kept them
          </Button>
        </>
      }
    >
      <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-sunken p-4 font-mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Dialog>
  );
}
