import type { SourceRejection } from '../transform/transform-batch.ts';
import type { JoinedGroup } from './fetch-joined.ts';
import type { JoinKey } from './join-key.ts';
import type { OpenJoin } from './open-join.ts';

/** Why a row cannot be loaded because of one join; undefined where it can. */
export function refusalOf(
  index: number,
  { join }: OpenJoin,
  key: JoinKey | undefined,
  group: JoinedGroup | undefined,
): SourceRejection | undefined {
  const fields = Object.values(join.on).join(', ');
  const values = key ? key.values.map((value) => JSON.stringify(value)).join(', ') : 'null';
  const refuse = (code: SourceRejection['code'], message: string): SourceRejection => ({
    index,
    field: join.kind === 'exists' ? '' : join.as,
    code,
    message,
  });
  if (key?.refused !== undefined) return refuse('CONVERSION_FAILED', key.refused);
  if (!group) {
    if (!join.required) return undefined;
    return refuse('ORPHANED', `${join.table} has no row for ${fields} = ${values}`);
  }
  if (group.refused !== undefined) return refuse('ORPHANED', group.refused);
  if (join.kind === 'one' && group.count > 1) {
    return refuse(
      'DUPLICATE_KEY',
      `${join.table} has ${group.count} rows for ${fields} = ${values}, and the join is of kind one`,
    );
  }
  if (join.kind === 'many' && group.count > join.max_rows) {
    return refuse(
      'ROW_REJECTED',
      `${join.table} has ${group.count} rows for ${fields} = ${values}, more than max_rows (${join.max_rows})`,
    );
  }
  return undefined;
}
