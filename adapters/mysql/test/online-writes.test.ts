import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection, type ResultSetHeader } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const seeded = 3000;

/** What one application has been told: the rows that it must find again, by their key. */
interface Ledger {
  readonly rows: Map<number, string>;
  acknowledged: number;
  readonly failed: string[];
  /** Transactions that the server has told to start again, and that have then come to their end. */
  restarted: number;
  /** Milliseconds of the slowest write. */
  longest: number;
}

/** Writes rows of its own, one statement after the other, until it is told to stop: inserts with keys of the server, updates, deletes, transactions. */
class Application {
  readonly ledger: Ledger = { rows: new Map(), acknowledged: 0, failed: [], restarted: 0, longest: 0 };
  private readonly lines: Promise<void>[];
  private stopped = false;

  constructor(url: string, table: string, column: string, lines: number) {
    this.lines = Array.from({ length: lines }, (_, line) => this.write(url, table, column, line));
  }

  async stop(): Promise<Ledger> {
    this.stopped = true;
    await Promise.all(this.lines);
    return this.ledger;
  }

  private async write(url: string, table: string, column: string, line: number): Promise<void> {
    const connection = await createConnection({ uri: url });
    const own: number[] = [];
    for (let turn = 0; !this.stopped; turn++) {
      const startedAt = performance.now();
      try {
        await this.step(connection, table, column, own, `${table} ${line} ${turn}`, turn);
        this.ledger.acknowledged++;
      } catch (error) {
        this.ledger.failed.push(`${table} ${line}/${turn}: ${(error as Error).message}`);
      }
      this.ledger.longest = Math.max(this.ledger.longest, performance.now() - startedAt);
      await pause(5);
    }
    await connection.end();
  }

  /** Reads a row and then writes it. What ends such a transaction by a deadlock says so, and every application has to start it again. */
  private async transaction(connection: Connection, table: string, column: string, key: number, text: string): Promise<number> {
    for (;;) {
      try {
        await connection.query('BEGIN');
        await connection.query(`SELECT * FROM ${table} WHERE id = ?`, [key]);
        const sql = `UPDATE ${table} SET ${column} = ? WHERE id = ?`;
        const [{ affectedRows }] = await connection.query<ResultSetHeader>(sql, [text, key]);
        await connection.query('COMMIT');
        return affectedRows;
      } catch (error) {
        await connection.query('ROLLBACK');
        if ((error as { errno?: number }).errno !== 1213) throw error;
        this.ledger.restarted++;
      }
    }
  }

  private async step(
    connection: Connection,
    table: string,
    column: string,
    own: number[],
    text: string,
    turn: number,
  ): Promise<void> {
    const { rows } = this.ledger;
    const key = own[(turn * 7) % Math.max(own.length, 1)];
    if (turn % 4 < 2 || key === undefined) {
      const [{ insertId }] = await connection.query<ResultSetHeader>(`INSERT INTO ${table} (${column}) VALUES (?)`, [text]);
      if (rows.has(insertId)) throw new Error(`the key ${insertId} was handed out twice`);
      own.push(insertId);
      rows.set(insertId, text);
      return;
    }
    if (turn % 4 === 2) {
      const affectedRows = await this.transaction(connection, table, column, key, text);
      if (affectedRows !== 1) throw new Error(`the row ${key} was not there to update`);
      rows.set(key, text);
      return;
    }
    const [{ affectedRows }] = await connection.query<ResultSetHeader>(`DELETE FROM ${table} WHERE id = ?`, [key]);
    if (affectedRows !== 1) throw new Error(`the row ${key} was not there to delete`);
    own.splice(own.indexOf(key), 1);
    rows.delete(key);
  }
}

describe.each(servers)(
  'applications of both versions that write through an online change on %s',
  { timeout: 300_000 },
  (name) => {
    it.each(['finalize', 'down'] as const)('lose no write and see none fail, to the end by %s', async (end) => {
      const numbers = Array.from({ length: seeded }, (_, index) => `('seed ${index}', '${index}')`).join(', ');
      await using stage = await TwoVersionsStage.on(
        name,
        [
          'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(60), age varchar(10))',
          `INSERT INTO users (name, age) VALUES ${numbers}`,
        ],
        {
          operations: [
            renamed,
            { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
            { type: 'add_field', data: { field_name: 'tier', default_value: 'free' } },
          ],
          batch_size: 200,
        },
      );
      const { url } = stage.database;
      const first = new Application(url, 'users', 'name', 3);
      await pause(300);
      await stage.up();
      const next = new Application(url, 'users__v1', 'label', 3);
      await pause(1500);
      expect(await stage.problems()).toEqual([]);
      // The application that must be gone at the end: of the old version before finalize, of the new one before down.
      const leaving = end === 'finalize' ? first : next;
      const staying = end === 'finalize' ? next : first;
      const left = await leaving.stop();
      await (end === 'finalize' ? stage.finalize() : stage.down());
      await pause(500);
      const stayed = await staying.stop();
      const rows = new Map(
        (await stage.sql(`SELECT id, ${end === 'finalize' ? 'label' : 'name'} FROM users`)).map(([id, text]) => [id, text]),
      );
      const ledgers = [left, stayed];
      const acknowledged = ledgers.reduce((sum, ledger) => sum + ledger.acknowledged, 0);
      const longest = Math.max(...ledgers.map((ledger) => ledger.longest));
      const failed = ledgers.flatMap((ledger) => ledger.failed);
      const restarted = ledgers.reduce((sum, ledger) => sum + ledger.restarted, 0);
      process.stderr.write(
        `${name}, to the end by ${end}: ${acknowledged} writes, ${failed.length} failed, ${restarted} restarted, the longest ${Math.round(longest)} ms\n`,
      );
      expect(failed).toEqual([]);
      // MySQL ends a transaction that has read a table whose definition is to change, and now writes it; MariaDB lets a definition not wait at all.
      expect(restarted).toBeLessThanOrEqual(name === 'mysql' ? acknowledged / 100 : 0);
      const expected = new Map(ledgers.flatMap((ledger) => [...ledger.rows]));
      expect(expected.size).toBe(left.rows.size + stayed.rows.size);
      for (const [id, text] of expected) expect([id, rows.get(id)]).toEqual([id, text]);
      expect(rows.size).toBe(seeded + expected.size);
      for (const ledger of ledgers) expect(ledger.acknowledged).toBeGreaterThan(50);
    });
  },
);
