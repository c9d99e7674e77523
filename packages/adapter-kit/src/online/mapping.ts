import {
  innerOperations,
  type JsonObject,
  type JsonValue,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
} from '@polyshift/core';
import { editDocument } from '../operations/edit-document.ts';
import { compileExpression } from '../pipeline/expression.ts';
import type { FieldEdit, RawRow, RowCodec } from '../row-store.ts';
import { foldEdits } from './fold-edits.ts';
import { stepOf, touchedFields } from './mapping-steps.ts';

/** The type of a field of the old version, by the name that it has there: what a converted value goes back to where the row does not say. */
export type OldTypes = Readonly<Record<string, PortableType>>;

/** How rows of one version become rows of the other, without I/O. */
export interface RowMapping<Raw> {
  /** The row of the new version. Throws CONVERSION_FAILED or ConversionError. */
  forward(row: RawRow<Raw>): RawRow<Raw>;
  /** The same for a document. */
  forwardDocument(document: PortableDocument): PortableDocument;
  /** The row of the old version, of whose row as it is `current` is a hint for types and for what lies within documents. Throws as {@link forward}. */
  back(row: RawRow<Raw>, current: RawRow<Raw> | undefined): RawRow<Raw>;
  /** Fields of the new version whose values the old one does not know. */
  readonly ownNew: ReadonlySet<string>;
  /** Fields of the old version about which the new one says nothing. */
  readonly ownOld: ReadonlySet<string>;
  /** The name in the old version of a field of the new one. */
  oldName(field: string): string;
}

/** The collections that a mapping is between, and how their raw rows are read and changed. */
export interface MappedCollections<Raw> {
  readonly codec: RowCodec<Raw>;
  readonly old: string;
  readonly new: string;
  /** See `OnlineStore.columns`. */
  readonly columns?: ((collection: string) => readonly string[]) | undefined;
}

/**
 * Composes the mapping of an online change from the operations within it: to the new form in their order, back in the other. Fields that none of them
 * names are carried over in their raw form. Throws INVALID_DOCUMENT, INVALID_EXPRESSION or UNSUPPORTED_OPERATION for operations that make none.
 */
export function mappingOf<Raw>(
  operation: Operation<'online_change'>,
  types: OldTypes,
  collections: MappedCollections<Raw>,
): RowMapping<Raw> {
  const inner = innerOperations(operation);
  const given = Object.entries((operation.data.back ?? {}) as JsonObject);
  const steps = inner.map((each, index) => stepOf(each, (field) => types[oldNameBefore(field, inner.slice(0, index))]));
  const backSteps = steps.toReversed();
  const expressions = given.map(([field, expression]) => ({ field, evaluate: compileExpression(expression as JsonValue) }));
  const { codec } = collections;

  const apply = (
    row: RawRow<Raw>,
    from: string,
    to: string,
    edits: readonly ((document: PortableDocument) => readonly FieldEdit[])[],
  ): RawRow<Raw> => {
    let document = codec.decode(from, row);
    if (collections.columns) {
      const made = edits.flatMap((each) => {
        const own = each(document);
        document = editDocument(document, own);
        return own;
      });
      const folded = foldEdits(row, made, new Set(collections.columns(to)));
      return folded.sets.length === 0 ? folded.row : codec.edit(to, folded.row, folded.sets);
    }
    let raw = row;
    for (const each of edits) {
      const made = each(document);
      if (made.length === 0) continue;
      raw = codec.edit(to, raw, made);
      document = editDocument(document, made);
    }
    return raw;
  };

  return {
    forward: (row) =>
      apply(
        row,
        collections.old,
        collections.new,
        steps.map(({ forward }) => forward),
      ),
    forwardDocument: (document) => steps.reduce((current, { forward }) => editDocument(current, forward(current)), document),
    back(row, current) {
      const before = current && codec.decode(collections.old, current);
      const fresh = codec.decode(collections.new, row);
      const computed = expressions.map(({ field, evaluate }): FieldEdit => {
        const value = evaluate(fresh);
        return value === undefined ? { kind: 'unset', field } : { kind: 'set', field, value };
      });
      return apply(row, collections.new, collections.old, [
        ...backSteps.map(
          ({ back }) =>
            (document: PortableDocument) =>
              back(document, before),
        ),
        () => computed,
      ]);
    },
    ...ownFields(inner, new Set(given.map(([field]) => field))),
    oldName: (field) => oldNameBefore(field, inner),
  };
}

/** The fields that one version alone knows. */
function ownFields(
  inner: readonly Operation[],
  given: ReadonlySet<string>,
): { ownNew: ReadonlySet<string>; ownOld: ReadonlySet<string> } {
  const [ownNew, ownOld] = [new Set<string>(), new Set<string>()];
  for (const [index, operation] of inner.entries()) {
    const [before, after] = [inner.slice(0, index), inner.slice(index + 1)];
    for (const field of touchedFields(operation)) {
      const old = oldNameBefore(field, before);
      if (operation.type === 'add_field') ownNew.add(newNameAfter(field, after));
      else if (!given.has(old)) ownOld.add(old);
    }
  }
  return { ownNew, ownOld };
}

/** The name of a field in the old version, from the one that it has after some operations. */
export function oldNameBefore(field: string, operations: readonly Operation[]): string {
  return operations.toReversed().reduce((name, each) => {
    // A rename within a document leaves the field that holds the document.
    if (each.type !== 'rename_field' || each.data.old_name.includes('.')) return name;
    return name === each.data.new_name ? each.data.old_name : name;
  }, field);
}

function newNameAfter(field: string, operations: readonly Operation[]): string {
  return operations.reduce((name, each) => {
    if (each.type !== 'rename_field' || each.data.old_name.includes('.')) return name;
    return name === each.data.old_name ? each.data.new_name : name;
  }, field);
}

/** The fields, by their names before the operations, that a `change_type` converts; for finding out their types. */
export function convertedFields(operation: Operation<'online_change'>): string[] {
  const inner = innerOperations(operation);
  return inner.flatMap((each, index) =>
    each.type === 'change_type' ? [oldNameBefore(each.data.field_name, inner.slice(0, index))] : [],
  );
}

/** Refuses `back` for fields of the key, which both versions have. */
export function refuseKeyBack(operation: Operation<'online_change'>, key: readonly string[]): void {
  const named = Object.keys(operation.data.back ?? {}).filter((field) => key.includes(field));
  if (named.length === 0) return;
  throw new PolyshiftError('INVALID_DOCUMENT', `${named.join(', ')} is part of the key, which is the same in both versions`, {
    place: { path: 'data.back' },
  });
}
