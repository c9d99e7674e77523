import type { TableColumn } from '../catalog/table.ts';

/** Types whose length a cast would cut values to, and the type that takes them whole. */
const whole: Readonly<Record<string, string>> = { varchar: 'varchar', bpchar: 'bpchar', bit: 'varbit', varbit: 'varbit' };

/**
 * The type to cast a value of a column to, so that it is what the column gets when the value is assigned: without a length, because a cast cuts what
 * is too long, where an assignment refuses it.
 */
export function looseType({ pgType, native }: Pick<TableColumn, 'pgType' | 'native'>): string {
  const element = pgType.form === 'array' ? pgType.of! : pgType;
  const loose = element.schema === 'pg_catalog' ? whole[element.name] : undefined;
  if (loose === undefined) return native;
  return pgType.form === 'array' ? `${loose}[]` : loose;
}
