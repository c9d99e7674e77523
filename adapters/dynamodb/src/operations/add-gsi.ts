import { indexHandler } from '../indexes/handler.ts';
import type { IndexDefinition, KeyField } from '../tables/definition.ts';
import type { HandlerOf } from './handler-of.ts';

const keyTypes = { text: 'S', decimal: 'N', bytes: 'B' } as const;

/** add_gsi: a global secondary index, and what it holds. */
export const addGsi: HandlerOf<'add_gsi', { index: IndexDefinition; existed: boolean }> = (store) =>
  indexHandler(store, {
    async index({ data }, table) {
      const { partition_key, sort_key, projection } = data;
      return {
        name: data.name,
        local: false,
        key: [partition_key, ...(sort_key ? [sort_key] : [])].map(
          ({ field, type }): KeyField => ({ field, type: keyTypes[type] }),
        ),
        projection: Array.isArray(projection) ? [...projection].sort() : projection,
        capacity: table.billing_mode === 'provisioned' ? (data.capacity ?? table.capacity) : null,
      };
    },

    refused: () => [],
  });
