import type { RejectedRow } from '@polyshift/core';
import { idOfDocument } from './bson/exact-value.ts';
import { toRelaxedJson } from './bson/json.ts';
import { classifyCode } from './errors.ts';
import type { DocumentError } from './write-commands.ts';

/** Why a document was not written. */
export function rejection(error: DocumentError, document: Buffer): RejectedRow {
  const { code } = classifyCode(error.code);
  return { index: error.index, key: toRelaxedJson(idOfDocument(document)), code, message: error.errmsg };
}
