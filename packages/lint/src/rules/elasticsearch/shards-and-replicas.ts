import { settingsOf } from '../../operations/elasticsearch-mappings.ts';
import { operationRule } from '../../operations/rule.ts';

/** Makes an index without replicas, or with many shards. */
export const shardsAndReplicas = operationRule({
  code: 'ES006',
  name: 'shards-and-replicas',
  store: 'elasticsearch',
  level: 'warning',
  doc: {
    what: 'Makes an index without replicas, or with many shards.',
    why: 'Without a replica a lost node loses documents; each shard takes memory, and small ones make searches slow.',
    lock: 'Nothing is locked.',
    safe: 'number_of_replicas: 1 or more once it is loaded; shards of 10 to 50 GB.',
  },
  examples: {
    unsafe: [
      [{ type: 'create_collection', collection: 'p', data: { options: { settings: { number_of_replicas: 0 } } } }],
      [{ type: 'create_collection', collection: 'p', data: { options: { settings: { number_of_shards: 50 } } } }],
    ],
    safe: [
      [
        {
          type: 'create_collection',
          collection: 'p',
          data: { options: { settings: { number_of_replicas: 1, number_of_shards: 2 } } },
        },
      ],
    ],
  },
  *check(operation) {
    const settings = settingsOf(operation);
    const replicas = settings['number_of_replicas'];
    const shards = settings['number_of_shards'];
    if (replicas !== undefined && Number(replicas) === 0 && settings['auto_expand_replicas'] === undefined)
      yield { path: ['data'], message: `${operation.collection} has no replica: a lost node loses documents.` };
    if (shards !== undefined && Number(shards) > 20)
      yield { path: ['data'], message: `${operation.collection} has ${shards} shards.` };
  },
});
