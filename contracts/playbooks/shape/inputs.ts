import type { InputType } from '../document.ts';
import { limits } from '../limits.ts';
import { any, boolean, cel, either, fixed, list, number, object, oneOf, text, whole } from './shape.ts';
import type { Fields, Shape } from './shape.ts';

/** What every input may have (§2). All of it is static; `visible` is CEL over the inputs before it. */
export const commonInputFields: Fields = {
  name: fixed(text({ form: 'id' }), 'What expressions call it.', { isRequired: true }),
  type: fixed(text(), 'What it holds.', { isRequired: true }),
  label: fixed(text(), 'What the form calls it.'),
  description: fixed(text(), 'Said below the field.'),
  required: fixed(boolean, 'Must be given.', { default: false }),
  default: fixed(any, 'What holds where it is not given; a literal.'),
  placeholder: fixed(text(), 'Shown in the empty field.'),
  group: fixed(text(), 'Fields of one group stand together.'),
  visible: { shape: cel(), help: 'Asked for only where this holds.' },
};

const count = whole(0);
const lengths: Fields = {
  minLength: fixed(count, 'At least so many characters.'),
  maxLength: fixed(count, 'At most so many characters.'),
};
const texts: Fields = {
  ...lengths,
  pattern: fixed(text({ form: 'pattern' }), 'RE2 that must take the whole value.'),
  patternMessage: fixed(text(), 'What to say where it does not.'),
  format: fixed(oneOf('email', 'url', 'hostname', 'ip', 'cidr'), 'A well-known form.'),
  secret: fixed(boolean, 'The type is secret.'),
};
const counts: Fields = {
  minItems: fixed(whole(0, limits.listItems), 'At least so many.'),
  maxItems: fixed(whole(0, limits.listItems), 'At most so many.'),
};
const range = (of: Shape): Fields => ({
  min: fixed(of, 'Not below.'),
  max: fixed(of, 'Not above.'),
});
const numbers: Fields = { ...range(number()), step: fixed(number(), 'Step of the stepper.') };
const servers: Fields = {
  tags: fixed(list(text()), 'Only servers with all of these tags.'),
  anyTags: fixed(list(text()), 'Only servers with one of these tags.'),
  notTags: fixed(list(text()), 'No server with one of these tags.'),
};
const options: Fields = {
  options: fixed(
    list(
      either(
        text(),
        object({
          value: fixed(text(), 'The value.', { isRequired: true }),
          label: fixed(text(), 'What the form calls it.'),
          description: fixed(text(), 'Said beside it.'),
        }),
      ),
      { limit: 'options' },
    ),
    'What may be chosen.',
  ),
};

/** Further fields by type. `options` of the choices is checked apart: it has an error code of its own. */
export const inputTypes: Readonly<Record<InputType, { readonly help: string; readonly fields: Fields }>> = {
  string: { help: 'One line of text.', fields: texts },
  text: {
    help: 'Text of several lines.',
    fields: { ...texts, language: fixed(text(), 'Language of the editor that is shown.') },
  },
  number: { help: 'A number.', fields: numbers },
  integer: { help: 'A whole number.', fields: { ...range(whole()), step: fixed(number(), 'Step of the stepper.') } },
  boolean: { help: 'Yes or no.', fields: {} },
  date: { help: 'A day, YYYY-MM-DD.', fields: range(text()) },
  datetime: { help: 'An instant, RFC 3339 with offset.', fields: range(text()) },
  duration: { help: 'A duration such as 90s.', fields: range(text()) },
  choice: { help: 'One of several options.', fields: options },
  multi_choice: { help: 'Some of several options.', fields: { ...options, ...counts } },
  server: { help: 'A server’s name.', fields: servers },
  servers: { help: 'Names of servers.', fields: { ...servers, ...counts } },
  secret: { help: 'A secret: typed in, or one of the workspace’s.', fields: lengths },
  object: {
    help: 'Several fields, or any JSON object.',
    fields: { fields: fixed({ is: 'inputs' }, 'The fields; without them any JSON object.') },
  },
  list: {
    help: 'Rows of one type.',
    fields: { items: fixed({ is: 'items' }, 'What each row is: {type, …}.', { isRequired: true }), ...counts },
  },
};

export const isInputType = (type: string): type is InputType => Object.hasOwn(inputTypes, type);

export const fieldsOfInput = (type: InputType): Fields => ({ ...commonInputFields, ...inputTypes[type].fields });
