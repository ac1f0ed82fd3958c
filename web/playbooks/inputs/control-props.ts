import type { Json } from '#contracts/kit/schemas.ts';
import type { Input as InputDef } from '#contracts/playbooks/document.ts';

/** What every control of an input is given. Rows of a list have no name. */
export interface ControlProps {
  input: Omit<InputDef, 'name'> & { name?: string };
  value: Json;
  onValue: (value: Json) => void;
  disabled: boolean;
}
