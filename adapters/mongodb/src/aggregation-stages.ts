import { type Check, fail, type JsonValue } from '@polyshift/core';
import type { Document } from 'mongodb';
import { jsonToCommand } from './values/json-value.ts';

/** Stages as operations write them. */
type Stages = readonly { readonly [name: string]: JsonValue }[];

/** The stages of an operation as the driver sends them. */
export function aggregationStages(pipeline: Stages): Document[] {
  return pipeline.map((stage) => Object.fromEntries(Object.entries(stage).map(([name, value]) => [name, jsonToCommand(value)])));
}

/** The failed check of a pipeline that writes somewhere itself; none where it does not. `instead` are the fields that say where. */
export function writingStage(pipeline: Stages, instead: string): Check[] {
  const writing = pipeline.find((stage) => '$out' in stage || '$merge' in stage);
  if (!writing) return [];
  const found = `the pipeline has a stage ${Object.keys(writing)[0]}`;
  return [fail('pipeline', found, `Leave it out: ${instead} where the result goes.`)];
}
