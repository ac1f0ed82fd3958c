import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the queries room. */
export const queriesErrors = defineErrors({
  'query.connection_unknown': { status: 422, retry: false, message: 'The connection of this query is not there.' },
  'query.parameter_invalid': { status: 422, retry: false, message: 'The parameter {name} cannot be used: {why}.' },
  'query.refused': { status: 422, retry: false, message: 'The query would not run: {why}' },
  'query.auth': { status: 422, retry: false, message: 'The sign-in or a right is missing at the service: {why}' },
  'query.network': { status: 502, retry: true, message: 'No answer came from the service: {why}' },
  'query.provider': { status: 502, retry: false, message: 'The service failed: {why}' },
  'query.quota': { status: 429, retry: true, message: 'The service has too much to do for us: {why}' },
  'query.syntax': { status: 422, retry: false, message: 'The service refused the query: {why}' },
  'query.timeout': { status: 504, retry: false, message: 'The query took longer than it may: {why}' },
  'query.act_forbidden': {
    status: 403,
    retry: false,
    message: 'A rule of this workspace does not let you {act} here. Who manages queries can change it.',
  },
  'query.own_review': { status: 409, retry: false, message: 'Who wrote this version cannot mark it as reviewed.' },
  'query.version_unknown': { status: 404, retry: false, message: 'The query has no version {version}.' },
  'query_snippet.text_invalid': { status: 422, retry: false, message: 'This is no snippet. {why}' },
  'query_snippet.too_many': {
    status: 409,
    retry: false,
    message: 'There are {most} snippets already, as many as an editor can offer. Delete one first.',
  },
  'query_snippet.trigger_taken': { status: 409, retry: false, message: 'There is already a snippet {trigger} here.' },
  'rows.expired': {
    status: 410,
    retry: false,
    message: 'The rows of this run are gone: they are kept by nobody. Run the query again.',
  },
  'export.unfit': { status: 422, retry: false, message: 'This result cannot be such a file: {why}' },
  'rows.none': { status: 409, retry: false, message: 'This run has no rows: it did not end well.' },
  'rows.not_ready': { status: 409, retry: true, message: 'The rows are not there yet: the query is still at work.' },
  'rows.unavailable': { status: 502, retry: true, message: 'The service did not give the rows: {why}' },
});
