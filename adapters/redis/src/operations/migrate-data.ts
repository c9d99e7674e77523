import {
  compileConditions,
  compilePipeline,
  documentsOf,
  editDocument,
  migrateData as migrateRows,
} from '@polyshift/adapter-kit';
import { definedHandler } from '../definitions/defined-handler.ts';
import { FieldTypes } from '../definitions/infer-fields.ts';
import type { HandlerOf } from './handler-of.ts';

/** Rows that are computed beforehand to tell the types of new fields. */
const sampleSize = 1000;

/**
 * migrate_data: an update pipeline, each row changed exactly once. A field that the definition does not name gets the type that its values have in the
 * first rows, so that they are plain texts; values of other types say their own.
 */
export const migrateData: HandlerOf<'migrate_data'> = (store, rows) =>
  definedHandler(store, migrateRows(rows), {
    when: 'before',
    async change(operation, definition) {
      const edits = compilePipeline(operation.data.pipeline ?? []);
      const meets = compileConditions(operation.conditions);
      const types = new FieldTypes(definition);
      let seen = 0;
      for await (const { document } of documentsOf(rows, operation.collection)) {
        if (meets(document)) {
          const changes = edits(document);
          const fields = changes.flatMap((edit) => (edit.kind === 'set' ? [edit.field] : []));
          types.add(new Map([...editDocument(document, changes)].filter(([name]) => fields.includes(name))));
        }
        if (++seen === sampleSize) break;
      }
      return types.extended();
    },
  });
