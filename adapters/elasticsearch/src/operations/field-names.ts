import { type Check, fail, PolyshiftError, pass } from '@polyshift/core';
import type { ConcreteIndex } from '../collection/collection.ts';
import { metaOf } from '../mapping/collection-meta.ts';

/** A field and its new name. */
export interface Renaming {
  /** The whole path as it is now. */
  readonly from: string;
  /** The whole path afterwards. */
  readonly to: string;
  /** The last part of each. */
  readonly oldLast: string;
  readonly newLast: string;
}

/** The parts of a path. Throws INVALID_DOCUMENT for what is none. */
export function pathParts(name: string): string[] {
  const parts = name.split('.');
  if (parts.some((part) => part === '') || parts[0] === '_id')
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(name)} is no field that can be changed`);
  return parts;
}

/** A renaming with whole paths; the new name may be given alone. Throws INVALID_DOCUMENT where it would move the field. */
export function renamingOf({ old_name, new_name }: { old_name: string; new_name: string }): Renaming {
  const from = pathParts(old_name);
  const to = pathParts(new_name);
  const parents = from.slice(0, -1);
  if (to.length > 1 && to.slice(0, -1).join('.') !== parents.join('.')) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${old_name} cannot be renamed to ${new_name}: it would move to another place`, {
      hint: 'A rename keeps the parents of a path; moves are done by migrate_data with $set and $unset.',
    });
  }
  const newLast = to.at(-1)!;
  return { from: old_name, to: [...parents, newLast].join('.'), oldLast: from.at(-1)!, newLast };
}

/** The check that a field is no part of the key, which makes the `_id`. */
export function isNoKeyField(collection: string, { mappings }: ConcreteIndex, names: readonly string[]): Check {
  const { key } = metaOf(mappings);
  const named = names.filter((name) => key.includes(name.split('.')[0]!));
  return named.length === 0
    ? pass('no_key_field', `${names.join(', ')} is not part of the key`)
    : fail(
        'no_key_field',
        `${named.join(', ')} is part of the key of ${collection}, which makes the _id`,
        'Copy the collection by extract with another key.',
      );
}
