import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  type MongoClient,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { documentElement, documentOf, elementBytes } from '../bson/build-document.ts';
import { bsonType, elementsOf } from '../bson/element.ts';
import { classify } from '../errors.ts';
import { dropIfThere, durable, raw, type Store } from '../store.ts';
import { allWritten, insertRaw } from '../write-commands.ts';
import { carryBefore } from './carried.ts';
import { readImage } from './image.ts';

const known = new WeakMap<MongoClient, Promise<boolean>>();

/**
 * Whether the server copies documents into others without changing a byte, and computes in an aggregation what it computes in an update: tried out once for a
 * connection, with a document that has a value of every type. A server that does not gets its images through the client.
 */
export function keepsBytes(store: Store, aside: string): Promise<boolean> {
  const asked = known.get(store.client);
  if (asked) return asked;
  const asking = tryOut(store, `${aside}_work`, `${aside}_probe`);
  known.set(store.client, asking);
  asking.catch(() => known.delete(store.client));
  return asking;
}

async function tryOut(store: Store, from: string, into: string): Promise<boolean> {
  const document = sample();
  const stages = [{ $set: { added: { $add: ['$int', 1] }, text: { $concat: ['$text', '!'] } } }, { $unset: 'gone' }];
  await dropIfThere(store, from);
  await dropIfThere(store, into);
  try {
    await allWritten(insertRaw(store, from, [document], {}));
    const source = store.db.collection(from);
    await source.aggregate([...carryBefore, ...stages, { $merge: { into, whenMatched: 'fail' } }], durable).toArray();
    await source.updateMany({}, stages, durable);
    const [image] = (await store.db.collection(into).find({}, raw).toArray()) as unknown as Buffer[];
    const [changed] = (await source.find({}, raw).toArray()) as unknown as Buffer[];
    const { before, after } = readImage(image!);
    return before!.equals(document) && after.equals(changed!);
  } catch (error) {
    if (classify(error).retryable) throw error;
    return false;
  } finally {
    await dropIfThere(store, from);
    await dropIfThere(store, into);
  }
}

function fieldsOf(...fields: [name: string, value: unknown][]): Map<string, unknown> {
  return new Map(fields);
}

/** A document with a value of every BSON type, the deprecated ones too, and with numbers that are easily taken for others. */
function sample(): Buffer {
  const fields = new Map<string, unknown>([
    ['_id', new ObjectId('0123456789abcdef01234567')],
    ['text', 'ä\0ß'],
    ['gone', 'x'],
    ['int', new Int32(1)],
    ['2', new Long(1, 0)],
    ['1', new Double(1)],
    ['zero', new Double(-0)],
    ['nan', new Double(Number.NaN)],
    ['decimal', Decimal128.fromString('1.00')],
    ['far', new Long(-1, 0x7fffffff)],
    ['date', new Date(-1)],
    ['bytes', new Binary(Buffer.from([0, 1, 2]))],
    ['uuid', new Binary(Buffer.alloc(16, 7), Binary.SUBTYPE_UUID)],
    ['user', new Binary(Buffer.from([9]), 0x80)],
    ['yes', true],
    ['null', null],
    ['regex', new BSONRegExp('^a.b$', 'im')],
    ['code', new Code('return 1')],
    ['scope', new Code('return x', { x: new Int32(1) })],
    ['symbol', new BSONSymbol('s')],
    ['time', new Timestamp({ t: 1, i: 2 })],
    ['min', new MinKey()],
    ['max', new MaxKey()],
    ['list', [new Int32(1), new Double(1), null, [], fieldsOf(['b', 1], ['a', new Long(2, 0)])]],
    ['inner', fieldsOf(['z', fieldsOf(['9', 1], ['1', fieldsOf()])], ['', 'empty name'], ['a.b', 1])],
  ]);
  const document = Buffer.from(BSON.serialize(fields as unknown as Document));
  // Two types that the driver does not write.
  const deprecated = [
    Buffer.concat([Buffer.of(bsonType.undefined), Buffer.from('undefined\0')]),
    Buffer.concat([
      Buffer.of(bsonType.dbPointer),
      Buffer.from('pointer\0'),
      Buffer.from([4, 0, 0, 0]),
      Buffer.from('a.b\0'),
      Buffer.alloc(12, 3),
    ]),
  ];
  const nested = documentElement('deprecated', bsonType.object, documentOf(deprecated));
  const all = elementsOf(document).map((element) => elementBytes(document, element));
  return documentOf([...all, ...deprecated, nested]);
}
