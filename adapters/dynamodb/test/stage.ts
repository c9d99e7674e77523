import { CreateTableCommand, type CreateTableCommandInput, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  type AnyOperationInput,
  type Check,
  checkOperation,
  down,
  type Migration,
  migrationChecksum,
  type OperationHandler,
  type StoreSession,
  up,
} from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { expect } from 'vitest';
import { connectStore } from '../src/adapter.ts';
import { openSession } from '../src/session.ts';
import { type Store, tableName } from '../src/store.ts';
import { type Item, itemText } from '../src/values/attribute.ts';

const server = await sharedServer('dynamodb');

/** A session over tables of its own, with the connection below it. */
export class Stage implements AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  readonly session: StoreSession;
  private readonly drop: () => Promise<void>;

  private constructor(url: string, store: Store, drop: () => Promise<void>) {
    this.url = url;
    this.store = store;
    this.session = openSession(store);
    this.drop = drop;
  }

  /** No tables. `through` rewrites the URL, to put something in front of the server. */
  static async open(through: (url: string) => string = (url) => url): Promise<Stage> {
    const database = await freshDatabase(server, 'adapter');
    return new Stage(database.url, await connectStore(through(database.url)), () => database.drop());
  }

  /** A table as the driver makes it; with the key `id`, a number, unless told otherwise. */
  async table(name: string, input: Partial<CreateTableCommandInput> = {}): Promise<void> {
    await this.store.send(
      new CreateTableCommand({
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        ...input,
        TableName: tableName(this.store, name),
      }),
    );
  }

  /** Puts items as the application would. */
  async put(name: string, ...items: Item[]): Promise<void> {
    for (const item of items) await this.store.send(new PutItemCommand({ TableName: tableName(this.store, name), Item: item }));
  }

  /** All items of a small table, each as one text, in order. */
  async texts(name: string): Promise<string[]> {
    return (await this.items(name)).map(itemText).sort();
  }

  /** All items of a small table. */
  async items(name: string): Promise<Item[]> {
    const { Items } = await this.store.send(new ScanCommand({ TableName: tableName(this.store, name), ConsistentRead: true }));
    return Items ?? [];
  }

  /** Applies operations as one migration. */
  async up(...inputs: AnyOperationInput[]): Promise<void> {
    await up({ session: this.session, migrations: [migration(inputs)] });
  }

  /** Takes the migration of these operations back. */
  async down(...inputs: AnyOperationInput[]): Promise<void> {
    await down({ session: this.session, migrations: [migration(inputs)] });
  }

  /** The checks that an operation fails beforehand. */
  async failures(input: AnyOperationInput): Promise<Check[]> {
    const operation = checkOperation(input);
    const handler = this.session.operations[operation.type] as unknown as OperationHandler;
    return (await handler.check(operation)).filter(({ status }) => status === 'FAILED');
  }

  /** Applies operations, looks, takes them back, and sees that the collections are as they were. */
  async thereAndBack(names: string[], inputs: AnyOperationInput[], look: () => Promise<void>): Promise<void> {
    const state = () => Promise.all(names.map((name) => this.session.fingerprint(name)));
    const before = await state();
    await this.up(...inputs);
    await look();
    await this.down(...inputs);
    expect(await state()).toEqual(before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.drop();
  }
}

function migration(inputs: readonly AnyOperationInput[]): Migration {
  const operations = inputs.map((input) => checkOperation(input));
  return { version: '1', name: 'test', operations, checksum: migrationChecksum({ operations }), file: '1_test.json' };
}
