import { createHash } from 'node:crypto';
import { type JsonValue, stableJson } from '@polyshift/core';
import type { RowKey } from '../row-store.ts';

/** Longer texts are replaced by their hash: entries aside have keys of bounded length. */
const longest = 500;

/** A key as text, the same for equal keys: what maps and entries aside go by. */
export function keyText(key: RowKey): string {
  const text = stableJson(key);
  return text.length <= longest ? text : `#${createHash('sha256').update(text).digest('hex')}`;
}

/** Up to five keys for messages. */
export function keyList(keys: readonly RowKey[]): string {
  const shown = keys.slice(0, 5).map(shownKey).join(', ');
  return keys.length > 5 ? `${shown} and ${keys.length - 5} more` : shown;
}

function shownKey(key: JsonValue): string {
  const text = typeof key === 'string' ? key : Array.isArray(key) && key.length === 1 ? shownKey(key[0]!) : JSON.stringify(key);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
