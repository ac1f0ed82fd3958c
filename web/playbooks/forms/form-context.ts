import { createContext, useContext, type ComponentType } from 'react';
import type { Json } from '#contracts/playbooks/document.ts';
import type { StaticScope } from '#contracts/playbooks/expressions/check.ts';
import type { Field } from '#contracts/playbooks/shape/shape.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';

/** What the control of a field of the language is given. */
export interface ShapeControlProps {
  name: string;
  field: Field;
  value: Json | undefined;
  /** `undefined` takes the field away. */
  onValue: (value: Json | undefined) => void;
}

/** What controls of a form share: what expressions in this field may read, and whether anything can be changed. */
export interface FormScope {
  readonly scope: StaticScope | undefined;
  readonly names: WorkspaceNames;
  readonly isReadOnly: boolean;
  /** What is wrong below this field, by the parts of its place there. */
  readonly errorAt: (...parts: (string | number)[]) => string | undefined;
  /** Draws a field within a field: maps hold fields, which hold maps. */
  readonly Part: ComponentType<ShapeControlProps>;
}

const nothing: FormScope = {
  scope: undefined,
  names: { vars: [], secrets: [], outputs: {} },
  isReadOnly: false,
  errorAt: () => undefined,
  Part: () => null,
};
const FormScopeContext = createContext<FormScope>(nothing);
export const FormScopeProvider = FormScopeContext.Provider;
export const useFormScope = (): FormScope => useContext(FormScopeContext);
