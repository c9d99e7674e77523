import type { Adapter, OperationHandler, StoreSession } from '@polyshift/core';
import postgresql from '@polyshift/postgresql';
import { freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { proveCuts } from '../packages/testkit/src/conformance/operation-cuts.ts';
import type { ConformanceOptions, Scenario } from '../packages/testkit/src/conformance/options.ts';
import { Stage } from '../packages/testkit/src/conformance/stage.ts';

const server = { fresh: () => freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }) };
const options: ConformanceOptions = { unreachable_url: 'postgresql://127.0.0.1:9/none' };
const scenario: Scenario = {
  title: 'for some rows',
  operation: {
    type: 'add_field',
    collection: 'items',
    data: { field_name: 'tier', type: 'text', default_value: 'gold' },
    conditions: { age: { gte: 30 } },
    batch_size: 7,
  },
};

type Methods = Partial<Pick<OperationHandler, 'execute' | 'rollback'>>;

/** The adapter for PostgreSQL with other methods for one operation: what an author might get wrong. */
function withMethods(methods: (inner: OperationHandler, url: string) => Methods): Adapter {
  return {
    ...postgresql,
    async connect(url, connectOptions) {
      const session = await postgresql.connect(url, connectOptions);
      const inner = session.operations.add_field as unknown as OperationHandler;
      const changed = Object.assign(Object.create(inner) as OperationHandler, methods(inner, url));
      const operations = { ...session.operations, add_field: changed };
      return new Proxy(session, {
        get: (target, name) => {
          if (name === 'operations') return operations;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }) as StoreSession;
    },
  };
}

async function sql(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function prove(adapter: Adapter, cut_points: number): Promise<void> {
  await using stage = await Stage.seeded(adapter, server, options, scenario);
  await proveCuts(stage, { ...options, cut_points }, scenario);
}

describe('the property that cuts the connection', () => {
  it('holds for an adapter that is right', () => prove(postgresql, 4));

  it('fails for a change in two writes whose undo knows of one', async () => {
    const adapter = withMethods((inner, url) => ({
      async *execute(operation, undo, run) {
        await sql(url, 'CREATE TABLE IF NOT EXISTS scratch (id int)');
        yield* inner.execute(operation, undo, run);
        await sql(url, 'DROP TABLE scratch');
      },
    }));
    await expect(prove(adapter, 24)).rejects.toThrow(/(up|down) after a cut/);
  });

  it('fails for a change that is made again when the run is resumed', async () => {
    const adapter = withMethods((inner, url) => ({
      async *execute(operation, undo, run) {
        await sql(url, "UPDATE items SET name = name || '+'");
        yield* inner.execute(operation, undo, run);
      },
      async *rollback(operation, undo, run) {
        yield* inner.rollback(operation, undo, run);
        await sql(url, 'UPDATE items SET name = left(name, -1)');
      },
    }));
    await expect(prove(adapter, 24)).rejects.toThrow(/(up|down) after a cut/);
  });

  it('fails for a driver that goes around the proxy', async () => {
    await using stage = await Stage.seeded(postgresql, server, options, scenario);
    const around: ConformanceOptions = { ...options, through_proxy: (url) => url };
    await expect(proveCuts(stage, around, scenario)).rejects.toThrow(/through_proxy/);
  });
});
