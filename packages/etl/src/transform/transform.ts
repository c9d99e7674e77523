import {
  type Batch,
  type Column,
  ConversionError,
  type DocumentBatch,
  type ErrorCode,
  type Loss,
  type PortableDocument,
  type PortableValue,
  toDynamic,
} from '@polyshift/core';
import type { CompiledRule } from './compiled-rule.ts';
import type { Input } from './input.ts';
import type { BatchLosses } from './losses.ts';

/** A row that a rule could not make. */
export interface TransformRejection {
  /** Position in the batch that came in. */
  readonly index: number;
  readonly field: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What came out of a batch. */
interface Transformed {
  readonly batch: Batch;
  /** For each row of `batch` its position in the batch that came in; undefined where all positions are the same. */
  readonly origins: readonly number[] | undefined;
  readonly rejected: readonly TransformRejection[];
  readonly losses: readonly Loss[];
}

/** A transform step made ready for one scan. */
export interface Transform {
  /** The columns that come out; empty where documents go through as they are. */
  readonly columns: readonly Column[];
  /** Whether documents come out whose fields may differ. */
  readonly dynamic: boolean;
  /** The rules in the order of the target's fields, for the plan. */
  readonly rules: readonly CompiledRule[];
  apply(batch: Batch): Transformed;
}

/** Batches go through as they are. */
export function passThrough(columns: readonly Column[], dynamic: boolean, rules: readonly CompiledRule[]): Transform {
  return { columns, dynamic, rules, apply: (batch) => ({ batch, origins: undefined, rejected: [], losses: [] }) };
}

/** Rows by position from rows or documents. */
export function rowTransform(input: Input, rules: readonly CompiledRule[], losses: BatchLosses): Transform {
  const columns = rules.map((rule) => rule.column);
  return {
    columns,
    dynamic: false,
    rules,
    apply: (batch) =>
      eachRow(
        batch,
        input,
        rules,
        losses,
        (row) => rules.map((rule) => rule.evaluate(row)),
        (rows) => ({ kind: 'rows', columns, rows }),
      ),
  };
}

/** Documents from documents: the fields of the rules, then the rest of the source's fields. */
export function documentTransform(
  input: Input,
  rules: readonly CompiledRule[],
  leftOut: ReadonlySet<string>,
  losses: BatchLosses,
): Transform {
  return {
    columns: [],
    dynamic: true,
    rules,
    apply: (batch) => {
      if (batch.kind !== 'documents') throw new TypeError('a scan of documents gave rows');
      const build = (row: unknown): PortableDocument => {
        const document: PortableDocument = new Map();
        for (const rule of rules) {
          const raw = rule.evaluate(row);
          if (raw === undefined) continue;
          document.set(rule.column.name, raw === null ? null : toDynamic(rule.column.type, rule.column.decode(raw)));
        }
        for (const [name, value] of batch.decode(row)) if (!leftOut.has(name) && !document.has(name)) document.set(name, value);
        return document;
      };
      return eachRow(batch, input, rules, losses, build, portableDocuments);
    },
  };
}

/** A batch of documents that are portable already. */
function portableDocuments(documents: readonly PortableDocument[]): DocumentBatch {
  return {
    kind: 'documents',
    form: 'portable',
    documents,
    decode: (raw) => raw as PortableDocument,
    get: (raw, path) =>
      path.split('.').reduce<unknown>((inner, part) => (inner instanceof Map ? inner.get(part) : undefined), raw),
    decodeValue: (raw) => raw as PortableValue,
  };
}

function eachRow<Row>(
  batch: Batch,
  input: Input,
  rules: readonly CompiledRule[],
  losses: BatchLosses,
  build: (row: unknown) => Row,
  collect: (rows: readonly Row[]) => Batch,
): Transformed {
  input.use(batch);
  losses.begin();
  const incoming: readonly unknown[] = batch.kind === 'rows' ? batch.rows : batch.documents;
  const rows: Row[] = [];
  const rejected: TransformRejection[] = [];
  let origins: number[] | undefined;
  for (let index = 0; index < incoming.length; index++) {
    try {
      rows.push(build(incoming[index]));
      origins?.push(index);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      origins ??= Array.from({ length: index }, (_, position) => position);
      rejected.push({ index, field: failingField(rules, incoming[index]), code: error.code, message: error.message });
    }
  }
  return { batch: collect(rows), origins, rejected, losses: losses.list() };
}

/** Which rule failed is found out afterwards, so that the rows that are well pay nothing for it. */
function failingField(rules: readonly CompiledRule[], row: unknown): string {
  for (const rule of rules) {
    try {
      rule.evaluate(row);
    } catch {
      return rule.column.name;
    }
  }
  return '';
}
