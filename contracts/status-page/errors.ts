import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the public status page. */
export const statusPageErrors = defineErrors({
  'status_page.not_found': { status: 404, retry: false, message: 'There is no status page at this address.' },
  'status_page.off': {
    status: 409,
    retry: false,
    message: 'The status page is off. Turn it on in the settings before you publish.',
  },
  'status_page.slug_taken': { status: 409, retry: false, message: 'The address {slug} is taken. Choose another one.' },
  'status_page.service_unknown': {
    status: 422,
    retry: false,
    message: 'The status page does not show {service}.',
  },
});
