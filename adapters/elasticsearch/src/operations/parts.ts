import type { RowOperations, RowStore } from '@polyshift/adapter-kit';
import type { JsonObject, OperationHandler, OperationType } from '@polyshift/core';
import { asideStore } from '../rows/aside-store.ts';
import { documentCodec } from '../rows/codec.ts';
import type { RawField } from '../rows/raw-field.ts';
import { rowOperations } from '../rows/row-operations.ts';
import { rowStore } from '../rows/row-store.ts';
import type { Store } from '../store.ts';

/** What handlers and sink are made of. */
export interface Parts {
  readonly store: Store;
  readonly rows: RowStore<RawField>;
  readonly operations: RowOperations<RawField>;
}

/** Puts the parts of a session together. */
export function partsOf(store: Store): Parts {
  const rows = rowStore(store, documentCodec(store.mappings), asideStore(store));
  return { store, rows, operations: rowOperations(store, rows) };
}

/** Makes the handler of one operation. */
export type HandlerOf<Type extends OperationType, Undo extends JsonObject = JsonObject> = (
  parts: Parts,
) => OperationHandler<Type, Undo>;
