import type { LogSender, LogSourceAddress } from '#contracts/logs/logs.ts';
import { senderNames } from '#contracts/logs/logs.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Copy } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { setUpOf } from './set-ups.ts';

/** A new address, shown this once, with what to write into the shipper. */
export function AddressDialog({
  name,
  sender,
  address,
  onClose,
}: {
  name: string;
  sender: LogSender;
  address: LogSourceAddress;
  onClose: () => void;
}) {
  const { where, text, note } = setUpOf(sender, address.url);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={640}
      title={`Address of ${name}`}
      description={`For ${senderNames[sender]}. Whoever has it can send logs as this source.`}
      foot={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="font-mono text-meta break-all">
          <Copy text={address.url} what="the address">
            {address.url}
          </Copy>
        </p>
        <Note tone="wait">It is shown this once.</Note>
        <p className="text-meta text-text-2">{where}</p>
        <CodeBlock what="set-up">{text}</CodeBlock>
        {note && <p className="text-meta break-words text-text-2">{note}</p>}
      </div>
    </Dialog>
  );
}
