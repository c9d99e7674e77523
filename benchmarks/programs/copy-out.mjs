// The limit of the source: COPY of the table to nowhere. Arguments: URL, table.
import pg from 'pg';
import { to } from 'pg-copy-streams';

const [url, table] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
let bytes = 0;
for await (const chunk of client.query(to(`COPY ${table} TO STDOUT`))) bytes += chunk.length;
await client.end();
process.stdout.write(JSON.stringify({ bytes }));
