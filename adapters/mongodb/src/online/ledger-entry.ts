import { Binary, type Document } from 'mongodb';
import { findElement } from '../bson/element.ts';
import { exactValue } from '../bson/exact-value.ts';
import { decodeDigests, encodeDigests, type FieldDigests, fieldDigests } from './digests.ts';
import { documentDigest } from './document-digest.ts';

/** Which version an application has written. */
export type Side = 'old' | 'new';

/** What both versions of a document held when they were last in step. */
export interface InStep {
  readonly oldDigest: string;
  readonly newDigest: string;
  /** The fields of the old document, and of its mapping to the new form. */
  readonly old: FieldDigests;
  readonly forward: FieldDigests;
  /** The fields of the new document, and of its mapping to the old form. */
  readonly new: FieldDigests;
  readonly back: FieldDigests;
}

/** A write that could not be carried over. */
export interface Refusal {
  /** The version whose write the other one refuses; `both` where they contradict each other. */
  readonly side: Side | 'both';
  readonly reason: string;
}

/** A document of the collection of a version, or of one of its parts, by its digests before and after; empty for no document. */
export interface PieceDigests {
  readonly side: Side;
  readonly part?: number | undefined;
  readonly before: string;
  readonly after: string;
}

/** Writes that were announced before they were made, on servers without transactions. */
export interface Intent {
  /** One for each document that is written, in their order. */
  readonly writes: readonly PieceDigests[];
  /** The other documents of the versions that are written. */
  readonly others: readonly PieceDigests[];
  /** What holds once all are made; undefined where the document is gone from both sides then. */
  readonly inStep: InStep | undefined;
}

/** What the ledger knows of one _id. */
export interface Entry {
  readonly inStep?: InStep | undefined;
  readonly refusal?: Refusal | undefined;
  readonly intent?: Intent | undefined;
  /** The _ids of the documents of parts that belonged to it, where these have _ids of their own: a deletion names no other. */
  readonly parts?: readonly unknown[] | undefined;
}

/** What is to be kept of documents that are in step. `forward` and `back` are the mapped documents. */
export function inStepOf(documents: { old: Buffer; new: Buffer; forward: Buffer; back: Buffer }): InStep {
  const [old, fresh] = [fieldDigests(documents.old), fieldDigests(documents.new)];
  return {
    oldDigest: documentDigest(documents.old),
    newDigest: documentDigest(documents.new),
    old,
    new: fresh,
    forward: documents.forward.equals(documents.new) ? fresh : fieldDigests(documents.forward),
    back: documents.back.equals(documents.old) ? old : fieldDigests(documents.back),
  };
}

/** Bit of the first byte: the mapped old document was equal to the new one, and the other way round. */
const [sameForward, sameBack] = [1, 2];

/** What holds in step, as bytes. */
export function encodeInStep(inStep: InStep): Binary {
  const flags = (inStep.forward === inStep.new ? sameForward : 0) | (inStep.back === inStep.old ? sameBack : 0);
  return new Binary(
    Buffer.concat([
      Buffer.of(flags),
      Buffer.from(inStep.oldDigest, 'latin1'),
      Buffer.from(inStep.newDigest, 'latin1'),
      encodeDigests(inStep.old),
      encodeDigests(inStep.new),
      ...(flags & sameForward ? [] : [encodeDigests(inStep.forward)]),
      ...(flags & sameBack ? [] : [encodeDigests(inStep.back)]),
    ]),
  );
}

/** Reads it. The fields are looked at only where something has changed. */
function decodeInStep(bytes: Buffer): InStep {
  let fields: Pick<InStep, 'old' | 'new' | 'forward' | 'back'> | undefined;
  const all = (): Pick<InStep, 'old' | 'new' | 'forward' | 'back'> => {
    fields ??= decodeFields(bytes);
    return fields;
  };
  return {
    oldDigest: bytes.toString('latin1', 1, 17),
    newDigest: bytes.toString('latin1', 17, 33),
    get old() {
      return all().old;
    },
    get new() {
      return all().new;
    },
    get forward() {
      return all().forward;
    },
    get back() {
      return all().back;
    },
  };
}

function decodeFields(bytes: Buffer): Pick<InStep, 'old' | 'new' | 'forward' | 'back'> {
  const flags = bytes[0]!;
  const old = decodeDigests(bytes, 33);
  const fresh = decodeDigests(bytes, old.end);
  let { end } = fresh;
  const next = (): FieldDigests => {
    const read = decodeDigests(bytes, end);
    end = read.end;
    return read.digests;
  };
  const forward = flags & sameForward ? fresh.digests : next();
  const back = flags & sameBack ? old.digests : next();
  return { old: old.digests, new: fresh.digests, forward, back };
}

/** An entry as it is kept. */
export function entryDocument(id: unknown, entry: Entry): Document {
  const { inStep, refusal, intent, parts } = entry;
  return {
    _id: id,
    ...(inStep ? { s: encodeInStep(inStep) } : {}),
    ...(refusal ? { refused: { ...refusal } } : {}),
    ...(parts && parts.length > 0 ? { parts: [...parts] } : {}),
    ...(intent
      ? {
          i: {
            writes: intent.writes.map(encodeDigestsOf),
            ...(intent.others.length > 0 ? { others: intent.others.map(encodeDigestsOf) } : {}),
            ...(intent.inStep ? { s: encodeInStep(intent.inStep) } : {}),
          },
        }
      : {}),
  };
}

/** An entry from a raw document of the ledger. */
export function readEntry(document: Buffer): Entry {
  const inStep = binaryOf(document, 's');
  const refused = findElement(document, 'refused');
  const announced = findElement(document, 'i');
  const parts = findElement(document, 'parts');
  return {
    ...(inStep ? { inStep: decodeInStep(inStep) } : {}),
    ...(refused ? { refusal: refusalOf(exactValue(document, refused.type, refused.value) as Map<string, unknown>) } : {}),
    ...(announced ? { intent: intentOf(exactValue(document, announced.type, announced.value) as Map<string, unknown>) } : {}),
    ...(parts ? { parts: exactValue(document, parts.type, parts.value) as unknown[] } : {}),
  };
}

function refusalOf(refused: Map<string, unknown>): Refusal {
  return { side: refused.get('side') as Refusal['side'], reason: String(refused.get('reason')) };
}

function encodeDigestsOf({ side, part, before, after }: PieceDigests): Document {
  const binary = (digest: string): Binary => new Binary(Buffer.from(digest, 'latin1'));
  return { side, ...(part === undefined ? {} : { part }), before: binary(before), after: binary(after) };
}

function intentOf(announced: Map<string, unknown>): Intent {
  const latin1 = (value: unknown): string => Buffer.from((value as Binary).value()).toString('latin1');
  const inStep = announced.get('s') as Binary | undefined;
  const digestsOf = (list: unknown): PieceDigests[] =>
    ((list ?? []) as Map<string, unknown>[]).map((each) => ({
      side: each.get('side') as Side,
      part: each.has('part') ? Number(each.get('part')) : undefined,
      before: latin1(each.get('before')),
      after: latin1(each.get('after')),
    }));
  return {
    writes: digestsOf(announced.get('writes')),
    others: digestsOf(announced.get('others')),
    inStep: inStep && decodeInStep(Buffer.from(inStep.value())),
  };
}

function binaryOf(document: Buffer, field: string): Buffer | undefined {
  const element = findElement(document, field);
  return element ? document.subarray(element.value + 5, element.end) : undefined;
}
