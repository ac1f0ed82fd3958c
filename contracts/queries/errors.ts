import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the queries room. */
export const queriesErrors = defineErrors({
  'query.connection_unknown': { status: 422, retry: false, message: 'The connection of this query is not there.' },
  'query.parameter_invalid': { status: 422, retry: false, message: 'The parameter {name} cannot be used: {why}.' },
  'query.refused': { status: 422, retry: false, message: 'The query would not run: {why}' },
  'rows.expired': {
    status: 410,
    retry: false,
    message: 'The rows of this run are gone: they are kept by nobody. Run the query again.',
  },
  'rows.not_ready': { status: 409, retry: true, message: 'The rows are not there yet: the query is still at work.' },
  'rows.unavailable': { status: 502, retry: true, message: 'The service did not give the rows: {why}' },
});
