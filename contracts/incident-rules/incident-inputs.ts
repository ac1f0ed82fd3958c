import type { Input, Json, JsonObject } from '../playbooks/document.ts';

/**
 * Gives a playbook the incident: each declared input of a name that the incident has (`key`, `title`, `severity`, `service`, `hosts`
 * …), and the whole of it where one is named `incident`, unless it is given another value.
 */
export function inputsFromIncident(
  declarations: readonly Pick<Input, 'name' | 'type' | 'fields'>[],
  incident: JsonObject,
  given: JsonObject,
): JsonObject {
  const known: JsonObject = { ...incident, incident };
  const inputs: { [name: string]: JsonObject[string] } = { ...given };
  for (const { name, type, fields } of declarations) {
    const value = known[name];
    if (name in given || value === undefined || value === null) continue;
    if (fits(value, type, fields)) inputs[name] = value;
  }
  return inputs;
}

const texts: readonly Input['type'][] = ['string', 'text', 'datetime', 'server'];
const lists: readonly Input['type'][] = ['list', 'servers'];

/** Whether a value may be put in: what the playbook would refuse is left to whoever starts it. */
function fits(value: Json, type: Input['type'], fields: Input['fields']): boolean {
  if (typeof value === 'string') return texts.includes(type);
  if (Array.isArray(value)) return lists.includes(type);
  if (type !== 'object' || typeof value !== 'object' || value === null) return false;
  return fields === undefined || Object.keys(value).every((key) => fields.some(({ name }) => name === key));
}
