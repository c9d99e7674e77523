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
import { type Flow, flowsOf } from './branches.ts';
import { type Spec, type SpecInput, specSchema } from './spec.ts';

/** A spec that has been read and checked, with the way from each part of it to its line. */
export interface LoadedSpec {
  readonly spec: Spec;
  /** What is read, each with what is loaded from it; one in most specs. */
  readonly flows: readonly Flow[];
  /** The modules of functions that its transform steps name, by their paths in the spec. */
  readonly modules: readonly { readonly path: string; readonly place: readonly PropertyKey[] }[];
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
  return {
    spec,
    flows: flowsOf(spec),
    modules: spec.steps.flatMap((step, index) =>
      step.type === 'transform' && step.functions !== undefined
        ? [{ path: step.functions, place: ['steps', index, 'functions'] }]
        : [],
    ),
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
