import { createHash } from 'node:crypto';
import type { Fingerprint, JsonObject } from '@polyshift/core';
import { canonicalJson } from './index-definition.ts';
import { introspectOne } from './introspect.ts';
import { raw, type Store } from './store.ts';

/** An order-independent sum over hashes of documents: 128 bits in four lanes, each modulo 2^32. */
export class DocumentDigest {
  count = 0;
  private readonly lanes = new Uint32Array(4);

  /** Adds the bytes of one document. */
  add(document: Uint8Array): void {
    const hash = createHash('md5').update(document).digest();
    for (let lane = 0; lane < 4; lane++) this.lanes[lane]! += hash.readUInt32LE(lane * 4);
    this.count++;
  }

  /** 32 hexadecimal digits. */
  get sum(): string {
    return Array.from(this.lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}

/** The digest over all documents of a collection, by the bytes that the server stores: types and the order of fields count. */
export async function contentDigest(store: Store, name: string): Promise<DocumentDigest> {
  const digest = new DocumentDigest();
  const cursor = store.db.collection(name).find({}, { ...raw, batchSize: 10_000 });
  try {
    while (await cursor.hasNext()) {
      for (const document of cursor.readBufferedDocuments()) digest.add(document as unknown as Uint8Array);
    }
  } finally {
    await cursor.close();
  }
  return digest;
}

/** See `StoreSession.fingerprint`. The storage version of indexes, the order of indexes and how they were built are left out. */
export async function fingerprint(store: Store, name: string): Promise<Fingerprint> {
  const schema = await introspectOne(store, name);
  if (!schema) return { schema: 'absent', content: new DocumentDigest().sum, count: 0 };
  const { kind, indexes, validation, options } = schema;
  const definition: JsonObject = {
    kind,
    indexes: Object.fromEntries(indexes.map((index) => [index.name, index.definition])),
    validation: validation ?? null,
    options: options ?? null,
  };
  const digest = kind === 'view' ? new DocumentDigest() : await contentDigest(store, name);
  return {
    schema: createHash('sha256').update(canonicalJson(definition)).digest('hex'),
    content: digest.sum,
    count: digest.count,
  };
}
