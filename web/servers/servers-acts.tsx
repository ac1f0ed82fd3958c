import { Columns3, Download, Plus, RotateCw, Upload } from 'lucide-react';
import { useState } from 'react';
import { addressOf, api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuCheck, MenuLabel } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { serverColumns } from './server-columns.tsx';

interface ServersActsProps {
  hidden: readonly string[];
  onHidden: (hidden: string[]) => void;
  onImport: () => void;
  onAdd: () => void;
}

/** What can be done on the list as a whole. */
export function ServersActs({ hidden, onHidden, onImport, onAdd }: ServersActsProps) {
  const refusal = useRefusal();
  const offline = useOffline();
  const [isChecking, setChecking] = useState(false);
  const manage = offline ?? refusal('servers:manage');
  const checkAll = async () => {
    setChecking(true);
    try {
      const { requested } = await api.checkServers({ body: null });
      toast.note(`${requested} ${requested === 1 ? 'server is' : 'servers are'} being checked`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setChecking(false);
    }
  };
  return (
    <>
      <Menu
        label="Columns"
        trigger={<IconButton icon={Columns3} label="Choose columns" look="default" className="max-sm:hidden" />}
      >
        <MenuLabel>Columns</MenuLabel>
        {serverColumns
          .filter(({ id }) => id !== 'name')
          .map(({ id, head }) => (
            <MenuCheck
              key={id}
              checked={!hidden.includes(id)}
              onChecked={(on) => onHidden(on ? hidden.filter((other) => other !== id) : [...hidden, id])}
            >
              {head}
            </MenuCheck>
          ))}
      </Menu>
      <Button asChild className="max-sm:hidden">
        <a href={addressOf('exportServers', { query: { workspace: currentWorkspace() } })} download>
          <Icon of={Download} size={14} /> Export
        </a>
      </Button>
      <Button icon={Upload} className="max-sm:hidden" refusal={manage} onClick={onImport}>
        Import CSV
      </Button>
      <Button
        icon={RotateCw}
        busy={isChecking}
        refusal={offline ?? refusal('servers:check')}
        onClick={() => void checkAll()}
      >
        Check all
      </Button>
      <Button look="primary" icon={Plus} refusal={manage} onClick={onAdd}>
        Add server
      </Button>
    </>
  );
}
