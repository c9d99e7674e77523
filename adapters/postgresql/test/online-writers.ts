import { Client } from 'pg';

/** How one version of the application writes its rows. */
export interface Application {
  readonly name: 'old' | 'new';
  /** Settings of its connections. */
  readonly settings: string;
  /** The name of the column that holds the text. */
  readonly text: string;
}

/** What the writers of one version have been told that is written, and how it went. */
export class Writers {
  readonly application: Application;
  /** Rows that must be there, by key: text and number. */
  readonly ledger = new Map<number, { text: string; age: number }>();
  readonly deleted = new Set<number>();
  readonly failures: string[] = [];
  /** Acknowledged increments of the shared rows. */
  increments = 0;
  writes = 0;
  /** Milliseconds. */
  longest = 0;
  longestIn = '';
  phase = 'start';
  private readonly url: string;
  private running = true;
  private readonly loops: Promise<void>[] = [];

  constructor(url: string, application: Application) {
    this.url = url;
    this.application = application;
  }

  /** Starts so many connections, each with a write about every so many milliseconds. */
  async start(connections: number, every: number, shared: number): Promise<void> {
    for (let index = 0; index < connections; index++) {
      const client = new Client({ connectionString: this.url });
      client.on('error', () => {});
      await client.connect();
      await client.query(this.application.settings);
      this.loops.push(this.loop(client, every, shared, index));
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }

  private async loop(client: Client, every: number, shared: number, index: number): Promise<void> {
    const own: number[] = [];
    for (let turn = index; this.running; turn++) {
      const startedAt = performance.now();
      try {
        await this.write(client, own, shared, turn);
        this.writes++;
      } catch (error) {
        this.failures.push(`${this.application.name} in ${this.phase}: ${(error as Error).message}`);
        await client.query('ROLLBACK').catch(() => undefined);
      }
      const took = performance.now() - startedAt;
      if (took > this.longest) {
        this.longest = took;
        this.longestIn = this.phase;
      }
      await new Promise((resolve) => setTimeout(resolve, every * (0.5 + Math.random())));
    }
    await client.end();
  }

  /** One write of its kind, by statements that were prepared before, or not. */
  private async write(client: Client, own: number[], shared: number, turn: number): Promise<void> {
    const { name, text: column } = this.application;
    const text = `${name} ${turn} ${Math.random()}`;
    const age = turn % 1000;
    const id = own[Math.floor(Math.random() * own.length)];
    switch (turn % 8) {
      case 0:
      case 1:
      case 2: {
        const { rows } = await client.query({
          name: 'insert',
          text: `INSERT INTO users (${column}, age) VALUES ($1, $2) RETURNING id`,
          values: [text, age],
        });
        own.push(rows[0].id);
        this.ledger.set(rows[0].id, { text, age });
        return;
      }
      case 3:
      case 4: {
        if (id === undefined) return;
        const { rowCount } = await client.query({
          name: 'update',
          text: `UPDATE users SET ${column} = $1, age = $2 WHERE id = $3`,
          values: [text, age, id],
        });
        if (rowCount !== 1) throw new Error(`the row ${id} was gone`);
        this.ledger.set(id, { text, age });
        return;
      }
      case 5: {
        // A transaction of several statements, one of them over several rows, without names.
        await client.query('BEGIN');
        const { rows } = await client.query(
          `INSERT INTO users (${column}, age) SELECT $1 || g, $2 + g FROM generate_series(1, 3) AS g RETURNING id, ${column} AS text, age::int`,
          [text, age],
        );
        await client.query(`UPDATE users SET age = age + 1 WHERE id = $1`, [rows[0].id]);
        await client.query('COMMIT');
        for (const [at, row] of rows.entries()) {
          own.push(row.id);
          this.ledger.set(row.id, { text: row.text, age: row.age + (at === 0 ? 1 : 0) });
        }
        return;
      }
      case 6: {
        if (id === undefined) return;
        const { rowCount } = await client.query({ name: 'delete', text: 'DELETE FROM users WHERE id = $1', values: [id] });
        if (rowCount !== 1) throw new Error(`the row ${id} was gone`);
        own.splice(own.indexOf(id), 1);
        this.ledger.delete(id);
        this.deleted.add(id);
        return;
      }
      default: {
        // Rows that both versions write to at once, each its own counter.
        const { rowCount } = await client.query({
          name: 'count',
          text: `UPDATE users SET hits_${name} = hits_${name} + 1 WHERE id = $1`,
          values: [1 + Math.floor(Math.random() * shared)],
        });
        if (rowCount !== 1) throw new Error('a shared row was gone');
        this.increments++;
      }
    }
  }
}
