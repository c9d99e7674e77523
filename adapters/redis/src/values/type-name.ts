import { type PortableType, portableTypeOf } from '@polyshift/core';

/** A type as it stands beside a value: its name, or JSON where it has parameters. */
export function typeName(type: PortableType): string {
  return Object.keys(type).length === 1 ? type.kind : JSON.stringify(type);
}

/** The way back from {@link typeName}; undefined for what is no type. */
export function typeNamed(name: string): PortableType | undefined {
  if (!name.startsWith('{')) return portableTypeOf(name);
  try {
    const type = JSON.parse(name) as PortableType;
    return typeof type.kind === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}
