import { createRequire } from 'node:module';

/** The driver's own way to send documents that are bytes already: a section of kind 1 of OP_MSG, as MongoDB's wire protocol calls it. */
interface DocumentSequence {
  push(document: unknown, bytes: Uint8Array): number;
}

const require = createRequire(import.meta.url);

// Internal to the driver, whose version is pinned: a test holds that bytes go through it unchanged.
const { DocumentSequence } = require('mongodb/lib/cmap/commands.js') as {
  DocumentSequence: new (field: string) => DocumentSequence;
};

/** Documents as the value of a field of a command, sent as the bytes that they are. For one command: sending takes it out. */
export function documentSequence(field: string, documents: readonly Buffer[]): unknown {
  const sequence = new DocumentSequence(field);
  // Documents that were encoded one behind the other lie so in memory: what is one piece there is copied as one.
  for (let from = 0; from < documents.length; ) {
    const first = documents[from]!;
    let end = first.byteOffset + first.length;
    let to = from + 1;
    while (to < documents.length && documents[to]!.buffer === first.buffer && documents[to]!.byteOffset === end) {
      end += documents[to++]!.length;
    }
    sequence.push(first, Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset));
    from = to;
  }
  return sequence;
}
