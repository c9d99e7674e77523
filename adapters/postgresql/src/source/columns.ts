import type { Column } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import { decodeWith } from '../values/decode-column.ts';

/** The name of the raw form: the text that the server prints for the column's type. */
export const rawForm = 'pg_text';

/** A column of the server as a column of batches. */
export function toBatchColumn(column: TableColumn): Column {
  return {
    name: column.name,
    type: column.type,
    native: column.native,
    nullable: column.nullable,
    form: rawForm,
    decode: decodeWith(column.pgType, column.modifier),
  };
}
