import type { DocumentBatch } from '@polyshift/core';
import type { AttributeValue, Item } from './values/attribute.ts';
import { portableDocument, portableValue } from './values/from-attribute.ts';

/** The form of items in batches: as the driver has them. */
export const itemForm = 'dynamodb';

/** Items as a batch. */
export function itemBatch(items: readonly Item[]): DocumentBatch {
  return { kind: 'documents', form: itemForm, documents: items, decode, get, decodeValue };
}

const decode: DocumentBatch['decode'] = (item) => portableDocument(item as Item);
const decodeValue: DocumentBatch['decodeValue'] = (value) => portableValue(value as AttributeValue);

/** An attribute with the whole path as its name, else one inside of maps. */
const get: DocumentBatch['get'] = (item, path) => valueAt(item as Item, path);

function valueAt(map: Item, path: string): AttributeValue | undefined {
  if (Object.hasOwn(map, path)) return map[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const inner = Object.hasOwn(map, path.slice(0, dot)) ? map[path.slice(0, dot)]?.M : undefined;
    if (inner) return valueAt(inner, path.slice(dot + 1));
  }
  return undefined;
}
