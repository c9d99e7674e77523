import type { PortableValue } from '@polyshift/core';
import type { PgType } from '../catalog/pg-types.ts';
import { decoderOf } from './decode.ts';

/** The decoder of a column in the form that batches want it. */
export function decodeWith(type: PgType, modifier: number): (raw: unknown) => PortableValue {
  return decoderOf(type, modifier) as (raw: unknown) => PortableValue;
}
