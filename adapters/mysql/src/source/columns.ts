import type { Column } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import type { Raw } from '../connection.ts';
import { decoderOf } from '../values/decode.ts';

/** The name of the raw form: what the driver gives for `readExpression` of the column. */
export const rawForm = 'mysql2';

/** A column of the server as a column of batches. */
export function toBatchColumn(column: TableColumn): Column {
  const decode = decoderOf(column.type);
  return {
    name: column.name,
    type: column.type,
    native: column.native,
    nullable: column.nullable,
    form: rawForm,
    decode: (raw) => decode(raw as NonNullable<Raw>),
  };
}
