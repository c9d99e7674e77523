import type { Column, SinkTarget, TypeReference } from '@polyshift/core';
import { PolyshiftError, typeReference } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { resolveType } from '../handler/type-reference.ts';
import { checkName, quote, quoteList } from '../identifiers.ts';
import type { Dialect } from '../server-features.ts';
import { rawForm } from '../source/columns.ts';
import { loadedType } from '../types.ts';

/** A column of a table that is still to be created. */
export interface NewColumn {
  readonly name: string;
  /** The type as SQL, with what belongs to it. */
  readonly sql: string;
  readonly nullable: boolean;
}

/**
 * The columns of a target that does not exist yet: as `load_params.columns` says, else as the source's own type where the source is of this
 * adapter and the server knows it, else as the best type for the portable one. Throws INVALID_DOCUMENT.
 */
export async function newColumns(connection: Connection, target: SinkTarget, dialect: Dialect): Promise<NewColumn[]> {
  const wanted = columnParams(target);
  const names = [...new Set([...target.columns.map((column) => column.name), ...Object.keys(wanted)])];
  if (names.length === 0) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} does not exist, and documents do not say what columns it is to have.`,
      { hint: 'Create the table first, name its columns in load_params.columns, or add a transform step.' },
    );
  }
  const missing = target.key.find((field) => !names.includes(field));
  if (missing !== undefined)
    throw new PolyshiftError('INVALID_DOCUMENT', `The key names ${missing}, which is no column of ${target.collection}.`);
  const columns: NewColumn[] = [];
  for (const name of names) {
    checkName(name);
    const reference = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    const source = target.columns.find((column) => column.name === name);
    const sql =
      reference === undefined
        ? await sqlTypeOf(connection, source!, target, dialect)
        : (await resolveType(connection, reference)).sql;
    columns.push({ name, sql, nullable: (source?.nullable ?? true) && !target.key.includes(name) });
  }
  return columns;
}

/** The statement that creates the target. Idempotent. */
export function createTargetStatement(sql: string, columns: readonly NewColumn[], key: readonly string[]): string {
  const parts = columns.map(({ name, sql: type, nullable }) => {
    const [, head = type, check = ''] = /^(.*?)( CHECK .*)?$/s.exec(type) ?? [];
    return `${quote(name)} ${head} ${nullable ? 'NULL' : 'NOT NULL'}${check}`;
  });
  return `CREATE TABLE IF NOT EXISTS ${sql} (${[...parts, `PRIMARY KEY (${quoteList(key)})`].join(', ')}) DEFAULT CHARSET=utf8mb4`;
}

/** Column types as the spec gives them. Throws INVALID_DOCUMENT. */
function columnParams(target: SinkTarget): Record<string, TypeReference> {
  const result: Record<string, TypeReference> = {};
  for (const [name, reference] of Object.entries((target.params?.['columns'] ?? {}) as object)) {
    const parsed = typeReference.safeParse(reference);
    if (!parsed.success) {
      throw new PolyshiftError('INVALID_DOCUMENT', `load_params.columns.${name} is no type.`, {
        place: { path: `load_params.columns.${name}` },
      });
    }
    result[name] = parsed.data;
  }
  return result;
}

async function sqlTypeOf(connection: Connection, column: Column, target: SinkTarget, dialect: Dialect): Promise<string> {
  const key = target.key.includes(column.name) ? { size: target.key.length } : undefined;
  const native = column.form === rawForm && column.type.kind !== 'json' ? column.native : undefined;
  // Of the other kind of server, a type of its own may be missing here.
  if (native !== undefined && !(key && /text$|blob$/.test(native))) {
    const known = await resolveType(connection, native).catch(() => undefined);
    if (known) return native;
  }
  return loadedType(quote(column.name), column.type, key, dialect);
}
