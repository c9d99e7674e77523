import { PolyshiftError, type Unsupported } from '@polyshift/core';

/** How every such message begins; the conformance suite gathers them into a list at its end. */
const beginning = 'left to do';

/**
 * Stands where an adapter is not yet written: what calls it fails with what to write next.
 * @param step the step of docs/writing-an-adapter.md that it belongs to; the list is in this order
 * @throws PolyshiftError UNSUPPORTED_OPERATION, always
 */
export function leftToDo(step: number, file: string, what: string): never {
  throw new PolyshiftError('UNSUPPORTED_OPERATION', `${beginning}, step ${step}: ${file}: ${what}`);
}

/** In the capabilities: nobody has decided yet whether the store carries an operation. The conformance suite fails for it. */
export function undecided(step: number, file: string): Unsupported {
  return { supported: false, reason: `${beginning}, step ${step}: ${file}: carry it, or say why the store cannot` };
}
