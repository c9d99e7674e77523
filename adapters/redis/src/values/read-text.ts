import { ConversionError, castValue, digitsOf, isInt32, type PortableType, type PortableValue } from '@polyshift/core';

/** The texts that polyshift itself writes for a type, which are its values as they stand; others go through a conversion. */
const canonical: { readonly [Kind in PortableType['kind']]?: RegExp } = {
  decimal: /^-?\d+(?:\.\d+)?$|^NaN$|^-?Infinity$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  date: /^[-+]?\d{4,}-\d\d-\d\d$|^-?infinity$/,
  time: /^\d\d:\d\d:\d\d(?:\.\d+)?$/,
  time_tz: /^\d\d:\d\d:\d\d(?:\.\d+)?[-+]\d\d:\d\d(?::\d\d)?$/,
  timestamp: /^[-+]?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$|^-?infinity$/,
  timestamptz: /^[-+]?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$|^-?infinity$/,
  object_id: /^[0-9a-f]{24}$/,
};

const floats: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

/** Reads a text as a value of a scalar type; undefined where it is none (an application has written something else). */
export function readScalar(type: PortableType, text: string): PortableValue | undefined {
  switch (type.kind) {
    case 'text':
    case 'native':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : cast(type, text);
    case 'int16':
    case 'int32':
      return /^-?\d{1,10}$/.test(text) && isInt32(Number(text)) ? Number(text) : cast(type, text);
    case 'int64':
      return /^-?\d{1,18}$/.test(text) ? BigInt(text) : cast(type, text);
    case 'float32':
    case 'float64':
      return Object.hasOwn(floats, text)
        ? floats[text]
        : /^-?[\d.]+(?:e[-+]?\d+)?$/i.test(text) && !Number.isNaN(Number(text))
          ? Number(text)
          : undefined;
    case 'decimal':
      return canonical.decimal!.test(text) ? text : decimal(text);
    case 'time_tz':
      return canonical.time_tz!.test(text) ? text : undefined;
    default:
      return canonical[type.kind]?.test(text) ? text : cast(type, text);
  }
}

function cast(type: PortableType, text: string): PortableValue | undefined {
  try {
    return castValue({ kind: 'text' }, text, type);
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}

function decimal(text: string): string | undefined {
  const digits = digitsOf({ kind: 'text' }, text);
  return canonical.decimal!.test(digits) ? digits : undefined;
}
