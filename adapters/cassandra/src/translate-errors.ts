import { translateErrors as translate } from '@polyshift/adapter-kit';
import { toPolyshiftError } from './errors.ts';

/** The same methods, whose errors are PolyshiftErrors. */
export function translateErrors<Methods extends object>(methods: Methods, name: string): Methods {
  return translate(methods, name, toPolyshiftError);
}
