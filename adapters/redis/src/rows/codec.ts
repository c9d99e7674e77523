import type { FieldEdit, RowCodec } from '@polyshift/adapter-kit';
import { type JsonValue, PolyshiftError, type PortableDocument, type PortableValue, scalarText } from '@polyshift/core';
import { type Definition, fieldType, keyNames } from '../definitions/definition.ts';
import type { Definitions } from '../definitions/definitions.ts';
import { nameOf } from '../keys/names.ts';
import { fromHash } from '../values/from-hash.ts';
import { fromJson } from '../values/from-json.ts';
import { hashValue, jsonValue } from './encode-row.ts';
import { JsonText } from './json-text.ts';
import { keyPart, keyValues } from './key-text.ts';
import { hashFields, idOf, jsonField, type RedisRow } from './raw-row.ts';

/** Reads and changes raw rows by the definition of their collection that was read last. */
export function rowCodec(definitions: Definitions): RowCodec<Buffer> {
  return {
    decode: (collection, row) => decodeRow(definitions.known(collection), definitions.isDefined(collection), row),
    edit: (collection, row, edits) => editRow(definitions.known(collection), definitions.isDefined(collection), row, edits),
    equal: (left, right) => left.equals(right),
    toJson(raw) {
      const text = raw.toString();
      return text.includes('\ufffd') && !Buffer.from(text).equals(raw) ? { base64: raw.toString('base64') } : text;
    },
    fromJson: (json: JsonValue) =>
      typeof json === 'string' ? Buffer.from(json) : Buffer.from((json as { base64: string }).base64, 'base64'),
  };
}

/** A row as a document: the key, then the fields in the order of the definition and others by name; a string's in the order of its text. */
export function decodeRow(definition: Definition, defined: boolean, row: RedisRow): PortableDocument {
  const key = keyValues(definition, idOf(row));
  const json = row.get(jsonField);
  if (json) return decodeJson(definition, key, JsonText.parse(json, nameOf(idOf(row))));
  const document: PortableDocument = new Map(key);
  for (const { name, type } of definition.fields) {
    const raw = row.get(name);
    if (raw && !document.has(name)) document.set(name, fromHash(type, raw, defined));
  }
  const others = hashFields(row).filter(([name]) => !document.has(name));
  others.sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [name, raw] of others) document.set(name, fromHash(undefined, raw, defined));
  return document;
}

/** A key field that stands in the JSON too keeps its place and its type there, where it says the same as the key. */
function decodeJson(definition: Definition, key: readonly [string, PortableValue][], json: JsonText): PortableDocument {
  const { text, root } = json;
  const document: PortableDocument = new Map(key);
  for (const { name, value: node } of root.members) {
    const value = fromJson(fieldType(definition, name) ?? { kind: 'dynamic' }, text, node);
    const own = key.find(([field]) => field === name);
    if (!own) document.set(name, value);
    else if (scalarText({ kind: 'dynamic' }, value) === scalarText({ kind: 'dynamic' }, own[1]) && own[1] !== null) {
      document.delete(name);
      document.set(name, value);
    }
  }
  return document;
}

function editRow(definition: Definition, defined: boolean, row: RedisRow, edits: readonly FieldEdit[]): RedisRow {
  const changes = edits.filter((edit) => !restatesKey(definition, row, edit));
  const json = row.get(jsonField);
  if (json) {
    let text = JsonText.parse(json, nameOf(idOf(row)));
    for (const edit of changes) {
      if (edit.kind === 'set')
        text = text.set(edit.field, jsonValue(edit.type ?? fieldType(definition, edit.field), edit.value, edit.field));
      else text = edit.kind === 'unset' ? text.unset(edit.field) : text.rename(edit.from, edit.to);
    }
    return new Map(row).set(jsonField, Buffer.from(text.text));
  }
  let result = new Map(row);
  for (const edit of changes) {
    if (edit.kind === 'set') {
      result.set(edit.field, hashValue(edit.type ?? fieldType(definition, edit.field), edit.value, edit.field, defined));
    } else if (edit.kind === 'unset') result.delete(edit.field);
    else result = new Map([...result].map(([field, raw]) => [field === edit.from ? edit.to : field, raw]));
  }
  return result;
}

/** Whether an edit sets a key field to the value that it has. Throws INVALID_DOCUMENT where it is another one. */
function restatesKey(definition: Definition, row: RedisRow, edit: FieldEdit): boolean {
  const field = edit.kind === 'rename' ? edit.from : edit.field;
  if (!keyNames(definition).includes(field)) return false;
  const { type } = definition.key.find(({ name }) => name === field)!;
  const [, current] = keyValues(definition, idOf(row)).find(([name]) => name === field)!;
  if (edit.kind === 'set' && keyPart(type, edit.value) === keyPart(type, current)) return true;
  throw new PolyshiftError('INVALID_DOCUMENT', `${field} is the key of a row, which cannot be changed in place`, {
    hint: 'Copy the collection by extract with another key.',
  });
}
