import { defineErrors } from '../kit/error-def.ts';

/** Error codes of saved playbooks and of starting their runs. */
export const savedPlaybookErrors = defineErrors({
  'artifact.missing': { status: 422, retry: false, message: 'There is no stored file called {name}.' },
  'artifact.name_taken': {
    status: 409,
    retry: false,
    message: 'There is a file called {name} already. Its content never changes: take another name, or delete it first.',
  },
  'artifact.store_full': {
    status: 413,
    retry: false,
    message: 'The files of this workspace would be more than {limit}. Delete some first.',
  },
  'playbook.inputs_refused': {
    status: 422,
    retry: false,
    message: 'The inputs do not fit what the playbook declares. See details.',
  },
  'playbook.invalid': { status: 422, retry: false, message: 'The playbook is not valid. See details.' },
  'playbook.name_taken': { status: 409, retry: false, message: 'Another playbook is called “{name}”.' },
  'playbook.document_missing': {
    status: 400,
    retry: false,
    message: 'Give the playbook as `definition` (JSON) or as `yaml`.',
  },
  'playbook.step_unknown': { status: 404, retry: false, message: 'The playbook has no step {step}.' },
});
