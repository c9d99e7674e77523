/** A Decimal128 whose coefficient has at most 15 digits. */
export interface SmallDecimal {
  readonly coefficient: number;
  /** The highest 32 bits: the sign, 14 bits of the exponent, and the top of the coefficient, which is 0. */
  readonly high: number;
}

/** Puts its 16 bytes there, as BSON has them: the lowest first. */
export function putSmallDecimal(view: DataView, at: number, { coefficient, high }: SmallDecimal): void {
  const upper = Math.floor(coefficient / 4_294_967_296);
  view.setUint32(at, coefficient - upper * 4_294_967_296, true);
  view.setUint32(at + 4, upper, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, high, true);
}
