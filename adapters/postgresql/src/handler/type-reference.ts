import type { PortableType, TypeReference } from '@polyshift/core';
import { PolyshiftError, portableTypeOf } from '@polyshift/core';
import { type PgType, readTypes } from '../catalog/pg-types.ts';
import { withQualifiedNames } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { parseSql } from '../sql-parser.ts';
import { nativeOfReference, toPortableType } from '../types.ts';

/** A type that the server knows. */
export interface ResolvedType {
  /** As SQL, qualified. */
  readonly native: string;
  readonly pgType: PgType;
  readonly modifier: number;
  readonly portable: PortableType;
}

/** The type as SQL, after the parser has said that it is a type and nothing else. Throws INVALID_DOCUMENT. */
export async function typeSql(reference: TypeReference): Promise<string> {
  const native = nativeOfReference(reference);
  // The name of a portable type: the text is ours, and the parser need not even be loaded.
  if (typeof reference === 'string' && portableTypeOf(reference)) return native;
  const refuse = (reason: string): PolyshiftError =>
    new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(native)} is not a type of PostgreSQL: ${reason}.`, {
      hint: 'Write a portable type (int64, text, ...) or a native one (varchar(40), numeric(12,2), timestamptz).',
    });
  if (/^\s*(small|big)?serial\s*$/i.test(native))
    throw refuse('serial is short for a sequence and a default; use identity: true');
  try {
    // As a cast target nothing but a type can stand here; anything that ends the cast early gives another tree.
    const [statement, ...others] = await parseSql(`SELECT NULL::${native}`);
    const select = (statement?.node as { SelectStmt?: { targetList?: { ResTarget?: { val?: object; name?: string } }[] } })
      ?.SelectStmt;
    const target = select?.targetList?.[0]?.ResTarget;
    const only = Object.keys(select ?? {}).every((key) => ['targetList', 'limitOption', 'op'].includes(key));
    if (
      others.length > 0 ||
      !only ||
      select?.targetList?.length !== 1 ||
      target?.name !== undefined ||
      !('TypeCast' in (target?.val ?? {}))
    ) {
      throw new Error('it holds more than a type');
    }
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  return native;
}

/** Asks the server for a type: what it is called in full, and what its values are. Throws INVALID_DOCUMENT. */
export async function resolveType(connection: Connection, reference: TypeReference): Promise<ResolvedType> {
  const sql = await typeSql(reference);
  let field: { dataTypeID: number; dataTypeModifier: number } | undefined;
  try {
    const result = await connection.client.query({ text: `SELECT NULL::${sql} LIMIT 0`, rowMode: 'array' });
    field = result.fields[0];
  } catch (error) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `PostgreSQL has no type ${sql}: ${error instanceof Error ? error.message : String(error)}.`,
      {
        cause: error,
      },
    );
  }
  const { dataTypeID: oid, dataTypeModifier: modifier } = field!;
  return await withQualifiedNames(connection, async () => {
    const row = await connection.row<{ native: string }>('SELECT format_type($1::oid, $2) AS native', [oid, modifier]);
    const pgType = (await readTypes(connection, [oid])).get(oid)!;
    return { native: row!.native, pgType, modifier, portable: toPortableType(pgType, modifier) };
  });
}
