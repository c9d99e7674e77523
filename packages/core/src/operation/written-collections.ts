/** The collections that a journaled operation makes, changes or drops; of `run_sql` nobody can tell. */
export function writtenCollections(operation: object): string[] {
  const { type, collection, data } = operation as {
    type: string;
    collection: string;
    data?: { into?: string; new_name?: string };
  };
  if (data?.into !== undefined) return [data.into];
  return type === 'rename_collection' ? [collection, data!.new_name!] : [collection];
}
