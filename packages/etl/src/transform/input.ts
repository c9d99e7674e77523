import {
  type Batch,
  type Column,
  ConversionError,
  nearest,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  type SourceDescription,
  toDynamic,
} from '@polyshift/core';
import { structureOf, valueAt } from './functions/structure.ts';

/** A field of the source as rules read it. */
export interface InputField {
  readonly name: string;
  readonly column: Column;
  /** The raw value in a row or document: null, undefined where it is missing, else in the column's form. */
  readonly read: (row: unknown) => unknown;
}

/** The portable value of a field in a row; undefined where it is missing. */
export function fieldValue(field: InputField, row: unknown): PortableValue | undefined {
  const raw = field.read(row);
  return raw === null || raw === undefined ? raw : field.column.decode(raw);
}

/** The fields of the rows or documents that come in. For documents, `use` must be called with each batch before its documents are read. */
export interface Input {
  readonly dynamic: boolean;
  /** The names that are known: all columns of a table; of a document store those that samples show. */
  readonly names: readonly string[];
  /** Undefined where a table has no such column. A document store has every field. */
  field(path: string): InputField | undefined;
  /** The name that a mistyped one most likely means. */
  nearest(path: string): string | undefined;
  /** All fields of a row in their order; those that are missing in it are left out. */
  document(row: unknown): PortableDocument;
  /** Points the readers to a batch. */
  use(batch: Batch): void;
}

const dynamic: PortableType = { kind: 'dynamic' };

/** The input that a scan gives. */
export function inputOf(description: SourceDescription): Input {
  return description.dynamic ? documentInput(description) : rowInput(description.columns);
}

function rowInput(columns: readonly Column[]): Input {
  const positions = new Map(columns.map((column, index) => [column.name, index]));
  const names = columns.map((column) => column.name);
  return {
    dynamic: false,
    names,
    nearest: (path) => nearest(path, names),
    use: (batch) => {
      if (batch.kind !== 'rows') throw new TypeError('a scan of rows gave documents');
    },
    field: (path) => {
      const position = positions.get(path);
      if (position !== undefined) {
        const column = columns[position]!;
        return { name: path, column, read: (row) => (row as readonly unknown[])[position] };
      }
      return insideColumn(path, columns, positions);
    },
    document: (row) => {
      const document: PortableDocument = new Map();
      for (const [position, column] of columns.entries()) {
        const raw = (row as readonly unknown[])[position];
        if (raw !== undefined) document.set(column.name, raw === null ? null : toDynamic(column.type, column.decode(raw)));
      }
      return document;
    },
  };
}

/** A dotted path into a column of JSON or documents. */
function insideColumn(path: string, columns: readonly Column[], positions: ReadonlyMap<string, number>): InputField | undefined {
  const [head = '', ...rest] = path.split('.');
  const position = positions.get(head);
  const column = position === undefined ? undefined : columns[position]!;
  if (column === undefined || rest.length === 0 || !['json', 'document', 'dynamic', 'array'].includes(column.type.kind))
    return undefined;
  return {
    name: path,
    column: { name: path, type: dynamic, nullable: true, form: 'portable', decode: (raw) => raw as PortableValue },
    read: (row) => {
      const raw = (row as readonly unknown[])[position!];
      if (raw === null || raw === undefined) return undefined;
      const value = column.decode(raw);
      // A dynamic column may hold a text that is no JSON: only what has parts is looked into.
      return valueAt(column.type.kind === 'dynamic' ? value : structureOf(column.type, value), rest);
    },
  };
}

function documentInput(description: SourceDescription): Input {
  const names = description.columns.map((column) => column.name);
  let current: Extract<Batch, { kind: 'documents' }> | undefined;
  const batch = () => {
    if (current === undefined) throw new ConversionError('no batch');
    return current;
  };
  return {
    dynamic: true,
    names,
    nearest: (path) => nearest(path, names),
    use: (next) => {
      if (next.kind !== 'documents') throw new TypeError('a scan of documents gave rows');
      current = next;
    },
    field: (path) => ({
      name: path,
      // The form is that of the source, so that a sink of the same store can take raw values as they are.
      column: {
        name: path,
        type: dynamic,
        nullable: true,
        form: description.columns[0]?.form ?? 'portable',
        decode: (raw) => batch().decodeValue(raw),
      },
      read: (row) => batch().get(row, path),
    }),
    document: (row) => batch().decode(row),
  };
}
