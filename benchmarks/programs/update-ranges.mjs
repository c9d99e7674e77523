// What polyshift does without its undo and its proof: ranges of a thousand documents in the order of _id, each in a transaction, two at once.
// Arguments: URL.
import { MongoClient } from 'mongodb';
import { collection, pipeline } from '../in-place/change.mjs';

const size = 1000;
const client = await new MongoClient(process.argv[2], { writeConcern: { w: 'majority', journal: true } }).connect();
const people = client.db().collection(collection);
let last;
let ended = false;
let finding = Promise.resolve();
await Promise.all([worker(), worker()]);
await client.close();

async function worker() {
  const session = client.startSession();
  for (let range = await nextRange(); range; range = await nextRange()) {
    await session.withTransaction(() => people.updateMany(range, pipeline, { session }));
  }
  await session.endSession();
}

/** One after the other, as each begins where the one before ends. */
function nextRange() {
  finding = finding.then(async () => {
    if (ended) return undefined;
    const above = last === undefined ? {} : { $gt: last };
    const rest = last === undefined ? {} : { _id: above };
    const [end] = await people
      .find(rest)
      .project({ _id: 1 })
      .sort({ _id: 1 })
      .skip(size - 1)
      .limit(1)
      .toArray();
    if (!end) {
      ended = true;
      return rest;
    }
    last = end._id;
    return { _id: { ...above, $lte: last } };
  });
  return finding;
}
