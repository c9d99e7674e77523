/** A row without its key: field to the text of its value. A field without a value is left out. */
export type WorldRow = Readonly<Record<string, string>>;

/** The data of a store as the model reckons it, with none of polyshift's code: collection to the text of a key to the row. */
export type World = ReadonlyMap<string, ReadonlyMap<string, WorldRow>>;

/** The world with one collection as it is after a change of each row. */
export function withRows(world: World, collection: string, change: (row: WorldRow, key: string) => WorldRow): World {
  const rows = new Map([...world.get(collection)!].map(([key, row]) => [key, change(row, key)] as const));
  return new Map(world).set(collection, rows);
}

/** A row without one of its fields. */
export function without(row: WorldRow, field: string): WorldRow {
  const { [field]: _gone, ...rest } = row;
  return rest;
}
