import { readAhead } from '../pipeline/read-ahead.ts';
import { fetchJoined } from './fetch-joined.ts';
import { joinDocuments } from './join-documents.ts';
import { joinRows } from './join-rows.ts';
import type { OpenJoined } from './joined.ts';
import { describeJoin, type OpenJoin } from './open-join.ts';

/**
 * Opens a scan with joins: for each batch of rows the joined ones are read by conditions on the joined fields, through the ordinary scan
 * of the source, so that every store can do it. Memory holds one batch and what is joined to it. Throws what the source throws about names.
 */
export const openJoined: OpenJoined = async (source, query, joins) => {
  if (joins.length === 0) return source.scan(query);
  const compared = [...new Set(joins.flatMap((join) => Object.values(join.on)))];
  const { fields } = query;
  const scan = await source.scan({ ...query, fields: fields && [...new Set([...fields, ...compared])] });
  try {
    const opened: OpenJoin[] = [];
    for (const join of joins) opened.push(await describeJoin(openJoined, source, join, scan.description.dynamic));
    const hidden = new Set(fields ? compared.filter((name) => !fields.includes(name)) : []);
    const joiner = scan.description.dynamic
      ? joinDocuments(scan.description, opened, hidden)
      : joinRows(scan.description, opened, hidden);
    return {
      description: { ...scan.description, columns: joiner.columns },
      count: () => scan.count(),
      partitions: (want) => scan.partitions(want),
      ...(scan.split ? { split: (partition, after) => scan.split!(partition, after) } : {}),
      ...(scan.share ? { share: () => scan.share!() } : {}),
      async *read(partition, options) {
        for await (const { batch, last_key } of readAhead(scan.read(partition, options))) {
          const keys = opened.map((each) => joiner.keysOf(batch, each));
          const found: Awaited<ReturnType<typeof fetchJoined>>[] = [];
          for (const [index, each] of opened.entries()) {
            found.push(await fetchJoined(openJoined, source, each, keys[index]!, options.signal));
          }
          yield { last_key, ...joiner.join(batch, keys, found) };
        }
      },
      [Symbol.asyncDispose]: () => scan[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scan[Symbol.asyncDispose]();
    throw error;
  }
};
