import type { Json, StepKind } from '../document.ts';
import { documentFields } from './document.ts';
import { fieldsOfInput, inputTypes } from './inputs.ts';
import { shapeName } from './shape.ts';
import type { Field, Fields, Shape } from './shape.ts';
import { fieldsOfKind, kinds } from './steps.ts';

type Schema = { readonly [key: string]: Json };

const template: Schema = {
  type: 'string',
  pattern: '^\\s*\\$\\{\\{[\\s\\S]*\\}\\}\\s*$',
  description: 'One template that is the whole value.',
};
const namePattern = '^[A-Za-z_][A-Za-z0-9_]{0,47}$';

/** The JSON Schema (draft 2020-12) of a playbook, for completion and marks in a YAML editor. Derived from the tables in this folder. */
export function playbookJsonSchema(): Schema {
  const kindNames = Object.keys(kinds) as StepKind[];
  const steps = kindNames.map((kind): [string, Schema] => [`step-${kind}`, stepSchema(kind)]);
  const inputs = (Object.keys(inputTypes) as (keyof typeof inputTypes)[]).map((type): [string, Schema] => [
    `input-${type}`,
    inputSchema(type),
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: '/api/v1/schemas/playbook.json',
    title: 'Windlass playbook',
    ...objectSchema(documentFields),
    $defs: {
      step: {
        type: 'object',
        required: ['id', 'kind'],
        properties: {
          kind: { enum: kindNames, description: kindNames.map((kind) => `${kind}: ${kinds[kind].help}`).join('\n') },
        },
        oneOf: kindNames.map((kind) => ({ $ref: `#/$defs/step-${kind}` })),
      },
      steps: { type: 'array', minItems: 1, items: { $ref: '#/$defs/step' } },
      input: {
        type: 'object',
        required: ['name', 'type'],
        oneOf: inputs.map(([name]) => ({ $ref: `#/$defs/${name}` })),
      },
      inputs: { type: 'array', items: { $ref: '#/$defs/input' } },
      ...Object.fromEntries(steps),
      ...Object.fromEntries(inputs),
    },
  };
}

function stepSchema(kind: StepKind): Schema {
  const { kind: _kind, ...fields } = fieldsOfKind(kind);
  const schema = objectSchema(fields);
  const properties = { kind: { const: kind, description: kinds[kind].help }, ...(schema['properties'] as Schema) };
  return {
    title: kind,
    description: kinds[kind].help,
    ...schema,
    properties,
    required: ['kind', ...(schema['required'] as readonly string[])],
  };
}

function inputSchema(type: keyof typeof inputTypes): Schema {
  const { type: _type, ...fields } = fieldsOfInput(type);
  const schema = objectSchema(fields);
  const isChoice = 'options' in fields;
  const required = ['type', ...(schema['required'] as readonly string[]), ...(isChoice ? ['options'] : [])];
  return {
    title: type,
    description: inputTypes[type].help,
    ...schema,
    properties: { type: { const: type, description: inputTypes[type].help }, ...(schema['properties'] as Schema) },
    required,
  };
}

function objectSchema(fields: Fields): Schema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]));
  const required = Object.entries(fields).flatMap(([name, { isRequired }]) => (isRequired ? [name] : []));
  return { type: 'object', additionalProperties: false, properties, required };
}

function fieldSchema(field: Field): Schema {
  const schema = withTemplate(shapeSchema(field.shape, field), field);
  return {
    ...schema,
    description: describe(field),
    ...(field.default === undefined ? {} : { default: field.default }),
  };
}

const describe = ({ help, templates, default: fallback, secrets, isPerHost }: Field): string =>
  [
    help,
    ...(fallback === undefined ? [] : [`Default: ${JSON.stringify(fallback)}.`]),
    ...(templates === 'command' ? ['Templates become quoted shell words.'] : []),
    ...(secrets ? ['Secrets may stand here.'] : []),
    ...(isPerHost ? ['Rendered for each host.'] : []),
  ].join(' ');

/** A field that is no text may be one whole-value template instead. */
function withTemplate(schema: Schema, { shape, templates }: Field): Schema {
  const isText = shape.is === 'text' || shape.is === 'cel' || shape.is === 'any';
  const isOurs = shape.is === 'object' || shape.is === 'steps' || shape.is === 'inputs' || shape.is === 'items';
  if (templates === 'static' || isOurs || (isText && !(shape.is === 'text' && shape.oneOf))) return schema;
  return { anyOf: [...((schema['anyOf'] as readonly Json[] | undefined) ?? [schema]), template] };
}

function shapeSchema(shape: Shape, field: Field): Schema {
  switch (shape.is) {
    case 'text':
      return {
        type: 'string',
        ...(shape.oneOf ? { enum: shape.oneOf } : {}),
        ...(shape.least === undefined ? {} : { minLength: shape.least }),
        ...(shape.most === undefined ? {} : { maxLength: shape.most }),
        ...(shape.form === 'id' ? { pattern: namePattern } : {}),
      };
    case 'cel':
      return { type: 'string', title: shapeName(shape) };
    case 'number':
      return {
        type: shape.isWhole ? 'integer' : 'number',
        ...(shape.least === undefined ? {} : { minimum: shape.least }),
        ...(shape.most === undefined ? {} : { maximum: shape.most }),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'percent':
      return { type: 'string', pattern: '^\\d+(\\.\\d+)?%$' };
    case 'duration':
      return { type: 'string', pattern: '^(?!$)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$' };
    case 'list':
      return {
        type: 'array',
        items: partSchema(shape.of, field),
        ...(shape.least === undefined ? {} : { minItems: shape.least }),
      };
    case 'map':
      return {
        type: 'object',
        additionalProperties: partSchema(shape.of, field),
        ...(shape.keys === undefined
          ? {}
          : { propertyNames: { pattern: shape.keys === 'id' ? namePattern : '^[A-Za-z_][A-Za-z0-9_]*$' } }),
      };
    case 'object':
      return objectSchema(shape.fields);
    case 'either':
      return { anyOf: shape.of.map((one) => shapeSchema(one, field)) };
    case 'any':
      return {};
    case 'steps':
      return { $ref: '#/$defs/steps' };
    case 'inputs':
      return { $ref: '#/$defs/inputs' };
    case 'items':
      return {
        type: 'object',
        required: ['type'],
        properties: { type: { enum: Object.keys(inputTypes).filter((type) => type !== 'list') } },
      };
  }
}

/** An element of a list or map may be a template where the field takes them. */
const partSchema = (shape: Shape, field: Field): Schema => withTemplate(shapeSchema(shape, field), { ...field, shape });
