import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the identity room. */
export const identityErrors = defineErrors({
  'identity.already_member': { status: 409, retry: false, message: '{email} already belongs to this workspace.' },
  'identity.already_set_up': {
    status: 409,
    retry: false,
    message: 'This installation has an owner already. Sign in, or ask for an invitation.',
  },
  'identity.code_needed': {
    status: 403,
    retry: false,
    message: 'Enter the code of your second factor, or use a security key.',
  },
  'identity.code_wrong': { status: 403, retry: false, message: 'The code is wrong, too old or was used already.' },
  'identity.email_taken': { status: 409, retry: false, message: 'There is an account with this address already.' },
  'identity.expiry_past': { status: 422, retry: false, message: 'The expiry lies in the past.' },
  'identity.factor_exists': { status: 409, retry: false, message: 'A second factor is on already. Turn it off first.' },
  'identity.factor_missing': { status: 409, retry: false, message: 'No second factor is set up.' },
  'identity.invitation_gone': {
    status: 410,
    retry: false,
    message: 'The invitation has expired, was withdrawn or was used already. Ask for a new one.',
  },
  'identity.key_address': {
    status: 409,
    retry: false,
    message: 'Security keys work at {address} only. Open Windlass there.',
  },
  'identity.key_copied': {
    status: 403,
    retry: false,
    message: 'This security key has counted backwards, as a copy of it would. Use another factor, then remove it.',
  },
  'identity.key_known': { status: 409, retry: false, message: 'This security key is added already.' },
  'identity.key_late': {
    status: 403,
    retry: false,
    message: 'What the security key was asked is too old or was answered already. Try again.',
  },
  'identity.key_limit': {
    status: 409,
    retry: false,
    message: 'There are {limit} security keys already. Remove one first.',
  },
  'identity.key_wrong': {
    status: 403,
    retry: false,
    message: 'The security key was not accepted. Use one of yours, or another factor.',
  },
  'identity.last_administrator': {
    status: 409,
    retry: false,
    message: 'This is the last instance administrator. Appoint another one first.',
  },
  'identity.last_owner': {
    status: 409,
    retry: false,
    message: 'This is the last owner of the workspace. Appoint another one first.',
  },
  'identity.locked': { status: 429, retry: true, message: 'Too many failed attempts. Try again in {retryAfter} s.' },
  'identity.membership_needed': {
    status: 403,
    retry: false,
    message: 'You do not belong to this workspace, or it does not exist.',
  },
  'identity.mfa_required': {
    status: 403,
    retry: false,
    message: 'This workspace asks for a second factor. Set one up, then sign in with it.',
  },
  'identity.sees_all': {
    status: 409,
    retry: false,
    message: 'Owners and administrators see all business units. Give the person another role first.',
  },
  'identity.owner_needed': { status: 403, retry: false, message: 'Only an owner may appoint or remove owners.' },
  'identity.password_link_gone': {
    status: 410,
    retry: false,
    message: 'The link has expired, was replaced or was used already. Ask for a new one.',
  },
  'identity.password_weak': {
    status: 422,
    retry: false,
    message: 'This password is too easy to guess. Take a longer one, or several words.',
  },
  'identity.password_wrong': { status: 403, retry: false, message: 'The password is wrong.' },
  'identity.permission_excess': {
    status: 403,
    retry: false,
    message: 'You cannot give away a permission that you do not have: {permission}.',
  },
  'identity.permission_missing': { status: 403, retry: false, message: 'This needs the permission {permission}.' },
  'identity.person_needed': { status: 403, retry: false, message: 'This is for people: an API key cannot do it.' },
  'identity.session_ended': { status: 401, retry: false, message: 'The session has ended. Sign in again.' },
  'identity.setup_token_wrong': {
    status: 403,
    retry: false,
    message: 'Use the set-up link that the server printed when it started.',
  },
  'identity.sign_in_needed': { status: 401, retry: false, message: 'Sign in, or send an API key.' },
  'identity.sign_in_refused': { status: 401, retry: false, message: 'The address or the password is wrong.' },
  'identity.slug_taken': { status: 409, retry: false, message: 'Another workspace has the short name {slug}.' },
  'identity.token_reused': {
    status: 401,
    retry: false,
    message: 'This refresh token was used before. The session has been ended. Sign in again.',
  },
});
