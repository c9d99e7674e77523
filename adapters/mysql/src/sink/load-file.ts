import { Readable } from 'node:stream';
import type { TableColumn } from '../catalog/table.ts';
import type { Connection, Raw } from '../connection.ts';
import { quote } from '../identifiers.ts';
import type { RawRows } from '../row-images/stage.ts';
import { typeParts } from '../types.ts';

/** Characters of the file that are sent at once. */
const pieceLength = 64 * 1024;

/** How a column stands in the file: the text of its values, and what the server makes of it where that is not the value. */
interface FileColumn {
  write(raw: NonNullable<Raw>): string;
  readonly expression?: (variable: string) => string;
}

/** Whether a file says of each of these columns what an INSERT would say. */
export function canLoadFile(columns: readonly TableColumn[]): boolean {
  return columns.every((column) => fileColumn(column) !== undefined);
}

/**
 * Writes rows by one LOAD DATA LOCAL, which costs the server about half of what inserts of many rows do. From a client it passes over duplicates and
 * bends values that do not fit, each with a warning in place of an error.
 *
 * @returns whether every row was written without a warning; else the caller takes the statement back
 */
export async function loadFile(
  connection: Connection,
  table: string,
  columns: readonly TableColumn[],
  rows: RawRows,
): Promise<boolean> {
  const files = columns.map((column) => fileColumn(column)!);
  const fields = columns.map(({ name }, index) => (files[index]!.expression ? `@polyshift_${index}` : quote(name)));
  const made = columns.flatMap(({ name }, index) => {
    const { expression } = files[index]!;
    return expression ? [`${quote(name)} = ${expression(`@polyshift_${index}`)}`] : [];
  });
  const set = made.length > 0 ? ` SET ${made.join(', ')}` : '';
  const sql = `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${table} CHARACTER SET utf8mb4 (${fields.join(', ')})${set}`;
  const result = await connection.load(sql, Readable.from(pieces(files, rows)));
  return result.rows === rows.length && result.warnings === 0;
}

function* pieces(files: readonly FileColumn[], rows: RawRows): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    for (let index = 0; index < files.length; index++) {
      const raw = row[index];
      text += `${index > 0 ? '\t' : ''}${raw === null || raw === undefined ? '\\N' : files[index]!.write(raw)}`;
    }
    text += '\n';
    if (text.length < pieceLength) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

const plain: FileColumn = { write: String };
const escaped: FileColumn = { write: (raw) => escapeText(String(raw)) };
const hexadecimal: FileColumn = {
  write: (raw) => Buffer.from(raw as Buffer).toString('hex'),
  expression: (variable) => `UNHEX(${variable})`,
};
/** A file has no literals of bits; as text the column would take the bytes of the digits. */
const digits: FileColumn = {
  write: (raw) => String(BigInt(`0b${String(raw)}`)),
  expression: (variable) => `CAST(${variable} AS UNSIGNED)`,
};

/** Undefined for a column of which a file could say something else than an INSERT, without a warning. */
function fileColumn({ type, native }: TableColumn): FileColumn | undefined {
  switch (type.kind) {
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
      // The number 0 is the year 0000, and the text 0 is the year 2000.
      return typeParts(native).word === 'year' ? undefined : plain;
    case 'float32':
    case 'float64':
      return { write: (raw) => (Object.is(raw, -0) ? '-0' : String(raw)) };
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'text':
    case 'enum':
    case 'uuid':
    case 'json':
      return escaped;
    case 'bytes':
      return hexadecimal;
    case 'bits':
      return digits;
    default:
      return undefined;
  }
}

function escapeText(text: string): string {
  return /[\\\t\n\0]/.test(text) ? text.replace(/[\\\t\n\0]/g, (sign) => escapes[sign]!) : text;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' };
