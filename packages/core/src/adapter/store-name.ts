/** The stores that polyshift's own adapters speak to; an adapter of somebody else uses any other name. */
export const storeNames = ['postgresql', 'mysql', 'mongodb', 'dynamodb', 'cassandra', 'redis', 'elasticsearch'] as const;

/** The name of a store, as `type` in configurations and specs. */
export type StoreName = (typeof storeNames)[number] | (string & {});
