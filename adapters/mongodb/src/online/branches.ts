import { PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';

/** Pipelines of which each document meets the conditions of exactly one. */
export type Branches = readonly (readonly Document[])[];

/** A part of a mapping: stages for every document, or for those that meet a filter. */
export interface MappingStep {
  readonly filter?: Document | undefined;
  readonly stages: readonly Document[];
}

/** More would be one command for each of them. */
const mostBranches = 16;

/** A step for every document. */
export function stages(all: readonly Document[]): MappingStep {
  return { stages: all };
}

/** A step for the documents that meet a filter; a filter that all meet is none. */
export function where(filter: Document, all: readonly Document[]): MappingStep {
  return Object.keys(filter).length === 0 ? { stages: all } : { filter, stages: all };
}

/**
 * Steps as pipelines: a filter, which no expression can express in general, splits each pipeline into one of the documents that meet it and one of the
 * others.
 *
 * @throws PolyshiftError UNSUPPORTED_OPERATION for more conditions than can be split
 */
export function branchesOf(steps: readonly MappingStep[]): Branches {
  let branches: Document[][] = [[]];
  for (const { filter, stages: own } of steps) {
    branches = branches.flatMap((branch) =>
      filter
        ? [
            [...branch, { $match: filter }, ...own],
            [...branch, { $match: { $nor: [filter] } }],
          ]
        : [[...branch, ...own]],
    );
    if (branches.length > mostBranches) {
      throw new PolyshiftError(
        'UNSUPPORTED_OPERATION',
        'an online change has too many operations with conditions or inner fields',
        {
          hint: `MongoDB takes up to ${Math.log2(mostBranches)} of them in one online_change: make a migration of the others.`,
        },
      );
    }
  }
  return branches;
}
