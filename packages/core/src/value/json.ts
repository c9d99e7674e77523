/** What JSON can carry. Undo records, checkpoints, partitions and operations are of this type, so that any store can keep them. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
}
