import { Drawer } from '../ui/dialog.tsx';
import { Rail } from './rail.tsx';

/** On a phone: the rooms that are not among the tabs. */
export default function MoreDrawer({ onClose }: { onClose: () => void }) {
  return (
    <Drawer isOpen onClose={onClose} title="More" width={320}>
      <Rail onGo={onClose} />
    </Drawer>
  );
}
