// The limit of changes in place: one command, which the server carries out alone; nothing of it can be taken back. Arguments: URL.
import { MongoClient } from 'mongodb';
import { collection, pipeline } from '../in-place/change.mjs';

const client = await new MongoClient(process.argv[2], { writeConcern: { w: 'majority', journal: true } }).connect();
await client.db().collection(collection).updateMany({}, pipeline);
await client.close();
