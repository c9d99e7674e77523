import { requireColumn, type Table } from '../catalog/table.ts';
import { literal, quote } from '../identifiers.ts';
import { sameExactly } from '../values/literal.ts';
import { otherSide, type Part } from './mapping.ts';
import type { OnlineNames, Side } from './names.ts';
import { hubOf, partNames } from './parts.ts';
import { recordRefused, refusedKey } from './refused.ts';
import { insertUnlessThere, looked, type OnlineTrigger, passing, type RowEvent } from './trigger-sql.ts';

/** What the triggers between a hub and its part are made from. */
export interface PartSource {
  /** Those of the two versions. */
  readonly names: OnlineNames;
  readonly part: Part;
  readonly hub: Table;
  readonly table: Table;
}

/** The row that a trigger is about. */
export type Row = 'OLD' | 'NEW';

/**
 * One of the two directions between a hub and its part, in SQL: what triggers of `from` need in order to write to the other table. What one of the
 * two has sent is seen by a variable of their own, as between the two versions: its sender, and the time of the statement.
 */
export class PartDirection {
  readonly part: Part;
  readonly names: OnlineNames;
  /** The version whose table has the triggers. */
  readonly from: Side;
  /** The other table, as SQL. */
  readonly there: string;
  /** Holds for a write of the hub that has come from the version which the part belongs to. */
  readonly fromOtherVersion: string;
  /** Holds for a write that is the copy of rows. */
  readonly copied: string;
  /** The variable that says that a row of the part is to be made again under another key. */
  readonly moving: string;
  private readonly to: Side;
  private readonly sender: 'hub' | 'part';
  private readonly tables: Readonly<Record<Side, Table>>;

  constructor({ names, part, hub, table }: PartSource, sender: 'hub' | 'part') {
    const hubSide = hubOf(part);
    this.part = part;
    this.names = partNames(names, part);
    this.sender = sender;
    this.from = sender === 'hub' ? hubSide : otherSide(hubSide);
    this.to = otherSide(this.from);
    this.there = this.names[this.to];
    this.tables = hubSide === 'old' ? { old: hub, new: table } : { old: table, new: hub };
    this.fromOtherVersion = `${names.origin} <=> CONCAT(${literal(otherSide(hubSide))}, NOW(6))`;
    this.copied = `${names.copying} IS NOT NULL`;
    this.moving = `${this.names.origin}_moving`;
  }

  /** A trigger that gives up what the other table refuses, and records it. It may leave the block `carried` by {@link leave}. */
  trigger(event: RowEvent, what: string, row: Row, ignored: readonly string[], body: string): OnlineTrigger {
    const { names } = this;
    const name = names.trigger(this.from, what);
    const answer = `${names.origin} <=> CONCAT('${this.sender === 'hub' ? 'part' : 'hub'}', NOW(6))`;
    const sql = `${this.head(name, `AFTER ${event}`)}
carried: BEGIN
  DECLARE polyshift_known INT DEFAULT 0;
  DECLARE polyshift_any INT DEFAULT 0;
  DECLARE polyshift_whole INT DEFAULT 0;
  DECLARE polyshift_at DATETIME(6);
  DECLARE polyshift_number INT DEFAULT 0;
  DECLARE polyshift_reason TEXT CHARACTER SET utf8mb4;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN
    GET DIAGNOSTICS CONDITION 1 polyshift_number = MYSQL_ERRNO, polyshift_reason = MESSAGE_TEXT;
    SET ${names.origin} = NULL, ${this.moving} = NULL;
    IF polyshift_number IN (${passing.join(', ')}) THEN RESIGNAL; END IF;
    ${recordRefused(names, this.from, this.key(row), 'polyshift_number', 'polyshift_reason')};
  END;
  IF ${[this.copied, answer, ...ignored].join(' OR ')} THEN LEAVE carried; END IF;
  SET ${names.origin} = CONCAT('${this.sender}', NOW(6));
${body}
  ${this.ended()};
END`;
    return { name, sql };
  }

