/** Whether a text is written as an id is, and so may be compared with one: anything else PostgreSQL refuses as a `uuid`. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
