/** The collections that a journaled operation makes, changes or drops; of `run_sql` nobody can tell. */
export function writtenCollections(operation: object): string[] {
  const { type, collection, data } = operation as {
    type: string;
    collection: string;
    data?: {
      into?: string;
      new_name?: string;
      split?: readonly { readonly into: string }[];
      merge?: readonly { readonly from: string }[];
    };
  };
  if (data?.into !== undefined) return [data.into];
  if (type === 'rename_collection') return [collection, data!.new_name!];
  return [collection, ...(data?.split ?? []).map(({ into }) => into), ...(data?.merge ?? []).map(({ from }) => from)];
}
