import type { ColumnType } from './column.ts';

/** What becomes of a column's rows: `other` types are converted and copied. */
export type TypeChange = 'same' | 'longer' | 'crosses_length_byte' | 'other';

const bytesPerCharacter: Readonly<Record<string, number>> = { latin1: 1, ascii: 1, binary: 1, utf8: 3, utf8mb3: 3, ucs2: 2 };

/**
 * How a type changes. A longer varchar needs a second byte for its length where it may exceed 255 bytes.
 * @param free bytes up to which a varchar may grow to any length all the same: 127 in MariaDB
 */
export function typeChange(from: ColumnType, to: ColumnType, charset = 'utf8mb4', free = 0): TypeChange {
  if (from.name !== to.name || from.unsigned !== to.unsigned) return 'other';
  if (from.charset !== to.charset && from.charset !== undefined && to.charset !== undefined) return 'other';
  // The display width of integers changes nothing.
  if (/int$/.test(to.name)) return 'same';
  const equal =
    from.parameters.length === to.parameters.length && from.parameters.every((each, index) => each === to.parameters[index]);
  if (equal) return 'same';
  if (!/^var(char|binary)$/.test(to.name)) return 'other';
  const [before, after] = [Number(from.parameters[0]), Number(to.parameters[0])];
  if (!(after >= before)) return 'other';
  const bytes = to.name === 'varbinary' ? 1 : (bytesPerCharacter[to.charset ?? charset] ?? 4);
  return before * bytes > free && before * bytes <= 255 && after * bytes > 255 ? 'crosses_length_byte' : 'longer';
}

/** A type as people write it. */
export function typeText({ name, parameters, unsigned }: ColumnType): string {
  const shown = /^(enum|set)$/.test(name) ? parameters.map((value) => `'${value}'`) : parameters;
  return `${name}${shown.length > 0 ? `(${shown.join(',')})` : ''}${unsigned ? ' unsigned' : ''}`;
}
