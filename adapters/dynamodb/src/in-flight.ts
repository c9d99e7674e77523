import { requestsInFlight } from './connection.ts';

/** Does work for each item, many at once and in order of beginning; results by position. The first error ends it, once what is on its way has ended. */
export async function inFlight<Item, Result>(
  items: readonly Item[],
  work: (item: Item, position: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const position = next++;
      try {
        results[position] = await work(items[position]!, position);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(requestsInFlight, items.length) }, worker));
  const rejected = ended.find((each) => each.status === 'rejected');
  if (rejected) throw rejected.reason;
  return results;
}
