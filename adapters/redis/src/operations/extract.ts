import {
  compileConditions,
  compilePipeline,
  documentsOf,
  editDocument,
  extract as extractRows,
  type RowOperations,
  valueAt,
} from '@polyshift/adapter-kit';
import type { JsonObject, Operation, PortableDocument, PortableType } from '@polyshift/core';
import { dropCollection } from '../collections.ts';
import { assumedDefinition } from '../definitions/defined-handler.ts';
import { type Definition, fieldType } from '../definitions/definition.ts';
import { FieldTypes } from '../definitions/infer-fields.ts';
import type { HandlerOf } from './handler-of.ts';

/** Rows that are computed beforehand to tell the types of new fields. */
const sampleSize = 1000;

/** What rollback needs beside what the kit keeps: the definition of the new collection. */
interface Undo extends JsonObject {
  definition: JsonObject;
}

/** extract: the new collection gets a definition with the types of the fields that are copied; its rows never expire unless it says so. */
export const extract: HandlerOf<'extract'> = (store, rows) => {
  const copying = extractRows(rows, {
    // The definition that execute has written is there by then.
    createLike: async () => undefined,
    drop: (collection) => dropCollection(store, collection),
  });
  return {
    ...copying,

    async prepare(operation, run) {
      const definition = await extractedDefinition(rows, operation, await assumedDefinition(store, operation.collection));
      return { ...(await copying.prepare(operation, run)), definition: definition as unknown as JsonObject };
    },

    async *execute(operation, undo, run) {
      await run.guard();
      await store.definitions.change(
        operation.data.into,
        (found) => found ?? ((undo as Undo).definition as unknown as Definition),
      );
      yield* copying.execute(operation, undo, run);
    },
  };
};

async function extractedDefinition(
  rows: RowOperations<Buffer>,
  { collection, data, conditions }: Operation<'extract'>,
  source: Definition,
): Promise<Definition> {
  const pairs = Array.isArray(data.fields)
    ? data.fields.map((name) => [name, name] as const)
    : data.fields && Object.entries(data.fields);
  const origin = new Map<string, string>(pairs ?? [...source.key, ...source.fields].map(({ name }) => [name, name]));
  const typeOf = (name: string): PortableType | undefined => {
    const from = origin.get(name);
    if (from === undefined) return undefined;
    return source.key.find((part) => part.name === from)?.type ?? fieldType(source, from);
  };
  const key = data.key ?? source.key.map(({ name }) => name);
  const fields = [...origin.keys()].flatMap((name) => {
    const type = typeOf(name);
    return type && !key.includes(name) ? [{ name, type, nullable: true }] : [];
  });
  const types = new FieldTypes({
    key: key.map((name) => ({ name, type: typeOf(name) ?? { kind: 'text' } })),
    // A pipeline may give a field values of another type.
    fields: data.pipeline ? [] : fields,
    encoding: source.encoding === 'stream' ? 'hash' : source.encoding,
    indexes: [],
  });
  const edits = data.pipeline ? compilePipeline(data.pipeline) : undefined;
  const meets = compileConditions(conditions);
  let seen = 0;
  for await (const { document } of documentsOf(rows, collection)) {
    if (meets(document)) types.add(picked(edits ? editDocument(document, edits(document)) : document, pairs));
    if (++seen === sampleSize) break;
  }
  return types.extended();
}

function picked(document: PortableDocument, pairs: readonly (readonly [string, string])[] | undefined): PortableDocument {
  if (!pairs) return document;
  return new Map(
    pairs.flatMap(([name, from]) => {
      const value = valueAt(document, from);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
