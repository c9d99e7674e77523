import {
  ConversionError,
  isPolyshiftError,
  type JsonObject,
  type JsonValue,
  nearest,
  PolyshiftError,
  type PortableDocument,
} from '@polyshift/core';
import type { FieldEdit } from '../row-store.ts';
import { exactText } from '../values/exact-text.ts';
import { withoutPath, withPath } from '../values/field-path.ts';
import { compileExpression, isOperation } from './expression.ts';
import type { Evaluate, Result } from './operator.ts';

/** A field that a stage writes; without `evaluate` it is removed. */
interface Target {
  readonly path: string;
  readonly evaluate?: Evaluate;
}

const stageNames = ['$set', '$addFields', '$unset'];

/**
 * Compiles the stages of an update pipeline, `$set` (`$addFields`) and `$unset`, with MongoDB's aggregation expressions, into the edits of a document. A stage
 * sees what the stages before it have made. Only fields that really change, in value or type, have an edit; a nested target (`a.b`) is an edit of its
 * top-level field. What is set to a missing field is removed. Throws INVALID_DOCUMENT for what is unknown; the edits throw CONVERSION_FAILED for values
 * that an operator does not take.
 */
export function compilePipeline(stages: readonly JsonObject[]): (document: PortableDocument) => FieldEdit[] {
  const compiled = stages.map(stageTargets);
  return (document) => {
    let current = document;
    for (const targets of compiled) current = applied(current, targets);
    return difference(document, current);
  };
}

/** The fields that a pipeline writes, each once, nested ones by their paths. Throws INVALID_DOCUMENT as {@link compilePipeline}. */
export function pipelineFields(stages: readonly JsonObject[]): string[] {
  return [...new Set(stages.flatMap((stage, index) => stageTargets(stage, index).map(({ path }) => path)))];
}

function stageTargets(stage: JsonObject, index: number): Target[] {
  try {
    const [name = '', ...others] = Object.keys(stage);
    const body = stage[name] ?? null;
    if (others.length > 0) throw invalid('a stage has exactly one key');
    if (name === '$unset') return unsetTargets(body);
    if (name === '$set' || name === '$addFields') return setTargets(name, body);
    const close = nearest(name, stageNames);
    throw invalid(
      `there is no stage ${name} here`,
      `${close === undefined ? '' : `Did you mean ${close}? `}Stages are ${stageNames.join(', ')}.`,
    );
  } catch (error) {
    if (!(error instanceof PolyshiftError) || error.place) throw error;
    throw new PolyshiftError(error.code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      place: { path: `data.pipeline[${index}]` },
      cause: error,
    });
  }
}

function unsetTargets(body: JsonValue): Target[] {
  const paths = Array.isArray(body) ? body : [body];
  return paths.map((path) => {
    if (typeof path !== 'string') throw invalid('$unset takes the name of a field or a list of names');
    return { path: checked(path) };
  });
}

function setTargets(name: string, body: JsonValue): Target[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length === 0)
    throw invalid(`${name} takes an object of fields with their expressions`);
  return nestedTargets(body, '');
}

/** A document inside of the body stands for the paths in it: what else the document of the row holds stays. */
function nestedTargets(fields: JsonObject, prefix: string): Target[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const path = `${prefix}${checked(name)}`;
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    if (nested && !isOperation(value)) return nestedTargets(value, `${path}.`);
    return [{ path, evaluate: compileExpression(value) }];
  });
}

function checked(path: string): string {
  if (path.startsWith('$') || path.split('.').includes('')) throw invalid(`${JSON.stringify(path)} is not the path of a field`);
  return path;
}

function applied(document: PortableDocument, targets: readonly Target[]): PortableDocument {
  // Every expression sees the document as the stage found it.
  const values = targets.map((target) => evaluated(target, document));
  return targets.reduce((current, { path }, index) => {
    const value = values[index];
    return value === undefined ? withoutPath(current, path) : withPath(current, path, value);
  }, document);
}

function evaluated({ path, evaluate }: Target, document: PortableDocument): Result {
  try {
    return evaluate?.(document);
  } catch (error) {
    const known = isPolyshiftError(error, 'CONVERSION_FAILED') || error instanceof ConversionError;
    if (!known) throw error;
    throw new PolyshiftError('CONVERSION_FAILED', `${path}: ${error.message}`, { cause: error });
  }
}

function difference(before: PortableDocument, after: PortableDocument): FieldEdit[] {
  const edits: FieldEdit[] = [];
  for (const [field, value] of after) {
    const old = before.get(field);
    if (Object.is(old, value)) continue;
    if (old === undefined || exactText(old, false) !== exactText(value, false)) edits.push({ kind: 'set', field, value });
  }
  for (const field of before.keys()) if (!after.has(field)) edits.push({ kind: 'unset', field });
  return edits;
}

function invalid(message: string, hint?: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `${message}.`, hint === undefined ? {} : { hint });
}
