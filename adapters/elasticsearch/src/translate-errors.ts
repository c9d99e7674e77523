import { translateErrors as translate } from '@polyshift/adapter-kit';
import { toPolyshiftError } from './errors.ts';

/** Gives back the same methods, whose errors are PolyshiftErrors. Every object that leaves the adapter goes through it. */
export function translateErrors<Methods extends object>(methods: Methods, name: string): Methods {
  return translate(methods, name, toPolyshiftError);
}
