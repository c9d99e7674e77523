import type { PortableValue } from '@polyshift/core';
import type { PgType } from '../catalog/pg-types.ts';
import { decoderOf } from './decode.ts';

/** The decoder of a column in the form that batches want it. */
export function decodeWith(type: PgType, modifier: number): (raw: unknown) => PortableValue {
  const decode = decoderOf(type, modifier);
  return (raw) => decode(raw as string);
}
