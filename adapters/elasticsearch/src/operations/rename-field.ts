import { keyList } from '@polyshift/adapter-kit';
import { type Check, checkThat, type JsonObject } from '@polyshift/core';
import { StoredDocument } from '../documents/document.ts';
import { changeAt } from '../json/change-at.ts';
import { changedMapping } from '../mapping/change-mapping.ts';
import { fieldTypes } from '../mapping/field-types.ts';
import { approximateRows, planned, swapLock } from '../planned.ts';
import { writableIndex } from '../preconditions.ts';
import type { GenerationUndo, Transformation } from '../rebuild/generation.ts';
import { isNoKeyField, type Renaming, renamingOf } from './field-names.ts';
import type { HandlerOf } from './parts.ts';
import { documentsWhere, rebuildMethods } from './rebuild-methods.ts';

/** rename_field: a new index with the field under its new name in the mapping and in every document, in its place. */
export const renameField: HandlerOf<'rename_field', GenerationUndo> = (parts) => {
  const { store } = parts;
  return {
    ...rebuildMethods<'rename_field'>(parts, {
      transformation: (operation) => transformationOf(renamingOf(operation.data)),
      next: (operation, { mappings, settings }) => ({ mappings: renamedMapping(mappings, renamingOf(operation.data)), settings }),
    }),

    async plan(operation, context) {
      const { from, to } = renamingOf(operation.data);
      const name = store.prefix + operation.collection;
      return [
        planned(
          { reindex: { from: name, to: `${name}_v?`, rename: { [from]: to } } },
          {
            phase: 'migrate',
            lock: swapLock,
            rows: approximateRows(context, operation.collection),
            risk: 'data_changed',
            undo: `lets the name stand for the old index again, with what was written since under ${from}`,
          },
        ),
      ];
    },

    async check(operation): Promise<Check[]> {
      const { from, to } = renamingOf(operation.data);
      const { check, index } = await writableIndex(store, operation.collection);
      if (!index) return [check];
      const mapped = fieldTypes(index.mappings).has(to);
      const taken = await documentsWhere(store, index, (document) => has(document, to));
      return [
        check,
        isNoKeyField(operation.collection, index, [from, to]),
        checkThat(
          taken.length === 0 && !mapped,
          'new_name_free',
          {
            pass: `no document has ${to}`,
            fail:
              taken.length > 0
                ? `${taken.length} documents have ${to} already: ${keyList(taken)}`
                : `the mapping has a field ${to} already`,
            action: 'Choose another name, or remove that field first by remove_field.',
          },
          { count: taken.length },
        ),
      ];
    },
  };
};

function transformationOf({ from, to, oldLast, newLast }: Renaming): Transformation {
  return {
    forward: (document) => renamed(document, from, newLast),
    backward: (document) => renamed(document, to, oldLast),
  };
}

function renamed(document: StoredDocument, path: string, last: string): StoredDocument {
  const fields = changeAt(document.fields, path, (inside, name) => {
    // The field may have the whole path as its name.
    const other = name.includes('.') ? [...name.split('.').slice(0, -1), last].join('.') : last;
    return new Map([...inside].map(([field, node]) => [field === name ? other : field, node]));
  });
  return fields === document.fields ? document : StoredDocument.of(document.id, fields, document.routing);
}

function has(document: StoredDocument, path: string): boolean {
  let found = false;
  changeAt(document.fields, path, (fields) => {
    found = true;
    return fields;
  });
  return found;
}

/** The mapping with the field under its new name; aliases of fields and copies into it follow. */
function renamedMapping(mappings: JsonObject, { from, to, newLast }: Renaming): JsonObject {
  const changed = changedMapping(mappings, from, (_name, definition) => [newLast, definition]);
  return JSON.parse(
    JSON.stringify(changed, (name, value: unknown) => {
      if ((name === 'path' || name === 'copy_to') && value === from) return to;
      return value;
    }),
  ) as JsonObject;
}
