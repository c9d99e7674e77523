import { type Check, type Operation, PolyshiftError, type PortableDocument } from '@polyshift/core';
import { compileConditions } from '../conditions/compile-conditions.ts';
import { compilePipeline, pipelineFields } from '../pipeline/compile-pipeline.ts';
import type { FieldEdit } from '../row-store.ts';
import { editDocument } from './edit-document.ts';
import { failingEdits } from './failing-edits.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';

/** migrate_data over rows: an update pipeline, evaluated here, each row changed exactly once. */
export function migrateData<Raw>(operations: RowOperations<Raw>): RowHandler<'migrate_data'> {
  return {
    ...imageMethods<Raw, 'migrate_data'>(operations, (operation) => checkedEdits(operations, operation)),

    async plan(operation, context) {
      const fields = pipelineFields(pipelineOf(operation));
      compileConditions(operation.conditions);
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'set', fields },
          {
            risk: 'data_changed',
            undo: `brings back ${fields.join(', ')} of every changed ${operations.noun}, unless it was written since`,
          },
        ),
      ];
    },

    async check(operation) {
      const pipeline = pipelineOf(operation);
      compilePipeline(pipeline);
      compileConditions(operation.conditions);
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const noKey = await isNoKey(operations, operation.collection, pipelineFields(pipeline));
      return noKey.status === 'FAILED' ? [there, noKey] : [there, noKey, await rowsTakeIt(operations, operation)];
    },
  };
}

/** The check that every row can be changed: nothing is written where one cannot. */
async function rowsTakeIt<Raw>(operations: RowOperations<Raw>, operation: Operation<'migrate_data'>): Promise<Check> {
  const { fails, example } = failingEdits(checkedEdits(operations, operation));
  const [refused] = await survey(operations, operation.collection, [fails]);
  return noneFound('pipeline', refused!, {
    pass: `every ${operations.noun} that meets the conditions takes the change`,
    fail: `${operations.noun}s cannot be changed${example()}`,
    action:
      'Correct them first, leave them out by conditions, or say in the pipeline what becomes of them ($convert with onError).',
  });
}

/** The edits of a row; throws CONSTRAINT_VIOLATED where they would break the stored validation schema. */
function checkedEdits<Raw>(
  operations: RowOperations<Raw>,
  operation: Operation<'migrate_data'>,
): (document: PortableDocument) => readonly FieldEdit[] {
  const edits = compilePipeline(pipelineOf(operation));
  const meets = compileConditions(operation.conditions);
  return (document) => {
    if (!meets(document)) return [];
    const made = edits(document);
    const violations =
      made.length === 0 ? [] : (operations.violations?.(operation.collection, editDocument(document, made)) ?? []);
    if (violations.length > 0) {
      throw new PolyshiftError(
        'CONSTRAINT_VIOLATED',
        `a ${operations.noun} of ${operation.collection} would not meet its validation schema: ${violations.join('; ')}`,
      );
    }
    return made;
  };
}

function pipelineOf(operation: Operation<'migrate_data'>) {
  const { pipeline } = operation.data;
  if (pipeline) return pipeline;
  throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this store has no SQL expressions: migrate_data takes a pipeline here', {
    place: { path: 'data.set' },
    hint: 'Write it as pipeline: [{ $set: { field: expression } }].',
  });
}
