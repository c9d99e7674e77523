import { isNumeric, isTime, type JsonObject, type Operation, type PortableType } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import type { ComparableColumn } from '../comparable.ts';
import type { ColumnOf } from '../conditions.ts';
import { quote } from '../identifiers.ts';
import type { Bind } from '../parameters.ts';
import { toNativeType } from '../types.ts';
import { type Assignment, compilePipeline, type TargetOf } from './pipeline.ts';

/** What a table that is copied from needs to give: its columns in order, and each by its name (throws UNKNOWN_FIELD). */
export interface CopiedTable {
  readonly columns: readonly (ComparableColumn & Partial<Pick<TableColumn, 'collation'>>)[];
  readonly column: ColumnOf;
}

/** A column of the table that extract makes, with its value as SQL over a row of the old one. */
export interface ExtractedColumn {
  readonly name: string;
  /** The type as SQL. */
  readonly native: string;
  readonly collation: string | undefined;
  readonly sql: (bind: Bind) => string;
}

/**
 * The columns of the new table: those of the old one as the pipeline leaves them, then the fields that are asked for. A field that the pipeline sets and the
 * old table lacks becomes a column of the expression's type; one that it unsets is left out, or null where it is asked for. Throws UNKNOWN_FIELD.
 */
export function extractedColumns({ data }: Operation<'extract'>, table: CopiedTable): ExtractedColumn[] {
  const assignments = new Map(pipelineOf(data.pipeline, table).map((each) => [each.column.name, each]));
  const names = [...new Set([...table.columns.map(({ name }) => name), ...assignments.keys()])];
  const left = names.filter((name) => assignments.get(name)?.removed !== true);
  return chosenFields(data.fields, left).map(({ from, to }) => {
    const assignment = assignments.get(from);
    const column = table.columns.find(({ name }) => name === from) ?? assignment?.column ?? table.column(from);
    const native = nativeOf(column);
    return {
      name: to,
      native,
      collation: table.columns.find(({ name }) => name === from)?.collation,
      sql: (bind) => (assignment ? `(${assignment.sql(bind)})${castTo(column)}` : quote(column.name)),
    };
  });
}

function pipelineOf(pipeline: Operation<'extract'>['data']['pipeline'], table: CopiedTable): Assignment[] {
  if (!pipeline) return [];
  const known = new Set(table.columns.map(({ name }) => name));
  const targetOf: TargetOf = (field, type) => {
    if (known.has(field)) return table.column(field);
    const own: PortableType = type?.kind === 'json' ? { kind: 'document' } : (type ?? { kind: 'text' });
    return { name: field, type: own, native: toNativeType(own) };
  };
  return compilePipeline(pipeline as JsonObject[], table.column, targetOf);
}

function nativeOf(column: ComparableColumn): string {
  return column.native || toNativeType(column.type);
}

/** Brings a value to the column's type, so that DISTINCT sees what will be stored. A text is not brought to a length: that would cut it without a word. */
function castTo(column: ComparableColumn): string {
  return isNumeric(column.type.kind) || isTime(column.type.kind) || column.pgType === undefined ? `::${nativeOf(column)}` : '';
}

/** The list of a SELECT that gives the new columns. */
export function extractedList(columns: readonly ExtractedColumn[], bind: Bind): string {
  return columns.map(({ name, sql }) => `${sql(bind)} AS ${quote(name)}`).join(', ');
}

function chosenFields(
  fields: Operation<'extract'>['data']['fields'],
  all: readonly string[],
): readonly { from: string; to: string }[] {
  if (fields === undefined) return all.map((name) => ({ from: name, to: name }));
  if (Array.isArray(fields)) return fields.map((name) => ({ from: name, to: name }));
  return Object.entries(fields).map(([to, from]) => ({ from, to }));
}
