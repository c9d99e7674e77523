import type { Column, SinkTarget, TypeReference } from '@polyshift/core';
import { PolyshiftError, typeReference } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { resolveType } from '../handler/type-reference.ts';
import { quote, quoteList } from '../identifiers.ts';
import { rawForm } from '../source/columns.ts';
import { toNativeType } from '../types.ts';

/** A column of a table that is still to be created. */
export interface NewColumn {
  readonly name: string;
  readonly native: string;
  readonly nullable: boolean;
}

/**
 * The columns of a target that does not exist yet: as `load_params.columns` says, else as the source's own type where the source is a
 * PostgreSQL whose type exists here too, else as the best type for the portable one. Throws INVALID_DOCUMENT.
 */
export async function newColumns(connection: Connection, target: SinkTarget): Promise<NewColumn[]> {
  const wanted = columnParams(target);
  const names = [...new Set([...target.columns.map((column) => column.name), ...Object.keys(wanted)])];
  if (names.length === 0) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${target.collection} does not exist, and documents do not say what columns it is to have.`,
      {
        hint: 'Create the table first, name its columns in load_params.columns, or add a transform step.',
      },
    );
  }
  const columns: NewColumn[] = [];
  for (const name of names) {
    const reference = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    const source = target.columns.find((column) => column.name === name);
    const native =
      reference === undefined ? await nativeOf(connection, source!) : (await resolveType(connection, reference)).native;
    // json has no equality, which a key needs.
    columns.push({
      name,
      native: target.key.includes(name) && native === 'json' ? 'jsonb' : native,
      nullable: source?.nullable ?? true,
    });
  }
  const missing = target.key.find((field) => !names.includes(field));
  if (missing !== undefined)
    throw new PolyshiftError('INVALID_DOCUMENT', `The key names ${missing}, which is no column of ${target.collection}.`);
  return columns;
}

/** The statement that creates the target. */
export function createTargetStatement(sql: string, columns: readonly NewColumn[], key: readonly string[]): string {
  const parts = columns.map(({ name, native, nullable }) => `${quote(name)} ${native}${nullable ? '' : ' NOT NULL'}`);
  return `CREATE TABLE ${sql} (${[...parts, `PRIMARY KEY (${quoteList(key)})`].join(', ')})`;
}

/** Column types as the spec gives them. Throws INVALID_DOCUMENT. */
export function columnParams(target: SinkTarget): Record<string, TypeReference> {
  const given = target.params?.['columns'] ?? {};
  const result: Record<string, TypeReference> = {};
  for (const [name, reference] of Object.entries(given as object)) {
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

async function nativeOf(connection: Connection, column: Column): Promise<string> {
  if (column.form === rawForm && column.native !== undefined) {
    // The type without its modifier: a type of the source's own (an enum) may be missing here.
    const name = column.native.replace(/\([^)]*\)/, '');
    const row = await connection.row<{ found: string | null }>('SELECT to_regtype($1) AS found', [name]);
    if (row?.found != null) return column.native;
  }
  // The name of another store's type may be that of a type here with other values (a BSON timestamp): its text is what is safe.
  return column.type.kind === 'native' ? 'text' : toNativeType(column.type);
}
