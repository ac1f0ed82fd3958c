import { Play, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, ButtonGroup, IconButton } from '../ui/button.tsx';
import { AlertDialog, Dialog, Drawer } from '../ui/dialog.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { Mark } from '../ui/mark.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio, Popover } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { Story } from './story.tsx';
import { nothing, storyFailure } from './story-data.ts';

/** What is pressed. */
export function ActStories() {
  return (
    <>
      <Story title="Button">
        <Button>Default</Button>
        <Button look="primary" icon={Plus} keys="c">
          Primary
        </Button>
        <Button look="ghost">Ghost</Button>
        <Button look="danger" icon={Trash2}>
          Danger
        </Button>
        <Button look="danger-solid">Delete credential</Button>
        <Button look="ok">Approve</Button>
        <Button busy>Busy</Button>
        <Button disabled>Disabled</Button>
        <Button refusal="It needs the permission servers:manage.">Refused</Button>
        <Button size="sm">Small</Button>
        <Button size="touch" look="primary">
          Touch
        </Button>
        <ButtonGroup label="Rerun">
          <Button>Rerun</Button>
          <Button>From step 6</Button>
        </ButtonGroup>
        <IconButton icon={Play} label="Run" />
        <IconButton icon={Trash2} label="Delete" refusal="It needs the permission servers:manage." />
        <IconButton icon={Play} label="Run" size="touch" />
        <Button asChild>
          <a href="#story">A link</a>
        </Button>
        <Icon of={Play} />
        <Mark />
      </Story>
    </>
  );
}

/** What opens over the page. */
export function LayerStories() {
  const [layer, setLayer] = useState<'dialog' | 'drawer' | 'alert' | 'form' | 'refused' | ''>('');
  const [theme, setTheme] = useState('system');
  const close = () => setLayer('');
  return (
    <>
      <Story title="Layers">
        <Button onClick={() => setLayer('dialog')}>Dialog</Button>
        <Button onClick={() => setLayer('drawer')}>Drawer</Button>
        <Button look="danger" onClick={() => setLayer('alert')}>
          Alert dialog
        </Button>
        <Button onClick={() => setLayer('form')}>Drawer with a form</Button>
        <Button onClick={() => setLayer('refused')}>The same, refused</Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuLabel>This run</MenuLabel>
          <MenuItem icon={Play} keys="r" onSelect={nothing}>
            Rerun
          </MenuItem>
          <MenuItem refusal="It has ended." onSelect={nothing}>
            Cancel
          </MenuItem>
          <MenuItem icon={Trash2} danger onSelect={nothing}>
            Delete
          </MenuItem>
          <MenuLine />
          <MenuRadio
            value={theme}
            onValue={setTheme}
            options={[
              { value: 'system', label: 'As the system' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </Menu>
        <Popover label="More" trigger={<Button>Popover</Button>}>
          A little more.
        </Popover>
        <Tooltip says="A little more" keys="mod+k">
          <Button>Tooltip</Button>
        </Tooltip>
        <Button onClick={() => toast.done('INC-322 acknowledged', { undo: nothing })}>Toast</Button>
        <Button onClick={() => toast.note('12 servers are being checked')}>Note</Button>
        <Button onClick={() => toast.failure(storyFailure)}>Error toast</Button>
        <Dialog
          isOpen={layer === 'dialog'}
          onClose={close}
          title="Run Roll storefront"
          description="Version 23"
          foot={
            <Button look="primary" onClick={close}>
              Run
            </Button>
          }
        >
          What it asks.
        </Dialog>
        <Drawer isOpen={layer === 'drawer'} onClose={close} title="shop-eu-07">
          <p className="p-5">A panel.</p>
        </Drawer>
        {(layer === 'form' || layer === 'refused') && (
          <DrawerForm
            title="Add server"
            act="Add server"
            busy={false}
            refusal={null}
            failure={layer === 'refused' ? storyFailure : null}
            onClose={close}
            onSubmit={close}
          >
            <Field label="Name">{(slot) => <Input {...slotProps(slot)} />}</Field>
          </DrawerForm>
        )}
        <AlertDialog
          isOpen={layer === 'alert'}
          onClose={close}
          title="Delete deploy-eu?"
          act="Delete credential"
          onAct={close}
          typeName="deploy-eu"
        >
          The secret is destroyed.
        </AlertDialog>
      </Story>
    </>
  );
}
