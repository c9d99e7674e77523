import { dirname, resolve } from 'node:path';
import {
  checkDocument,
  type ErrorPlace,
  expandEnvironment,
  moduleDocument,
  PolyshiftError,
  readSourceDocument,
  type SourceDocument,
} from '@polyshift/core';
import { type ExtractStep, type LoadStep, type Spec, type SpecInput, specSchema, type TransformStep } from './spec.ts';

/** A spec that has been read and checked, with the way from each part of it to its line. */
export interface LoadedSpec {
  readonly spec: Spec;
  readonly extract: ExtractStep;
  readonly transform: TransformStep | undefined;
  readonly load: LoadStep;
  /** Indexes of the steps in the document, for places. */
  readonly index: { readonly extract: number; readonly transform: number; readonly load: number };
  /** The folder that paths in the spec are relative to. */
  readonly folder: string;
  /** The file as errors name it. */
  readonly file: string;
  /** Where a path of the spec stands in its file. */
  place(path: readonly PropertyKey[]): ErrorPlace;
}

/** Where specs are read from. */
export interface LoadSpecOptions {
  /** The working folder; default that of the process. */
  readonly cwd?: string;
  /** What `${NAME}` expands to; default the environment of the process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Reads a spec from a `.yaml`, `.json`, `.ts` or `.js` file. Throws FILE_NOT_FOUND, INVALID_SYNTAX, INVALID_DOCUMENT with the line of
 * each fault, and MISSING_ENVIRONMENT.
 */
export async function loadSpec(path: string, options: LoadSpecOptions = {}): Promise<LoadedSpec> {
  const cwd = options.cwd ?? process.cwd();
  const absolute = resolve(cwd, path);
  return checkSpec(await readSourceDocument(absolute, cwd), dirname(absolute), options);
}

/** Checks a spec that is an object already. Throws INVALID_DOCUMENT and MISSING_ENVIRONMENT. */
export function parseSpec(input: SpecInput, options: LoadSpecOptions = {}): LoadedSpec {
  return checkSpec(moduleDocument(input, 'spec'), options.cwd ?? process.cwd(), options);
}

function checkSpec(document: SourceDocument, folder: string, options: LoadSpecOptions): LoadedSpec {
  const content = expandEnvironment(document, options.environment);
  const spec = checkDocument(specSchema, document, content);
  const steps = spec.steps;
  const extract = steps.find((step) => step.type === 'extract')!;
  const transform = steps.find((step) => step.type === 'transform');
  const load = steps.find((step) => step.type === 'load')!;
  return {
    spec,
    extract,
    transform,
    load,
    index: {
      extract: steps.indexOf(extract),
      transform: transform ? steps.indexOf(transform) : -1,
      load: steps.indexOf(load),
    },
    folder,
    file: document.file,
    place: (path) => document.place(path),
  };
}

/** The text of an error with the place in front, as all errors about a spec have it. */
export function specError(
  loaded: LoadedSpec,
  path: readonly PropertyKey[],
  code: ConstructorParameters<typeof PolyshiftError>[0],
  message: string,
  details: { hint?: string | undefined; cause?: unknown; data?: Record<string, unknown> } = {},
): PolyshiftError {
  const place = loaded.place(path);
  const where = `${place.file}${place.line ? `:${place.line}:${place.column}` : ''}`;
  return new PolyshiftError(code, `${where}: ${place.path ? `${place.path}: ` : ''}${message}`, {
    place,
    ...(details.hint === undefined ? {} : { hint: details.hint }),
    ...(details.cause === undefined ? {} : { cause: details.cause }),
    ...(details.data === undefined ? {} : { data: details.data }),
  });
}