  /** The beginning of a statement that creates a trigger. */
  head(name: string, when: string): string {
    return `CREATE TRIGGER ${quote(this.names.schema)}.${quote(name)} ${when} ON ${this.names[this.from]} FOR EACH ROW`;
  }

  /** Leaves the trigger with nothing more to do. */
  leave(): string {
    return `${this.ended()}; LEAVE carried`;
  }

  /** The row of the other table that belongs to one of this. */
  where(row: Row): string {
    return this.part.key.map((pair) => `${this.there}.${quote(pair[this.to])} = ${row}.${quote(pair[this.from])}`).join(' AND ');
  }

  /** Gives the other table its row. Where that is there already, or another one has a unique value of it, `polyshift_known` becomes 2. */
  insert(row: Row): string {
    const columns = [...this.part.key.map((pair) => quote(pair[this.to])), ...this.part.fields.map(quote)];
    const values = [...this.key(row), ...this.part.fields.map((field) => `${row}.${quote(field)}`)];
    return insertUnlessThere(this.there, columns.join(', '), values.join(', '));
  }

  /** The assignments that give a row of the other table what this one has, or nothing. */
  assigned(values: 'NEW' | null): string {
    const set = this.part.fields.map((field) => `${quote(field)} = ${values === null ? 'NULL' : `NEW.${quote(field)}`}`);
    return [...set, ...untimed(this.tables[this.to], this.part)].join(', ');
  }

  /** The assignments that give a row of the other table the key of this one. */
  assignedKey(): string {
    return this.part.key.map((pair) => `${quote(pair[this.to])} = NEW.${quote(pair[this.from])}`).join(', ');
  }

  /** Looks for the row of the other table; where it is there, or must be, by a look that locks it, since this transaction may see an older state. */
  find(row: Row, must: string | undefined): string {
    const from = `${this.there} WHERE ${this.where(row)}`;
    return `${looked('polyshift_known', from)};
  IF polyshift_known${must === undefined ? '' : ` OR ${must}`} THEN SELECT COUNT(*) INTO polyshift_known FROM ${from} FOR UPDATE; END IF`;
  }

  /** Takes away the record of a key where there is one: deleting what is not there would lock a gap. */
  forget(row: Row): string {
    const records = `${this.names.refused} WHERE ${this.record(row)}`;
    return `${looked('polyshift_any', records)};
  IF polyshift_any THEN DELETE FROM ${records}; END IF`;
  }

  /** The condition that a record is of the key. */
  record(row: Row): string {
    return refusedKey(this.key(row));
  }

  /** Records that the other table lacks the row. */
  lacking(row: Row): string {
    const reason = `there is no row of ${this.names.plain[this.to]} with this key`;
    return recordRefused(this.names, this.from, this.key(row), '0', literal(reason));
  }

  /** Holds where the statement has changed the key. */
  moved(): string {
    return this.differ(this.part.key.map((pair) => pair[this.from]));
  }

  /** Holds where the statement has changed what both tables have. */
  changed(): string {
    return this.differ(this.part.fields);
  }

  /** Holds where one of the common columns has a value. */
  given(row: Row): string {
    return `(${this.part.fields.map((field) => `${row}.${quote(field)} IS NOT NULL`).join(' OR ')})`;
  }

  private ended(): string {
    return `SET ${this.names.origin} = NULL`;
  }

  private key(row: Row): string[] {
    return this.part.key.map((pair) => `${row}.${quote(pair[this.from])}`);
  }

  private differ(names: readonly string[]): string {
    const table = this.tables[this.from];
    const same = names.map((name) => sameExactly(requireColumn(table, name), `OLD.${quote(name)}`, `NEW.${quote(name)}`));
    return `NOT (${same.join(' AND ')})`;
  }
}

/** Columns that the store sets to the time of each change keep theirs: the application has written to another table. */
export function untimed(table: Table, part: Part): string[] {
  return table.columns
    .filter(({ name, onUpdate }) => onUpdate && !part.fields.includes(name))
    .map(({ name }) => `${quote(name)} = ${quote(name)}`);
}
