import type { ColumnType } from './column.ts';

/** Whether the server leaves the rows as they are when a column of one type becomes another. */
export function keepsRows(from: ColumnType, to: ColumnType): boolean {
  if (from.array || to.array) return from.array === to.array && from.name === to.name && same(from, to);
  if (from.name === to.name && same(from, to)) return true;
  const [length] = from.modifiers;
  const [newLength] = to.modifiers;
  const notShorter = newLength === undefined || (length !== undefined && newLength >= length);
  switch (`${from.name} ${to.name}`) {
    case 'varchar text':
    case 'cidr inet':
      return true;
    case 'text varchar':
    case 'xml text':
    case 'xml varchar':
      return newLength === undefined;
    case 'varchar varchar':
    case 'varbit varbit':
    case 'timestamp timestamp':
    case 'timestamptz timestamptz':
    case 'time time':
    case 'timetz timetz':
    case 'interval interval':
      return notShorter;
    case 'numeric numeric':
      return newLength === undefined || (notShorter && (from.modifiers[1] ?? 0) === (to.modifiers[1] ?? 0));
    default:
      return false;
  }
}

function same(from: ColumnType, to: ColumnType): boolean {
  return from.modifiers.length === to.modifiers.length && from.modifiers.every((each, index) => each === to.modifiers[index]);
}
