import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the assets room. */
export const assetsErrors = defineErrors({
  'asset.attributes_refused': {
    status: 422,
    retry: false,
    message: 'An attribute is not as its type defines it. See details for each.',
  },
  'asset.illegal_state': {
    status: 409,
    retry: false,
    message: 'An asset that is {from} cannot become {to}. See details.allowed.',
  },
  'asset.key_taken': { status: 409, retry: false, message: 'Another asset has the key {key}.' },
  'asset.owner_unknown': { status: 422, retry: false, message: 'The owner is no member of the workspace.' },
  'asset.server_taken': { status: 409, retry: false, message: 'Another asset stands for this server already.' },
  'asset.server_unknown': { status: 422, retry: false, message: 'There is no such server.' },
  'asset.type_unknown': { status: 422, retry: false, message: 'There is no asset type {type}.' },
  'asset_import.file_refused': { status: 422, retry: false, message: 'The file cannot be read: {reason}' },
  'asset_import.has_errors': {
    status: 409,
    retry: false,
    message: '{count} lines are wrong and all or nothing was asked for, so nothing was imported.',
  },
  'asset_import.not_ready': { status: 409, retry: false, message: 'The import is {status}: this cannot be done now.' },
  'asset_import.row_refused': { status: 422, retry: false, message: '{reason}' },
  'asset_relation.itself': { status: 422, retry: false, message: 'An asset cannot be related to itself.' },
  'asset_relation.taken': { status: 409, retry: false, message: 'The two assets are related in this way already.' },
  'asset_relation.unknown_asset': { status: 422, retry: false, message: 'One of the two assets is not there.' },
  'asset_type.in_use': {
    status: 409,
    retry: false,
    message: '{count} assets are of this type. Give them another first.',
  },
  'asset_type.key_taken': { status: 409, retry: false, message: 'Another asset type has the key {key}.' },
});
