import { simpleKinds, type TypeKind, type TypeTarget } from '@polyshift/core';

const exact: TypeTarget = { native: 'JSON that says its type', losses: [] };

/** What each portable type becomes in a row as JSON, for `Capabilities.types`: nothing is lost. */
export const jsonTypes = Object.fromEntries(
  [...simpleKinds, 'enum', 'array', 'range', 'native'].map((kind) => [kind, exact]),
) as Readonly<Record<TypeKind, TypeTarget>>;
