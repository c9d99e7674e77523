import { PolyshiftError } from '@polyshift/core';
import { bytesOf } from './names.ts';
import { hashTag } from './slot.ts';

/** How polyshift's own keys begin behind the prefix: one of its own slot each, or all in one slot of a cluster. */
const ownRoots = ['polyshift:', '{polyshift}:'] as const;

/** The names of keys below a prefix. */
export class KeySpace {
  /** What every key begins with. */
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** One of polyshift's own keys that are written together: the journal, the locks, the definitions. All are in one slot of a cluster. */
  shared(name: string): string {
    return `${this.prefix}{polyshift}:${name}`;
  }

  /** One of polyshift's own keys, whose slot is that of `tag`: keys of the same tag can be written together. */
  tagged(kind: string, tag: string, part = ''): string {
    return `${this.prefix}polyshift:${kind}:{${tag}}${part}`;
  }

  /**
   * One of polyshift's own keys beside a collection. In a cluster it is in the slot of the rows where {@link rowsShareSlot} holds: then the
   * collection's name has the first hash tag of the key. Colons in the name are percent-encoded, so that no two names share a key.
   */
  beside(collection: string, kind: string, part: string): string {
    const name = collection.replace(/[%:]/g, (sign) => (sign === '%' ? '%25' : '%3A'));
    return `${this.prefix}polyshift:${kind}:${name}:${part}`;
  }

  /** Whether all rows of a collection, and what is {@link beside} them, are in one slot of a cluster. */
  rowsShareSlot(collection: string): boolean {
    return hashTag(`${this.prefix}${collection}`) !== undefined;
  }

  /** The beginning of the keys of a collection's rows. */
  rows(collection: string): string {
    return `${this.prefix}${collection}:`;
  }

  /** The key of a row. */
  row(collection: string, id: string): Buffer {
    return Buffer.concat([Buffer.from(this.rows(collection)), bytesOf(id)]);
  }

  /** Where a collection's rows are kept aside: under the same names, behind another beginning. Has the slot of the row where its name has a hash tag. */
  dropped(aside: string, collection: string): string {
    return `polyshift:dropped:${aside}:${collection}`;
  }

  /** Whether a key without its prefix is polyshift's own. */
  isOwn(key: string): boolean {
    return ownRoots.some((root) => key.startsWith(root));
  }

  /** Throws INVALID_DOCUMENT for names of collections that belong to polyshift. */
  refuseOwn(collection: string): void {
    if (ownRoots.some((root) => `${collection}:`.startsWith(root)))
      throw new PolyshiftError('INVALID_DOCUMENT', `${collection} is a name of polyshift`, { hint: 'Choose another name.' });
  }
}
