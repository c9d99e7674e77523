import { requireColumn, type Table } from '../catalog/table.ts';
import { literal, quote } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import { PartDirection, type PartSource } from './part-direction.ts';
import { type OnlineTrigger, seeWhoseKey } from './trigger-sql.ts';

/** The triggers between a hub and its part, in the order in which they are made. */
export interface PartTriggers {
  /** Of the hub, before those that carry its rows to the other version: a row that refers to one there goes before it. */
  readonly first: readonly OnlineTrigger[];
  /** Of the hub, behind those: a row that refers to one there finds it. */
  readonly last: readonly OnlineTrigger[];
  readonly part: readonly OnlineTrigger[];
}

/**
 * Each trigger carries what has changed of the columns that both tables have, and nothing else: so that a statement which reads other tables of its
 * version is not told that a trigger writes to these.
 */
export function partTriggers(source: PartSource): PartTriggers {
  const hub = new PartDirection(source, 'hub');
  const part = new PartDirection(source, 'part');
  return {
    first: [pull(hub, source.table), hubDelete(hub), hubMove(hub)],
    last: [hubUpdate(hub), hubInsert(hub)],
    part: [partDelete(part), partUpdate(part), partInsert(part)],
  };
}

/** The names of these. */
export function partTriggerNames({ names, part }: Pick<PartSource, 'names' | 'part'>): Record<keyof PartTriggers, string[]> {
  const none = { columns: [] } as unknown as Table;
  const hub = new PartDirection({ names, part, hub: none, table: none }, 'hub');
  const other = new PartDirection({ names, part, hub: none, table: none }, 'part');
  const of = ({ names: own, from }: PartDirection, ...what: string[]) => what.map((each) => own.trigger(from, each));
  return {
    first: of(hub, 'pull', 'delete', 'move'),
    last: of(hub, 'update', 'insert'),
    part: of(other, 'delete', 'update', 'insert'),
  };
}

/** A row that comes to the hub from the other version, or by the copy, brings what the part has for it. */
function pull(hub: PartDirection, table: Table): OnlineTrigger {
  const columns = hub.part.fields.map((field) => requireColumn(table, field));
  const from = `FROM ${hub.there} WHERE ${hub.where('NEW')}`;
  const variables = columns.map((_, index) => `polyshift_f${index + 1}`);
  const name = hub.names.trigger(hub.from, 'pull');
  const sql = `${hub.head(name, 'BEFORE INSERT')}
pulled: BEGIN
  DECLARE polyshift_known INT DEFAULT 0;
${columns.map((column, index) => `  DECLARE ${variables[index]} ${keyType(column)};`).join('\n')}
  IF NOT (${hub.copied} OR ${hub.fromOtherVersion}) THEN LEAVE pulled; END IF;
  SELECT COUNT(*) INTO polyshift_known ${from};
  IF polyshift_known THEN
    SELECT ${columns.map((column) => quote(column.name)).join(', ')} INTO ${variables.join(', ')} ${from};
    SET ${columns.map((column, index) => `NEW.${quote(column.name)} = ${variables[index]}`).join(', ')};
  END IF;
END`;
  return { name, sql };
}

function hubDelete(hub: PartDirection): OnlineTrigger {
  return hub.trigger('DELETE', 'delete', 'OLD', others(hub), `  ${deletePart(hub)};\n  ${hub.forget('OLD')};`);
}

/**
 * The row of the part goes from the key that its hub leaves; {@link hubUpdate} makes it again. Where the version of the part has moved the hub, the row
 * goes with it as it is: that version may have written to it what the hub has not got.
 */
function hubMove(hub: PartDirection): OnlineTrigger {
  const along = `IF ${hub.fromOtherVersion} THEN
    ${hub.find('OLD', undefined)};
    IF polyshift_known THEN UPDATE ${hub.there} SET ${hub.assignedKey()} WHERE ${hub.where('OLD')}; END IF;
    ${hub.leave()};
  END IF;
`;
  const body = `  ${hub.part.kind === 'split' ? along : ''}
  ${deletePart(hub)};
  IF polyshift_known THEN SET ${hub.moving} = NOW(6); END IF;
  ${hub.forget('OLD')};`;
  return hub.trigger('UPDATE', 'move', 'OLD', [...others(hub), `NOT (${hub.moved()})`], body);
}

function hubUpdate(hub: PartDirection): OnlineTrigger {
  const given = hub.given('NEW');
  const write = hub.part.sparse
    ? `IF ${given} THEN
  ${writePart(hub, 'UPDATE', 'TRUE')};
  ELSEIF NOT (${hub.moved()}) THEN
  ${deletePart(hub)};
  END IF`
    : writePart(hub, 'UPDATE', `${given} OR ${hub.moving} <=> NOW(6)`);
  const body = `  ${records(hub)};
  IF NOT (polyshift_whole OR ${hub.moved()} OR ${hub.changed()}) THEN ${hub.leave()}; END IF;
  ${write};
  SET ${hub.moving} = NULL;
  IF polyshift_any THEN DELETE FROM ${hub.names.refused} WHERE ${hub.record('NEW')}; END IF;`;
  return hub.trigger('UPDATE', 'update', 'NEW', [hub.fromOtherVersion], body);
}

