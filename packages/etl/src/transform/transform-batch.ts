import {
  type Batch,
  batchSize,
  type Column,
  ConversionError,
  type DocumentBatch,
  type ErrorCode,
  type Loss,
  type PortableDocument,
  type PortableValue,
  toDynamic,
} from '@polyshift/core';
import type { CompiledBranch } from './compile-branch.ts';
import type { BatchLosses } from './losses.ts';
import { RowRefusal } from './row-refusal.ts';
import { Unwound } from './unwound-input.ts';

/** A source row that could not be made or read. */
export interface SourceRejection {
  /** Position in the batch that came in. */
  readonly index: number;
  /** The target field that could not be made; empty where it is the row itself. */
  readonly field: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What one branch made of a batch. */
export interface BranchOutput {
  readonly batch: Batch;
  /** For each row of `batch` its position in the batch that came in; undefined where all positions are the same. */
  readonly origins: readonly number[] | undefined;
  /** For each row of `batch` the row of the parent branch that it belongs to; undefined without a parent. */
  readonly outer: readonly number[] | undefined;
  /** The position of the parent branch. */
  readonly parent: number | undefined;
}

/** What came out of a batch: each source row in all branches, or rejected. */
export interface Transformed {
  readonly outputs: readonly BranchOutput[];
  readonly rejected: readonly SourceRejection[];
  /** Rows that no load takes, by their `when`. */
  readonly leftOut: number;
  readonly losses: readonly Loss[];
}

/** Applies the branches of a flow to a batch. `refused` are rows that the source itself has found wanting. */
export function transformBatch(
  branches: readonly CompiledBranch[],
  losses: BatchLosses,
  batch: Batch,
  refused: readonly SourceRejection[] = [],
): Transformed {
  losses.begin();
  const [first] = branches;
  if (branches.length === 1 && first?.shape.kind === 'as_is' && !first.takes && refused.length === 0) {
    return {
      outputs: [{ batch, origins: undefined, outer: undefined, parent: undefined }],
      rejected: [],
      leftOut: 0,
      losses: [],
    };
  }
  for (const branch of branches) branch.fields.use(batch);
  const rejected = new Map(refused.map((each) => [each.index, each]));
  let leftOut = 0;
  const made = branches.map((): Made => ({ rows: [], origins: [], outer: [] }));
  const rows: readonly unknown[] = batch.kind === 'rows' ? batch.rows : batch.documents;
  // Most specs have one row for each row: that way allocates nothing beside it.
  const plain = branches.length === 1 && !first?.elements && !first?.takes ? first : undefined;
  for (let index = 0; index < rows.length; index++) {
    if (rejected.has(index)) continue;
    if (plain) {
      try {
        made[0]!.rows.push(plain.shape.kind === 'as_is' ? rows[index] : plain.shape.build(rows[index]));
        made[0]!.origins.push(index);
      } catch (error) {
        rejected.set(index, rejectionOf(error, branches, rows[index], index));
      }
      continue;
    }
    const sizes = made.map((each) => each.rows.length);
    try {
      if (!makeRow(branches, made, rows[index], index)) leftOut++;
    } catch (error) {
      rejected.set(index, rejectionOf(error, branches, rows[index], index));
      // All of the row or nothing: a part of it would look like the whole.
      for (const [position, each] of made.entries()) for (const list of Object.values(each)) list.length = sizes[position]!;
    }
  }
  return {
    outputs: branches.map((branch, position) => {
      const { rows: built, origins, outer } = made[position]!;
      const whole = !branch.elements && built.length === rows.length;
      return {
        batch: collected(branch, batch, built),
        origins: whole ? undefined : origins,
        outer: branch.spec.parent === undefined ? undefined : outer,
        parent: branch.spec.parent,
      };
    }),
    rejected: [...rejected.values()].sort((left, right) => left.index - right.index),
    leftOut,
    losses: losses.list(),
  };
}

interface Made {
  readonly rows: unknown[];
  readonly origins: number[];
  readonly outer: number[];
}

/** Makes what all branches make of one source row; false where none takes it. */
function makeRow(branches: readonly CompiledBranch[], made: readonly Made[], source: unknown, index: number): boolean {
  let taken = branches.length === 0;
  // The row objects of each branch for this source row; their first one's position in the output.
  const objects: { rows: unknown[]; from: number }[] = [];
  for (const [position, branch] of branches.entries()) {
    const { spec, shape } = branch;
    const output = made[position]!;
    const own: unknown[] = [];
    const from = output.rows.length;
    const around = spec.parent === undefined ? { rows: [source], from: 0 } : objects[spec.parent]!;
    for (const [offset, outer] of around.rows.entries()) {
      if (branch.takes && !branch.takes(outer)) continue;
      taken = true;
      const inner = branch.elements ? branch.elements(outer).map((element, at) => new Unwound(outer, element, at)) : [outer];
      for (const row of inner) {
        own.push(row);
        output.rows.push(shape.kind === 'as_is' ? row : shape.build(row));
        output.origins.push(index);
        output.outer.push(around.from + offset);
      }
    }
    objects.push({ rows: own, from });
  }
  return taken;
}

function rejectionOf(error: unknown, branches: readonly CompiledBranch[], source: unknown, index: number): SourceRejection {
  if (error instanceof RowRefusal) return { index, field: error.field, code: error.code, message: error.message };
  if (!(error instanceof ConversionError)) throw error;
  return { index, field: failingField(branches, source), code: error.code, message: error.message };
}

/** Which rule failed is found out afterwards, so that the rows that are well pay nothing for it. */
function failingField(branches: readonly CompiledBranch[], source: unknown): string {
  const objects: unknown[][] = [];
  for (const { spec, takes, elements, rules } of branches) {
    const around = spec.parent === undefined ? [source] : objects[spec.parent]!;
    const own: unknown[] = [];
    for (const outer of around) {
      try {
        if (takes && !takes(outer)) continue;
        if (elements) own.push(...elements(outer).map((element, at) => new Unwound(outer, element, at)));
        else own.push(outer);
      } catch {
        return spec.unwind?.field ?? 'when';
      }
    }
    for (const row of own) {
      for (const rule of rules) {
        try {
          rule.evaluate(row);
        } catch {
          return rule.column.name;
        }
      }
    }
    objects.push(own);
  }
  return '';
}

function collected({ shape }: CompiledBranch, batch: Batch, rows: readonly unknown[]): Batch {
  switch (shape.kind) {
    case 'as_is':
      return batch.kind === 'rows' ? { ...batch, rows: rows as readonly (readonly unknown[])[] } : { ...batch, documents: rows };
    case 'rows':
      return { kind: 'rows', columns: shape.columns as readonly Column[], rows: rows as readonly (readonly unknown[])[] };
    case 'documents':
      return portableDocuments(rows as readonly PortableDocument[]);
  }
}

/** A batch of documents that are portable already. */
export function portableDocuments(documents: readonly PortableDocument[]): DocumentBatch {
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

/** Rows as documents, for targets that take documents of any fields. */
export function documentsOf(batch: Batch): DocumentBatch {
  if (batch.kind === 'documents') return batch;
  return portableDocuments(
    batch.rows.map((row) => {
      const document: PortableDocument = new Map();
      for (const [position, column] of batch.columns.entries()) {
        const raw = row[position];
        if (raw !== undefined) document.set(column.name, raw === null ? null : toDynamic(column.type, column.decode(raw)));
      }
      return document;
    }),
  );
}

/** The rows of a batch at these positions. */
export function pickRows(batch: Batch, positions: readonly number[]): Batch {
  if (positions.length === batchSize(batch)) return batch;
  return batch.kind === 'rows'
    ? { ...batch, rows: positions.map((position) => batch.rows[position]!) }
    : { ...batch, documents: positions.map((position) => batch.documents[position]) };
}

/** The rows of a batch from one position on and before another. */
export function sliceRows(batch: Batch, from: number, through: number): Batch {
  return batch.kind === 'rows'
    ? { ...batch, rows: batch.rows.slice(from, through) }
    : { ...batch, documents: batch.documents.slice(from, through) };
}
