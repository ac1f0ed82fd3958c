import { defineErrors } from '../kit/error-def.ts';

/** Codes of the playbook language: what a save refuses, and what an expression fails with (§12). Those of runs stand in `errors.ts`. */
export const languageErrors = defineErrors({
  'approve.nobody': {
    status: 422,
    retry: false,
    message: 'The approval names nobody who may decide: give roles or users.',
  },
  'expression.failed': {
    status: 422,
    retry: false,
    message: 'An expression could not be evaluated: a missing key, an index outside, a type that does not fit.',
  },
  'expression.input_unknown': {
    status: 422,
    retry: false,
    message: 'An expression reads an input that is not declared.',
  },
  'expression.name_unknown': {
    status: 422,
    retry: false,
    message: 'An expression reads a name that does not exist there.',
  },
  'expression.not_parsed': {
    status: 422,
    retry: false,
    message: 'An expression is no CEL, or a pattern in it is no RE2.',
  },
  'expression.step_not_visible': {
    status: 422,
    retry: false,
    message: 'An expression reads a step that has not ended for sure when it is evaluated.',
  },
  'expression.step_unknown': { status: 422, retry: false, message: 'An expression reads a step that does not exist.' },
  'expression.too_costly': {
    status: 422,
    retry: false,
    message: 'An expression did too much work, or made too much text, and was stopped.',
  },
  'expression.too_large': {
    status: 422,
    retry: false,
    message: 'An expression is longer or nested deeper than allowed.',
  },
  'expression.type_mismatched': {
    status: 422,
    retry: false,
    message: 'An expression has a call or operator that no type fits.',
  },
  'hosts.too_wide': {
    status: 422,
    retry: false,
    message: 'The selection would take every server; if that is meant, say names: ["*"].',
  },
  'id.duplicate': { status: 422, retry: false, message: 'This id or name is used twice.' },
  'id.malformed': {
    status: 422,
    retry: false,
    message: 'An id or name has letters, digits and _, no digit first, at most 48 characters.',
  },
  'id.reserved': { status: 422, retry: false, message: 'An id or name is a word of CEL.' },
  'input.bad_format': { status: 422, retry: false, message: 'An input does not have the form that is asked for.' },
  'input.default_invalid': { status: 422, retry: false, message: 'An input’s default does not pass its own check.' },
  'input.not_an_option': { status: 422, retry: false, message: 'An input is none of the options.' },
  'input.options_missing': { status: 422, retry: false, message: 'A choice has no options.' },
  'input.out_of_range': {
    status: 422,
    retry: false,
    message: 'An input is too small, too large, too short or too long.',
  },
  'input.pattern_mismatched': { status: 422, retry: false, message: 'An input does not match its pattern.' },
  'input.required': { status: 422, retry: false, message: 'An input that is required was not given.' },
  'input.secret_default': { status: 422, retry: false, message: 'A secret input cannot have a default.' },
  'input.server_unknown': { status: 422, retry: false, message: 'An input names a server that does not exist.' },
  'input.unknown': { status: 422, retry: false, message: 'An input was given that is not declared.' },
  'input.wrong_type': { status: 422, retry: false, message: 'An input has the wrong JSON type.' },
  'kind.not_available': { status: 422, retry: false, message: 'Steps of this kind are not available yet.' },
  'kind.unknown': { status: 422, retry: false, message: 'There is no such kind of step.' },
  'limit.exceeded': {
    status: 422,
    retry: false,
    message: 'A limit of the language is exceeded: {limit}, this is {is}.',
  },
  'playbook.cyclic': { status: 422, retry: false, message: 'A call of a playbook comes back to itself.' },
  'playbook.unknown': { status: 422, retry: false, message: 'A step calls a playbook that does not exist.' },
  'playbook.version_unknown': { status: 422, retry: false, message: 'A step calls a version that does not exist.' },
  'query.not_one': { status: 422, retry: false, message: 'A query step has exactly one of query and sql.' },
  'retry.code_not_retryable': {
    status: 422,
    retry: false,
    message: 'retry.on names a code that is never tried again.',
  },
  'retry.not_allowed': { status: 422, retry: false, message: 'A step of this kind takes no retry.' },
  'secret.in_command': {
    status: 422,
    retry: false,
    message: 'A secret cannot stand in a command, where it would show in ps: use env or stdin.',
  },
  'secret.misplaced': {
    status: 422,
    retry: false,
    message:
      'A secret cannot stand here: only env, stdin, headers, body, auth, connector parameters and secret inputs take one.',
  },
  'shape.bad_value': { status: 422, retry: false, message: 'A field has a value that is not allowed.' },
  'shape.missing_field': { status: 422, retry: false, message: 'A field that is required is missing.' },
  'shape.unknown_field': { status: 422, retry: false, message: 'There is no field of this name.' },
  'shape.wrong_type': { status: 422, retry: false, message: 'A field has the wrong JSON type.' },
  'shell.list_in_word': {
    status: 422,
    retry: false,
    message: 'A list in a command touches other text, so it cannot become words of its own.',
  },
  'shell.nul_in_value': {
    status: 422,
    retry: false,
    message: 'A value in a command holds a NUL, which no shell can pass on.',
  },
  'switch.duplicate_case': { status: 422, retry: false, message: 'Two cases have the same value.' },
  'template.empty': { status: 422, retry: false, message: 'A template holds no expression.' },
  'template.inside_quotes': {
    status: 422,
    retry: false,
    message:
      'A template stands where quoting cannot make its value safe: remove the quotes, values are quoted for you.',
  },
  'template.not_allowed': { status: 422, retry: false, message: 'This field is static and cannot hold a template.' },
  'template.not_closed': { status: 422, retry: false, message: 'A template is never closed: }} is missing.' },
  'template.raw_misplaced': {
    status: 422,
    retry: false,
    message: 'raw(…) may only be the outermost call of a template in a command.',
  },
  'undo.not_allowed': { status: 422, retry: false, message: 'This cannot stand inside an undo.' },
  'value.wrong_type': {
    status: 422,
    retry: false,
    message: 'An expression gave a value of the wrong type for its field.',
  },
  'wait.not_one': { status: 422, retry: false, message: 'A wait has exactly one of for and until.' },
  'yaml.duplicate_key': { status: 422, retry: false, message: 'A key is given twice in the YAML.' },
  'yaml.not_parsed': { status: 422, retry: false, message: 'The text is no YAML.' },
  'yaml.not_supported': {
    status: 422,
    retry: false,
    message: 'The YAML uses what is not supported: anchors, aliases, tags, merge keys or several documents.',
  },
});