function hubInsert(hub: PartDirection): OnlineTrigger {
  const refused = `${hub.names.refused} WHERE ${hub.record('NEW')}`;
  const body = `  ${records(hub)};
  IF ${hub.fromOtherVersion} THEN
    -- What was refused for want of this row has come with it, unless it was written anew since.
    IF polyshift_any THEN DELETE FROM ${refused} AND at <=> polyshift_at; END IF;
    ${hub.leave()};
  END IF;
  IF NOT ${hub.given('NEW')} THEN ${hub.leave()}; END IF;
  ${writePart(hub, 'INSERT', 'TRUE')};
  IF polyshift_any THEN DELETE FROM ${refused}; END IF;`;
  return hub.trigger('INSERT', 'insert', 'NEW', [], body);
}

/** What the version of a merged table does to the hub, it has done to that table by itself, whose foreign key sees to it. */
function others(hub: PartDirection): string[] {
  return hub.part.kind === 'merge' ? [hub.fromOtherVersion] : [];
}

function records(hub: PartDirection): string {
  return `SELECT COUNT(*), COALESCE(SUM(side = ${literal(hub.from)}), 0), MAX(at) INTO polyshift_any, polyshift_whole, polyshift_at
    FROM ${hub.names.refused} WHERE ${hub.record('NEW')}`;
}

/**
 * Whether a row of the part must be there that this transaction need not see. The part of a merge has all its rows from the beginning; into that of a
 * split they are copied, and a look that locks would lock the gap where one is missing yet.
 */
function certainPart(hub: PartDirection): string | undefined {
  return hub.part.kind === 'merge' ? hub.given('OLD') : undefined;
}

function deletePart(hub: PartDirection): string {
  // A row that is not copied yet is inserted and deleted again, for the same reason.
  const unseen = `IF NOT polyshift_known AND ${hub.given('OLD')} THEN
    ${hub.insert('OLD')};
    SET polyshift_known = 1;
  END IF;`;
  return `${hub.find('OLD', certainPart(hub))};
  ${hub.part.kind === 'split' ? unseen : ''}
  IF polyshift_known THEN DELETE FROM ${hub.there} WHERE ${hub.where('OLD')}; END IF`;
}

function writePart(hub: PartDirection, event: 'UPDATE' | 'INSERT', wanted: string): string {
  const { there } = hub;
  const here = hub.where('NEW');
  return `${hub.find('NEW', event === 'UPDATE' ? certainPart(hub) : undefined)};
  IF NOT polyshift_known AND (${wanted}) THEN
    ${hub.insert('NEW')};
    ${seeWhoseKey(there, here)}
  END IF;
  IF polyshift_known THEN UPDATE ${there} SET ${hub.assigned('NEW')} WHERE ${here}; END IF`;
}

/** The same for the hub: the rows of the old version are all there, those of the new one are copied. */
function certainHub(part: PartDirection): string | undefined {
  return part.part.kind === 'split' ? part.given('OLD') : undefined;
}

function partDelete(part: PartDirection): OnlineTrigger {
  // A row that is not copied yet, or that this transaction does not see, is looked for once more later.
  const late =
    part.part.kind === 'merge' ? `IF NOT polyshift_known AND ${part.given('OLD')} THEN ${part.lacking('OLD')}; END IF;` : '';
  return part.trigger('DELETE', 'delete', 'OLD', [], `  ${part.forget('OLD')};\n  ${clearHub(part)};\n  ${late}`);
}

function partUpdate(part: PartDirection): OnlineTrigger {
  const body = `  IF ${part.moved()} THEN
  ${clearHub(part)};
  ${part.forget('OLD')};
  END IF;
  ${part.find('NEW', certainHub(part))};
  ${writeHub(part)};`;
  return part.trigger('UPDATE', 'update', 'NEW', [], body);
}

function partInsert(part: PartDirection): OnlineTrigger {
  return part.trigger('INSERT', 'insert', 'NEW', [], `  ${part.find('NEW', undefined)};\n  ${writeHub(part)};`);
}

function writeHub(part: PartDirection): string {
  return `IF polyshift_known THEN
    UPDATE ${part.there} SET ${part.assigned('NEW')} WHERE ${part.where('NEW')};
    ${part.forget('NEW')};
  ELSE
    ${part.lacking('NEW')};
  END IF`;
}

function clearHub(part: PartDirection): string {
  return `${part.find('OLD', certainHub(part))};
  IF polyshift_known THEN UPDATE ${part.there} SET ${part.assigned(null)} WHERE ${part.where('OLD')}; END IF`;
}
