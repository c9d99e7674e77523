import type { PortableType, PortableValue } from '@polyshift/core';
import type { Raw } from '../connection.ts';
import { typeParts } from '../types.ts';
import { type Lose, typed, type ValueEncoder } from './conversion.ts';
import { jsonEncoder } from './encode-json.ts';
import { booleanEncoder, decimalEncoder, floatEncoder, integerEncoder } from './encode-number.ts';
import { bitsEncoder, bytesEncoder, labelEncoder, nativeEncoder, textEncoder, uuidEncoder } from './encode-text.ts';
import { dateEncoder, timeEncoder, timestampEncoder } from './encode-time.ts';

/** What writing a value needs to know of its column. */
export interface EncodedColumn {
  readonly type: PortableType;
  readonly native: string;
}

/**
 * Compiles what turns values of one type into what the driver gives for them when they are read again from the column, so that a written
 * batch can be compared with the target. Throws CONVERSION_FAILED for a value that does not fit.
 */
export function encoderOf(column: EncodedColumn, source: PortableType): (value: PortableValue, lose: Lose) => NonNullable<Raw> {
  const encode = columnEncoder(column);
  return (value, lose) => encode(typed(source, value), lose);
}

function columnEncoder({ type, native }: EncodedColumn): ValueEncoder {
  switch (type.kind) {
    case 'boolean':
      return booleanEncoder;
    case 'int16':
    case 'int32':
    case 'int64':
      return integerEncoder(native);
    case 'float32':
    case 'float64':
      return floatEncoder(type.kind === 'float32', native);
    case 'decimal':
      return decimalEncoder(native);
    case 'text':
      return textEncoder(native);
    case 'uuid':
      return uuidEncoder;
    case 'bytes':
      return bytesEncoder(native);
    case 'date':
      return dateEncoder;
    case 'time':
      return timeEncoder(native);
    case 'timestamp':
    case 'timestamptz':
      return timestampEncoder(native);
    case 'json':
      return jsonEncoder(native === 'json');
    case 'enum':
      return labelEncoder(native);
    case 'bits':
      return bitsEncoder(native);
    default:
      return typeParts(native).word === 'set' ? labelEncoder(native) : nativeEncoder(native);
  }
}
