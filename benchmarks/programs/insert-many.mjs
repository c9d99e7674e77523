// The limit of the target: insertMany of documents that are ready, a thousand at once, four in flight, acknowledged as durably as polyshift does.
// The documents are like those that polyshift makes of the table. Arguments: URL, collection, rows.
import { Binary, Decimal128, Double, MongoClient } from 'mongodb';

const [url, name, count] = process.argv.slice(2);
const rows = Number(count);
const client = await new MongoClient(url, { writeConcern: { w: 'majority', journal: true } }).connect();
const collection = client.db().collection(name);
const size = 1000;
// Ready before the clock starts; each batch takes its own thousand, and only the _id is set anew.
const writers = 4;
const pools = Array.from({ length: writers }, (_, writer) =>
  Array.from({ length: size }, (__, index) => document(writer * size + index + 1)),
);
let next = 0;

const started = performance.now();
const before = process.cpuUsage();
await Promise.all(pools.map(write));
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(before);
await client.close();
process.stdout.write(
  JSON.stringify({
    seconds,
    cpu_seconds: (used.user + used.system) / 1e6,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);

async function write(pool) {
  while (next < rows) {
    const from = next;
    next = Math.min(rows, from + size);
    const documents = pool.slice(0, next - from);
    for (const [index, each] of documents.entries()) each._id = BigInt(from + index + 1);
    await collection.insertMany(documents, { ordered: false });
  }
}

function document(i) {
  return {
    _id: BigInt(i),
    external_id: new Binary(Buffer.alloc(16, i % 251), Binary.SUBTYPE_UUID),
    name: `Person ${i} of the town`,
    email: `person${i}@example.org`,
    age: i % 50 === 0 ? null : i % 90,
    balance: Decimal128.fromString(((i % 1_000_000) / 100).toFixed(2)),
    score: new Double(i / 7),
    active: i % 3 === 0,
    tags: [`a${i % 10}`, `tag,${i % 7}`],
    settings: { theme: 'dark', size: i % 20, list: [1, 2.5, 'x'] },
    created_at: new Date(1_577_836_800_123 + i * 1000),
  };
}
