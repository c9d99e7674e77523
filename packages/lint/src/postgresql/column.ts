import { words } from './names.ts';
import type { ColumnNode, ConstraintNode, Expression, TypeName } from './tree.ts';

/** A type in the form that rules compare. */
export interface ColumnType {
  /** The name in the catalog: `int4`, `varchar`, `bpchar`, `timestamp`. */
  readonly name: string;
  /** What stands in parentheses. */
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

/** A column of CREATE TABLE or ADD COLUMN. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType | undefined;
  readonly notNull: boolean;
  readonly default: Expression | undefined;
  readonly generated: 'stored' | 'virtual' | undefined;
  readonly identity: boolean;
  readonly serial: boolean;
  readonly constraints: readonly ConstraintNode[];
  /** Where it begins, in bytes of the script. */
  readonly location: number | undefined;
}

/** The types that number by a sequence; each has its own integer type. */
const serials: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
};

/** Reads a column of the parse tree. */
export function columnOf(node: ColumnNode): Column {
  const constraints = (node.constraints ?? []).map(({ Constraint }) => Constraint);
  const find = (kind: string) => constraints.find(({ contype }) => contype === kind);
  const generated = find('CONSTR_GENERATED');
  const written = node.typeName && typeOf(node.typeName);
  const serial = written !== undefined && Object.hasOwn(serials, written.name);
  return {
    name: node.colname ?? '',
    type: serial ? { ...written, name: serials[written.name]! } : written,
    notNull: constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY'),
    default: find('CONSTR_DEFAULT')?.raw_expr,
    generated: generated && (generated.generated_kind === 'v' ? 'virtual' : 'stored'),
    identity: find('CONSTR_IDENTITY') !== undefined,
    serial,
    constraints,
    location: node.location,
  };
}

/** Reads a type of the parse tree. */
export function typeOf(node: TypeName): ColumnType {
  const modifiers = (node.typmods ?? []).flatMap((modifier) => {
    const constant = modifier['A_Const'] as { ival?: { ival?: number } } | undefined;
    return constant?.ival ? [constant.ival.ival ?? 0] : [];
  });
  return { name: words(node.names).at(-1) ?? '', modifiers, array: (node.arrayBounds ?? []).length > 0 };
}

/** A type as people write it. */
export function typeText({ name, modifiers, array }: ColumnType): string {
  return `${name}${modifiers.length > 0 ? `(${modifiers.join(',')})` : ''}${array ? '[]' : ''}`;
}
