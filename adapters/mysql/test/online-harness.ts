import {
  type AnyOperationInput,
  type Check,
  type FaultHook,
  finalize,
  type Operation,
  type RunnerOptions,
  up,
  verify,
} from '@polyshift/core';
import { migrationOf, server, TestDatabase } from './harness.ts';

/** A database with a table that has two versions in use, and what a test does with both. */
export class TwoVersionsStage implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly runner: RunnerOptions;
  readonly operation: AnyOperationInput;

  private constructor(database: TestDatabase, operation: AnyOperationInput) {
    this.database = database;
    this.operation = operation;
    this.runner = { session: database.session, migrations: [migrationOf([operation])] };
  }

  /** Makes the table by SQL; nothing of the change is made yet. */
  static async on(name: 'mysql' | 'mariadb', sql: readonly string[], change: OnlineChangeInput): Promise<TwoVersionsStage> {
    const database = await TestDatabase.on(await server(name));
    for (const statement of sql) await database.sql(statement);
    return new TwoVersionsStage(database, onlineChange(change));
  }

  async sql(...statements: string[]): Promise<unknown[][]> {
    let rows: unknown[][] = [];
    for (const statement of statements) rows = await this.database.sql(statement);
    return rows;
  }

  async up(fault?: FaultHook): Promise<void> {
    await up({ ...this.runner, ...(fault ? { fault } : {}) });
  }

  async down(): Promise<string[]> {
    return this.database.down(this.operation);
  }

  async finalize(fault?: FaultHook): Promise<void> {
    await finalize({ ...this.runner, ...(fault ? { fault } : {}) }, { version: '1', old_version_ended: true });
  }

  /** The checks that did not pass, by name. */
  async problems(): Promise<Pick<Check, 'check' | 'status' | 'message'>[]> {
    const { checks } = await verify(this.runner);
    return checks.filter(({ status }) => status !== 'PASS').map(({ check, status, message }) => ({ check, status, message }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database[Symbol.asyncDispose]();
  }
}

/** An online change of the table `users`, or another one. */
export interface OnlineChangeInput {
  readonly collection?: string;
  readonly operations?: readonly { type: string; data: object; conditions?: object }[];
  readonly split?: readonly { into: string; fields: string[]; key?: string[] }[];
  readonly merge?: readonly { from: string; fields?: string[]; key?: string[] }[];
  readonly back?: Readonly<Record<string, unknown>>;
  readonly workers?: number;
  readonly batch_size?: number;
}

/** The change as an operation. */
export function onlineChange({ collection = 'users', batch_size, ...data }: OnlineChangeInput): AnyOperationInput {
  return { type: 'online_change', collection, data, ...(batch_size ? { batch_size } : {}) } as unknown as Operation &
    AnyOperationInput;
}

/** The change of a name, which every row fits. */
export const renamed = { type: 'rename_field', data: { old_name: 'name', new_name: 'label' } } as const;
