/** What is known of an error code: the HTTP status it answers with, and whether trying the same again can help. */
export interface ErrorDef {
  readonly status: number;
  readonly retry: boolean;
  /** One sentence that says what happened and what to do; `{fact}` stands for a fact given with the error. */
  readonly message: string;
}

/** Holds a room's list to the shape while keeping its codes as literal types. */
export const defineErrors = <const T extends Record<string, ErrorDef>>(errors: T): T => errors;

/** Puts facts into a message: `{name}` becomes the fact of that name, and stays as it is where there is none. */
export const fillMessage = (message: string, facts: Readonly<Record<string, unknown>> = {}): string =>
  message.replace(/\{(\w+)\}/g, (whole, name: string) => (facts[name] === undefined ? whole : String(facts[name])));
