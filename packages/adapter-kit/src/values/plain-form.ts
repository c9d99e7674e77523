import { ConversionError, dynamicOfPlain, type PortableValue, parseJson, Tagged, toDynamic } from '@polyshift/core';

/**
 * A dynamic value without a tag that says nothing: JSON text becomes what it stands for, an enum its text, a tagged array one of dynamic values. What
 * stays tagged is what the value alone does not say: decimals, dates, uuids and the like.
 */
export function plainForm(value: PortableValue): PortableValue {
  if (!(value instanceof Tagged)) return value;
  switch (value.type.kind) {
    case 'dynamic':
      return plainForm(value.value);
    case 'json':
      return parsed(value);
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'text':
    case 'enum':
    case 'bytes':
    case 'document':
    case 'array':
      return toDynamic(value.type, value.value);
    default:
      return value;
  }
}

function parsed(value: Tagged): PortableValue {
  try {
    return dynamicOfPlain(parseJson(String(value.value)));
  } catch (error) {
    // A text that is not JSON stays what it is, and equals nothing but itself.
    if (error instanceof ConversionError) return value;
    throw error;
  }
}
