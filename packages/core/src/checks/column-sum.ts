import type { StoreSession } from '../adapter/adapter.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { decimalText, isFiniteDecimal, parseDecimal } from '../value/decimal.ts';
import { type PortableValue, Tagged } from '../value/portable-value.ts';
import { type FieldsOf, type FieldValue, readFields, rowText } from './read-fields.ts';

/** What is summed up. */
export type SummedField = Pick<FieldsOf, 'collection' | 'conditions'> & { readonly field: string };

/**
 * The exact sum of a field as digits, whatever the order of the rows; nulls are left out, `0` without any value. Texts of digits count as their
 * numbers, since some stores hold numbers so; NaN and the infinities make the sum `NaN`. Throws CONVERSION_FAILED at a value that is no number.
 */
export async function columnSum(session: StoreSession, { collection, field, conditions }: SummedField): Promise<string> {
  let sum = { unscaled: 0n, scale: 0 };
  let finite = true;
  for await (const [found] of readFields(session, { collection, fields: [field], conditions })) {
    if (found === undefined) continue;
    const digits = digitsOf(found, `${collection}.${field}`);
    if (!isFiniteDecimal(digits)) {
      finite = false;
      continue;
    }
    const { unscaled, scale } = parseDecimal(digits);
    const most = Math.max(scale, sum.scale);
    sum = { unscaled: raised(sum, most) + raised({ unscaled, scale }, most), scale: most };
  }
  if (!finite) return 'NaN';
  while (sum.scale > 0 && sum.unscaled % 10n === 0n) sum = { unscaled: sum.unscaled / 10n, scale: sum.scale - 1 };
  return decimalText(sum);
}

function raised({ unscaled, scale }: { unscaled: bigint; scale: number }, to: number): bigint {
  return unscaled * 10n ** BigInt(to - scale);
}

function digitsOf(found: NonNullable<FieldValue>, where: string): string {
  const value: PortableValue = found.value instanceof Tagged ? found.value.value : found.value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string' && (!isFiniteDecimal(value) || /^-?\d+(\.\d+)?$/.test(value))) return value;
  throw new PolyshiftError('CONVERSION_FAILED', `${where} holds ${rowText([found])}, which is no number to sum up`);
}
