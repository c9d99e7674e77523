import type { RawRow, RowKey } from '@polyshift/adapter-kit';
import { type JsonValue, PolyshiftError } from '@polyshift/core';
import type { ColumnDefinition, Table } from '../catalog/table.ts';
import type { CqlType } from '../values/cql-type.ts';
import { fromBytes } from '../values/from-bytes.ts';
import { varintBytes } from '../values/integer-bytes.ts';

/**
 * The key of a row as JSON: a list of partition and clustering key. Integers, texts, uuids and booleans stand as people read them, values of other
 * types as `{"bytes": BASE64}`. The static values of a partition have its key with null in the place of the clustering key.
 */
export function keyOfRow(table: Pick<Table, 'partitionKey' | 'clusteringKey'>, row: RawRow<Buffer>): RowKey {
  return keyColumns(table).map((column) => {
    const bytes = row.get(column.name);
    return bytes === undefined ? null : keyPart(column.type, bytes);
  });
}

/** The columns of the whole key, in order. */
export function keyColumns(table: Pick<Table, 'partitionKey' | 'clusteringKey'>): readonly ColumnDefinition[] {
  return [...table.partitionKey, ...table.clusteringKey];
}

/** Whether a key is that of the static values of a partition. */
export function isStaticKey(table: Table, key: RowKey): boolean {
  return table.clusteringKey.length > 0 && (key as JsonValue[])[table.partitionKey.length] === null;
}

/** The bytes of a key's parts, in order; those of static values have none behind the partition key. Throws INVALID_DOCUMENT for another form. */
export function keyBytes(table: Table, key: RowKey): Buffer[] {
  const columns = isStaticKey(table, key) ? table.partitionKey : keyColumns(table);
  if (!Array.isArray(key) || key.length < columns.length)
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(key)} is not the key of a row of ${table.name}`);
  return columns.map((column, index) => partBytes(column.type, key[index]!));
}

function keyPart(type: CqlType, bytes: Buffer): JsonValue {
  switch (type.name) {
    case 'ascii':
    case 'text':
    case 'uuid':
    case 'timeuuid':
    case 'varint':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'boolean':
      return bytes.length === 0 && type.name !== 'text' && type.name !== 'ascii'
        ? { bytes: '' }
        : (fromBytes(type, bytes) as JsonValue);
    case 'bigint':
      return bytes.length === 0 ? { bytes: '' } : String(bytes.readBigInt64BE());
    default:
      return { bytes: bytes.toString('base64') };
  }
}

function partBytes(type: CqlType, part: JsonValue): Buffer {
  if (typeof part === 'object' && part !== null && !Array.isArray(part)) return Buffer.from(String(part['bytes']), 'base64');
  switch (type.name) {
    case 'uuid':
    case 'timeuuid':
      return Buffer.from(String(part).replaceAll('-', ''), 'hex');
    case 'varint':
      return varintBytes(BigInt(String(part)));
    case 'boolean':
      return Buffer.from([part ? 1 : 0]);
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint': {
      const size = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }[type.name];
      return Buffer.from(
        BigInt.asUintN(size * 8, BigInt(part as string | number))
          .toString(16)
          .padStart(size * 2, '0'),
        'hex',
      );
    }
    default:
      return Buffer.from(String(part), 'utf8');
  }
}

/** The bytes that the store orders partitions of one token by. */
export function partitionBytes(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1) return parts[0]!;
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.allocUnsafe(2);
      length.writeUInt16BE(part.length);
      return [length, part, Buffer.from([0])];
    }),
  );
}
