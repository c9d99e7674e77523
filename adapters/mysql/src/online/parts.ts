import type { Operation } from '@polyshift/core';
import { innerOperations } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import { asideName } from '../handler/aside.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import type { Mapping, Part } from './mapping.ts';
import { keyAlias, type OnlineNames, type OnlineUndo, type Side } from './names.ts';

/** The version that has the columns of a part in its own table. */
export function hubOf({ kind }: Pick<Part, 'kind'>): Side {
  return kind === 'split' ? 'old' : 'new';
}

/** The parts of an online change. */
export function partsIn(mapping: Mapping): readonly Part[] {
  return mapping.parts ?? [];
}

/** The changes of the table itself, in order: those of the operation, and what splits take away. */
export function changesOf(operation: Operation<'online_change'>): readonly Operation[] {
  const moved = (operation.data.split ?? []).flatMap(({ fields }) => fields);
  return [
    ...innerOperations(operation),
    ...moved.map((field_name): Operation => ({ ...operation, type: 'remove_field', data: { field_name } })),
  ];
}

/** The name of a table of the database of both versions, by what an operation calls it. */
export function partName(operation: Operation<'online_change'>, undo: Pick<OnlineUndo, 'name'>, called: string): string {
  const place = operation.collection.slice(0, operation.collection.length - undo.name.length);
  return place !== '' && called.startsWith(place) ? called.slice(place.length) : called;
}

/** What operations call a table of the database of both versions. */
export function partCollection(operation: Operation<'online_change'>, undo: Pick<OnlineUndo, 'name'>, name: string): string {
  return `${operation.collection.slice(0, operation.collection.length - undo.name.length)}${name}`;
}

/** The names of the tables that end by merges. */
export function mergedTables(operation: Operation<'online_change'>, table: Pick<OnlineUndo, 'name'>): string[] {
  return (operation.data.merge ?? []).map(({ from }) => partName(operation, table, from));
}

/** The names of hub and part as those of two versions, with records and triggers of their own. */
export function partNames(names: OnlineNames, part: Part): OnlineNames {
  const hub = hubOf(part);
  const table = quoteQualified(names.schema, part.table);
  const refusedName = names.own(`${part.id}_refused`);
  return {
    ...names,
    ...(hub === 'old' ? { new: table } : { old: table }),
    plain: { old: hub === 'old' ? names.plain.old : part.table, new: hub === 'new' ? names.plain.new : part.table },
    refusedName,
    refused: quoteQualified(names.schema, refusedName),
    trigger: (side, what) => names.own(`${part.id}_${side}_${what}`),
    origin: `${names.origin}_${part.id}`,
  };
}

/** The name of a merged table when it is put aside, without quotes. */
export function partAside(aside: string, { id }: Part): string {
  return asideName(aside, id);
}

/** The condition that a statement of a hub writes for its part: it concerns no other table. */
export function fromPart(names: OnlineNames, part: Part): string {
  return `${partNames(names, part).origin} <=> CONCAT('part', NOW(6))`;
}

/** How rows of the hub of a split become rows of the part, for the copy. */
export function splitMapping(part: Part, old: Table): Mapping {
  const keys = part.key.map((_, index) => keyAlias(index));
  const names = [
    ...part.key.map((pair) => ({ name: pair.new, from: pair.old })),
    ...part.fields.map((field) => ({ name: field, from: field })),
  ];
  return {
    key: part.key,
    forward: {
      base: names.map(({ from }) => requireColumn(old, from).name),
      layers: [[...names.map(({ name, from }) => `${quote(from)} AS ${quote(name)}`), ...keys]],
      alias: old.name,
      columns: names.map(({ name, from }) => ({ name, from, sources: [from], same: true })),
    },
    back: { base: [], layers: [], alias: part.table, columns: [] },
    number: null,
    only: part.fields,
  };
}
