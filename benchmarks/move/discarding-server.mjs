import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { BSON } from 'mongodb';

/** OP_MSG of MongoDB's wire protocol. */
const opMsg = 2013;

/**
 * A server in front of a MongoDB that throws away what is inserted into one collection and says that it was written; everything else goes through. What
 * is left of a move is the mover's own speed. `inserted()` gives the documents that were thrown away.
 * @param {{host: string, port: number}} behind @param {{database: string, collection: string}} discarded
 */
export async function discardingServer(behind, discarded) {
  let count = 0;
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(behind);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    let waiting = [];
    let size = 0;
    client.on('data', (chunk) => {
      waiting.push(chunk);
      size += chunk.length;
      while (size >= 4) {
        if (waiting[0].length < 4) waiting = [Buffer.concat(waiting)];
        const length = waiting[0].readInt32LE(0);
        if (size < length) return;
        const bytes = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
        const message = bytes.subarray(0, length);
        const documents = documentsOf(message, discarded);
        if (documents === undefined) upstream.write(message);
        else {
          count += documents;
          client.write(acknowledgement(message.readInt32LE(4), documents));
        }
        waiting = bytes.length > length ? [bytes.subarray(length)] : [];
        size = bytes.length - length;
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    inserted: () => count,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The number of documents of an insert into the collection; undefined for every other message. */
function documentsOf(message, { database, collection }) {
  if (message.readInt32LE(12) !== opMsg) return undefined;
  let command;
  let inSequences = 0;
  for (let at = 20; at < message.length; ) {
    const size = message.readInt32LE(at + 1);
    if (message[at] === 0) {
      // The name of the command is the first field; documents that stand within the command are counted, but hardly anybody sends them so.
      if (message.toString('latin1', at + 6, at + 12) !== 'insert') return undefined;
      command = BSON.deserialize(message.subarray(at + 1, at + 1 + size));
      if (command.insert !== collection || command.$db !== database) return undefined;
    } else {
      const end = at + 1 + size;
      for (let document = message.indexOf(0, at + 5) + 1; document < end; document += message.readInt32LE(document))
        inSequences++;
    }
    at += 1 + size;
  }
  return inSequences + (command?.documents?.length ?? 0);
}

/** The reply `{n, ok: 1}` to a request. */
function acknowledgement(request, n) {
  const body = BSON.serialize({ n, ok: 1 });
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(request, 8);
  message.writeInt32LE(opMsg, 12);
  message.set(body, 21);
  return message;
}
