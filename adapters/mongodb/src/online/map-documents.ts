import { PolyshiftError } from '@polyshift/core';
import { MongoServerError } from 'mongodb';
import { exactDocument } from '../bson/exact-value.ts';
import { idKey } from '../bson/id.ts';
import { classify } from '../errors.ts';
import { raw, type Store } from '../store.ts';
import type { Branches } from './branches.ts';
import { notConverted } from './conversions.ts';
import { arrange } from './joined.ts';
import type { Side } from './ledger-entry.ts';
import { partsOfSide } from './parts.ts';
import type { Versions } from './versions.ts';

/** Bytes of documents in one command, at most; the server copies them into one document. */
const commandBytes = 4_000_000;

/** The longest document that is carried over: it goes to the server as a part of a command. */
const longest = 12_000_000;

/** A mapped document, or why it cannot be mapped. */
export type MappedDocument = Buffer | Error;

/**
 * Lets the server map documents that are at hand, byte for byte as they were read, whatever has happened to them since: so that what is written
 * always belongs to what was read. They travel as a literal over the one document of a collection of polyshift's own.
 *
 * @param state a collection that has exactly one document
 */
async function mapDocuments(
  store: Store,
  state: string,
  branches: Branches,
  documents: readonly Buffer[],
): Promise<MappedDocument[]> {
  if (branches.length === 1 && branches[0]!.length === 0) return [...documents];
  const result: MappedDocument[] = [];
  for (let from = 0; from < documents.length; ) {
    let bytes = 0;
    let to = from;
    while (to < documents.length && (to === from || bytes + documents[to]!.length <= commandBytes))
      bytes += documents[to++]!.length;
    result.push(...(await mapSome(store, state, branches, documents.slice(from, to))));
    from = to;
  }
  return result;
}

/** Whole documents of the old version as whole documents of the new one, in the order in which these are read. */
export async function mapForward(store: Store, versions: Versions, documents: readonly Buffer[]): Promise<MappedDocument[]> {
  return inOrder(versions, 'new', await mapDocuments(store, versions.state, versions.mapping.forward, documents));
}

/** The way back. */
export async function mapBack(store: Store, versions: Versions, documents: readonly Buffer[]): Promise<MappedDocument[]> {
  return inOrder(versions, 'old', await mapDocuments(store, versions.state, versions.mapping.back, documents));
}

function inOrder(versions: Versions, side: Side, documents: MappedDocument[]): MappedDocument[] {
  const parts = partsOfSide(versions.parts, side);
  return parts.length === 0 ? documents : documents.map((each) => (Buffer.isBuffer(each) ? arrange(parts, each) : each));
}

/** A document that the server cannot map is found by halves; the others are mapped. */
async function mapSome(store: Store, state: string, branches: Branches, documents: readonly Buffer[]): Promise<MappedDocument[]> {
  if (documents.length === 1 && documents[0]!.length > longest)
    return [new Error(`it has ${documents[0]!.length} bytes; more than ${longest} cannot be carried over`)];
  try {
    return await mapTogether(store, state, branches, documents);
  } catch (error) {
    if (!isOfDocument(error)) throw error;
    if (documents.length === 1) return [error as Error];
    const middle = documents.length >> 1;
    return [
      ...(await mapSome(store, state, branches, documents.slice(0, middle))),
      ...(await mapSome(store, state, branches, documents.slice(middle))),
    ];
  }
}

/** Whether the server speaks of a document, and not of the moment, the connection or the user. */
function isOfDocument(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  const { code, retryable } = classify(error);
  return !retryable && code !== 'PERMISSION_DENIED' && code !== 'AUTHENTICATION_FAILED' && code !== 'UNKNOWN_COLLECTION';
}

async function mapTogether(
  store: Store,
  state: string,
  branches: Branches,
  documents: readonly Buffer[],
): Promise<MappedDocument[]> {
  const literal = documents.map((document) => exactDocument(document));
  const byKey = new Map<string, Buffer>();
  for (const stages of branches) {
    const mapped = (await store.db
      .collection(state)
      .aggregate(
        [
          { $project: { _id: 0, documents: { $literal: literal } } },
          { $unwind: '$documents' },
          { $replaceRoot: { newRoot: '$documents' } },
          ...stages,
        ],
        { ...raw, batchSize: 100_000 },
      )
      .toArray()) as unknown as Buffer[];
    for (const document of mapped) byKey.set(idKey(document), document);
    if (byKey.size === documents.length) break;
  }
  return documents.map((document) => {
    const mapped = byKey.get(idKey(document));
    // Each document is in one of the branches: without an answer there was nothing to put it in the place of.
    if (!mapped) throw new PolyshiftError('UNKNOWN_COLLECTION', `${state} of polyshift's own is gone, or empty`);
    return notConverted(mapped) ?? mapped;
  });
}
