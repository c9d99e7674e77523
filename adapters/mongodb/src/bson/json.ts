import type { JsonValue } from '@polyshift/core';
import { BSON } from 'mongodb';
import { exactValue } from './exact-value.ts';

const { EJSON } = BSON;

/** A BSON value as canonical Extended JSON: plain JSON that keeps every type. */
export function toJson(value: unknown): JsonValue {
  return EJSON.serialize({ value } as never, { relaxed: false })['value'] as JsonValue;
}

/** A BSON value as relaxed Extended JSON: numbers and dates as people write them. */
export function toRelaxedJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : { $numberLong: String(value) };
  return (EJSON.serialize({ value } as never, { relaxed: true })['value'] ?? null) as JsonValue;
}

/** The BSON value of canonical Extended JSON, with Int32, Long and Double kept apart. */
export function fromJson(value: JsonValue): unknown {
  return (EJSON.deserialize({ value } as never, { relaxed: false }) as { value: unknown }).value;
}

/** One raw value as canonical Extended JSON. */
export function rawToJson(buffer: Buffer, type: number, offset: number): JsonValue {
  return toJson(exactValue(buffer, type, offset));
}

/** A value as short text for people: at most 80 characters of relaxed Extended JSON. */
export function valueText(value: unknown): string {
  const text = EJSON.stringify(value, { relaxed: true }) ?? 'undefined';
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
