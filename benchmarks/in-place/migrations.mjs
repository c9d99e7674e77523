import { collection, pipeline, update } from './change.mjs';

/** A migration of migrate-mongo with this as its way up. */
function migration(up) {
  return `module.exports = {\n  async up(db) {\n    const people = db.collection('${collection}');\n${up}\n  },\n  async down() {},\n};\n`;
}

/** The ways in which such a change is usually written. */
export const migrations = {
  /** The server does it alone, at once. */
  updateMany: migration(`    await people.updateMany({}, ${JSON.stringify(update)});`),
  /** A loop over the documents, written by the thousand: how values are changed that are computed in JavaScript. */
  bulkWrite: migration(`    let operations = [];
    for await (const person of people.find({})) {
      operations.push({ updateOne: { filter: { _id: person._id }, update: ${JSON.stringify(update)} } });
      if (operations.length < 1000) continue;
      await people.bulkWrite(operations, { ordered: false });
      operations = [];
    }
    if (operations.length > 0) await people.bulkWrite(operations, { ordered: false });`),
  /** The same loop, each document at once. */
  updateOne: migration(`    for await (const person of people.find({})) {
      await people.updateOne({ _id: person._id }, ${JSON.stringify(update)});
    }`),
};

/** The same for polyshift. */
export const operations = { operations: [{ type: 'migrate_data', collection, data: { pipeline } }] };
