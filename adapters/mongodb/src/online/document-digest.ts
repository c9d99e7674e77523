import { createHash } from 'node:crypto';

/** The digest of a whole document, byte for byte: 16 bytes as a text of as many characters. */
export function documentDigest(document: Buffer): string {
  return createHash('md5').update(document).digest().toString('latin1');
}
