import { createRequire } from 'node:module';

/** The driver's own way to send documents that are bytes already: a section of kind 1 of OP_MSG, as MongoDB's wire protocol calls it. */
interface DocumentSequence {
  push(document: unknown, bytes: Uint8Array): number;
}

// Internal to the driver, whose version is pinned: a test holds that bytes go through it unchanged.
const { DocumentSequence } = createRequire(import.meta.url)('mongodb/lib/cmap/commands.js') as {
  DocumentSequence: new (field: string) => DocumentSequence;
};

/** Documents as the value of a field of a command, sent as the bytes that they are. For one command: sending takes it out. */
export function documentSequence(field: string, documents: readonly Buffer[]): unknown {
  const sequence = new DocumentSequence(field);
  for (const document of documents) sequence.push(document, document);
  return sequence;
}
