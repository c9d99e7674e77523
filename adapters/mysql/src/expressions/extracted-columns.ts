import type { JsonObject, Operation } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import { type ComparableColumn, sqlColumn } from '../comparable.ts';
import type { ColumnOf } from '../conditions.ts';
import { quote } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import type { Dialect } from '../server-features.ts';
import { loadedType } from '../types.ts';
import { type Assignment, compilePipeline, type TargetOf } from './pipeline.ts';

/** What a table that is copied from needs to give: its columns in order, and each by its name (throws UNKNOWN_FIELD). */
export interface CopiedTable {
  readonly columns: readonly ComparableColumn[];
  readonly column: ColumnOf;
}

/** A column of the table that extract makes. */
export interface ExtractedColumn {
  readonly name: string;
  /** Its definition behind the name. */
  readonly definition: string;
  /** Its value as SQL over a row of the old table. */
  readonly sql: string;
}

/**
 * The columns of the new table: those of the old one as the pipeline leaves them, then the fields that are asked for. A field that the pipeline sets
 * and the old table lacks becomes a column of the expression's type; one that it unsets is left out, or null where it is asked for. What the
 * store filled by itself in the old table is now data. Throws UNKNOWN_FIELD.
 */
export function extractedColumns({ data }: Operation<'extract'>, table: CopiedTable, dialect: Dialect): ExtractedColumn[] {
  const assignments = new Map(pipelineOf(data.pipeline, table).map((each) => [each.column.name, each]));
  const names = [...new Set([...table.columns.map(({ name }) => name), ...assignments.keys()])];
  const left = names.filter((name) => assignments.get(name)?.removed !== true);
  return chosenFields(data.fields, left).map(({ from, to }) => {
    const assignment = assignments.get(from);
    const own = table.columns.find(({ name }) => name === from);
    const column = own ?? assignment?.column ?? table.column(from);
    const inKey = data.key?.includes(to) ?? false;
    const [type, check] = typeOf(column, own !== undefined, to, inKey ? { size: data.key!.length } : undefined, dialect);
    return {
      name: to,
      definition: `${type} ${inKey ? 'NOT NULL' : 'NULL'}${check}`,
      sql: assignment ? `(${assignment.sql})` : quote(column.name),
    };
  });
}

/** The list of a SELECT that gives the new columns. */
export function extractedList(columns: readonly ExtractedColumn[]): string {
  return columns.map(({ name, sql }) => `${sql} AS ${quote(name)}`).join(', ');
}

/** What stands inside the parentheses of CREATE TABLE. */
export function extractedDefinitions(columns: readonly ExtractedColumn[], key: readonly string[] = []): string {
  const parts = columns.map(({ name, definition }) => `${quote(name)} ${definition}`);
  return [...parts, ...(key.length > 0 ? [`PRIMARY KEY (${key.map(quote).join(', ')})`] : [])].join(', ');
}

function pipelineOf(pipeline: Operation<'extract'>['data']['pipeline'], table: CopiedTable): Assignment[] {
  if (!pipeline) return [];
  const known = new Set(table.columns.map(({ name }) => name));
  const targetOf: TargetOf = (field, type) =>
    known.has(field) ? table.column(field) : { name: field, type: type ?? { kind: 'text' } };
  return compilePipeline(pipeline as JsonObject[], table.column, targetOf);
}

/** The type of a new column and, where it holds JSON as text, the check of that. */
function typeOf(
  column: ComparableColumn,
  known: boolean,
  name: string,
  key: { size: number } | undefined,
  dialect: Dialect,
): [type: string, check: string] {
  if (!known) {
    const text = loadedType(quote(name), column.type, key, dialect);
    const at = text.indexOf(' CHECK ');
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  }
  const { native } = sqlColumn(column);
  const type = keyType({ ...(column as TableColumn), native });
  return [type, column.type.kind === 'json' && native !== 'json' ? ` CHECK (json_valid(${quote(name)}))` : ''];
}

function chosenFields(
  fields: Operation<'extract'>['data']['fields'],
  all: readonly string[],
): readonly { from: string; to: string }[] {
  if (fields === undefined) return all.map((name) => ({ from: name, to: name }));
  if (Array.isArray(fields)) return fields.map((name) => ({ from: name, to: name }));
  return Object.entries(fields).map(([to, from]) => ({ from, to }));
}
