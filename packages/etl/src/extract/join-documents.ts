import {
  type DocumentBatch,
  type PortableDocument,
  type PortableValue,
  portableColumn,
  type SourceDescription,
} from '@polyshift/core';
import { valueAt } from '../transform/functions/structure.ts';
import { inputOf } from '../transform/input.ts';
import type { SourceRejection } from '../transform/transform-batch.ts';
import { comparedFields } from './fetch-joined.ts';
import { joinKeyOf } from './join-key.ts';
import { refusalOf } from './join-refusals.ts';
import { embeddedValue, type Joiner } from './join-rows.ts';
import type { OpenJoin } from './open-join.ts';

/** A document of the source with the fields that joins have added. */
interface JoinedDocument {
  readonly raw: unknown;
  readonly added: PortableDocument;
}

/** Joins to documents: fields behind those of the document, in place of one of the same name. */
export function joinDocuments(description: SourceDescription, joins: readonly OpenJoin[], hidden: ReadonlySet<string>): Joiner {
  const input = inputOf(description);
  const compared = new Map(joins.map((open) => [open, comparedFields(input, Object.values(open.join.on))]));
  const given = joins.filter(({ join }) => join.kind !== 'exists');
  const names = new Set(given.map(({ join }) => join.as));
  return {
    columns: [
      ...description.columns
        .filter(({ name }) => !hidden.has(name) && !names.has(name))
        .map(({ name, type, nullable }) => portableColumn(name, type, nullable)),
      ...given.map(({ join }) =>
        join.kind === 'many'
          ? portableColumn(join.as, { kind: 'array', of: { kind: 'document' } }, false)
          : portableColumn(join.as, { kind: 'document' }),
      ),
    ],
    keysOf: (batch, open) => {
      const { documents } = asDocuments(batch);
      input.use(batch);
      const read = compared.get(open)!;
      return documents.map((document) => joinKeyOf(read(document), open.dynamic));
    },
    join: (batch, keys, found) => {
      const source = asDocuments(batch);
      const refused: SourceRejection[] = [];
      const documents = source.documents.map((raw, index): JoinedDocument => {
        const added: PortableDocument = new Map();
        let refusal: SourceRejection | undefined;
        for (const [position, open] of joins.entries()) {
          const key = keys[position]![index];
          const group = key && found[position]!.get(key.text);
          refusal ??= refusalOf(index, open, key, group);
          if (open.join.kind !== 'exists') added.set(open.join.as, embeddedValue(open, group));
        }
        if (refusal) refused.push(refusal);
        return { raw, added };
      });
      return { batch: joinedBatch(source, documents, hidden), refused };
    },
  };
}

function joinedBatch(source: DocumentBatch, documents: readonly JoinedDocument[], hidden: ReadonlySet<string>): DocumentBatch {
  return {
    kind: 'documents',
    form: 'portable',
    documents,
    decode: (joined) => {
      const { raw, added } = joined as JoinedDocument;
      const document: PortableDocument = new Map();
      for (const [name, value] of source.decode(raw)) if (!hidden.has(name) && !added.has(name)) document.set(name, value);
      for (const [name, value] of added) document.set(name, value);
      return document;
    },
    get: (joined, path) => {
      const { raw, added } = joined as JoinedDocument;
      const [head, ...rest] = path.split('.');
      if (added.has(head!)) return valueAt(added.get(head!), rest);
      const value = source.get(raw, path);
      return value === undefined || value === null ? value : source.decodeValue(value);
    },
    decodeValue: (value) => value as PortableValue,
  };
}

function asDocuments(batch: Parameters<Joiner['keysOf']>[0]): DocumentBatch {
  if (batch.kind !== 'documents') throw new TypeError('a scan of documents gave rows');
  return batch;
}
