import { MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import {
  answerTimeoutMs,
  connectTimeoutMs,
  expectOneRow,
  type LiveWriter,
  notesByKey,
  type OpenWriter,
  written,
} from './writer.ts';

interface NotedDocument {
  readonly _id: number;
  readonly [field: string]: unknown;
}

/** Writes to a collection of MongoDB. */
export const openMongodbWriter: OpenWriter = async (url, table, field = 'note') => {
  const client = await MongoClient.connect(url, {
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    socketTimeoutMS: answerTimeoutMs,
    // A write that the driver sends twice could hide that the first one was lost.
    retryWrites: false,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'local' },
    readPreference: 'primary',
  });
  const collection = client.db().collection<NotedDocument>(table);
  return {
    async insert(key, note) {
      await written(collection.insertOne({ _id: key, [field]: note }), refused);
    },
    async update(key, note) {
      const { matchedCount } = await written(collection.updateOne({ _id: key }, { $set: { [field]: note } }), refused);
      expectOneRow(matchedCount, `update ${key}`);
    },
    async remove(key) {
      const { deletedCount } = await written(collection.deleteOne({ _id: key }), refused);
      expectOneRow(deletedCount, `remove ${key}`);
    },
    async readAll() {
      const documents = await collection.find({}, { projection: { [field]: 1 } }).toArray();
      return notesByKey(documents.map((document) => [Number(document._id), document[field] as string | undefined]));
    },
    [Symbol.asyncDispose]: () => client.close(),
  } satisfies LiveWriter;
};

/** A server that cannot be selected was sent nothing; an answer with a code is one of no change, unless only its durability failed. */
function refused(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return true;
  return (
    error instanceof MongoServerError &&
    !error.hasErrorLabel('RetryableWriteError') &&
    error.result?.writeConcernError === undefined
  );
}
