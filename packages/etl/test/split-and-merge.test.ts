import { describe, expect, it } from 'vitest';
import { planEtl, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, brokenAt, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();
const failedChecks = async (spec: Parameters<typeof verifyEtl>[0]) =>
  (await verifyEtl(spec, dependencies())).checks.filter(({ status }) => status === 'FAILED');

describe('several loads of one extract', () => {
  it('split a table by conditions, and a row that no load takes is in none', async () => {
    await stores.sql.query(`
      CREATE TABLE parties (id int PRIMARY KEY, kind text, name text, vat text, born date);
      INSERT INTO parties SELECT i, CASE i % 3 WHEN 0 THEN 'person' WHEN 1 THEN 'company' END, 'N' || i, 'V' || i, '2000-01-01' FROM generate_series(1, 90) AS i`);
    const spec = stores.spec({
      target: stores.postgresql,
      steps: [
        { type: 'extract', source_table: 'parties', batch_size: 25 },
        { type: 'transform', transformation_rules: { id: 'id', name: 'name', born: 'born' } },
        { type: 'load', target_table: 'people', when: "kind == 'person'" },
        { type: 'transform', transformation_rules: { id: 'id', title: 'name', vat: 'vat' } },
        { type: 'load', target_table: 'companies', when: "kind == 'company'" },
      ],
    });
    await runEtl(spec, brokenAt('etl.after_write', 2)).catch(() => undefined);
    const report = await runEtl(spec, dependencies());
    expect(report).toMatchObject({ rows_read: 90, rows_left_out: 30, rows_rejected: 0 });
    expect(
      report.targets.map(({ collection, rows_inserted, rows_already_there }) => [collection, rows_inserted + rows_already_there]),
    ).toEqual([
      ['people', 30],
      ['companies', 30],
    ]);
    expect((await stores.sql.query('SELECT * FROM companies WHERE id = 4')).rows).toEqual([{ id: 4, title: 'N4', vat: 'V4' }]);
    expect(await failedChecks(spec)).toEqual([]);
    await rollbackEtl(spec, dependencies());
    await expect(stores.sql.query('SELECT FROM people')).rejects.toThrow('does not exist');
  });

  it('make the items of a single-table design of joined rows', async () => {
    await stores.sql.query(`
      CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
      CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric(8,2));
      INSERT INTO customers SELECT i, 'C' || i FROM generate_series(1, 30) AS i;
      INSERT INTO orders SELECT i, 1 + i % 30, i * 1.5 FROM generate_series(1, 45) AS i`);
    const template = (...fields: unknown[]) => ({ type: 'function', function: 'concat', args: fields });
    const text = (value: string) => ({ value });
    const spec = stores.spec({
      steps: [
        {
          type: 'extract',
          source_table: 'customers',
          joins: [{ table: 'orders', on: { customer_id: 'id' }, kind: 'many', as: 'orders' }],
          batch_size: 10,
        },
        {
          type: 'transform',
          transformation_rules: {
            _id: template(text('CUSTOMER#'), 'id', text('|PROFILE')),
            pk: template(text('CUSTOMER#'), 'id'),
            sk: { type: 'constant', value: 'PROFILE' },
            name: 'name',
          },
        },
        { type: 'load', target_table: 'app' },
        {
          type: 'transform',
          unwind: { field: 'orders', index_field: 'nth' },
          transformation_rules: {
            _id: template(text('CUSTOMER#'), 'id', text('|ORDER#'), 'orders.id'),
            pk: template(text('CUSTOMER#'), 'id'),
            sk: template(text('ORDER#'), 'orders.id'),
            total: 'orders.total',
            nth: 'nth',
          },
        },
        { type: 'load', target_table: 'app' },
      ],
    });
    await runEtl(spec, brokenAt('etl.after_checkpoint', 1)).catch(() => undefined);
    await runEtl(spec, dependencies());
    const items = await stores.documents.collection<AnyDocument>('app').find({ pk: 'CUSTOMER#2' }).sort({ sk: 1 }).toArray();
    expect(items).toEqual([
      { _id: 'CUSTOMER#2|ORDER#1', pk: 'CUSTOMER#2', sk: 'ORDER#1', total: expect.anything(), nth: 0 },
      { _id: 'CUSTOMER#2|ORDER#31', pk: 'CUSTOMER#2', sk: 'ORDER#31', total: expect.anything(), nth: 1 },
      { _id: 'CUSTOMER#2|PROFILE', pk: 'CUSTOMER#2', sk: 'PROFILE', name: 'C2' },
    ]);
    expect(await stores.documents.collection('app').countDocuments()).toBe(75);
    expect(await failedChecks(spec)).toEqual([]);
    await rollbackEtl(spec, dependencies());
    expect(await stores.documents.listCollections({ name: 'app' }).toArray()).toEqual([]);
  });

  it('refuse two keys or two modes for one target', async () => {
    await stores.sql.query('CREATE TABLE a (id int PRIMARY KEY, other int)');
    const twice = (first: object, second: object) =>
      stores.spec({
        target: stores.postgresql,
        steps: [
          { type: 'extract', source_table: 'a' },
          { type: 'load', target_table: 'b', ...first },
          { type: 'load', target_table: 'b', ...second },
        ],
      });
    expect((await failureOf(planEtl(twice({ key: ['id'] }, { key: ['other'] }), dependencies()))).message).toContain(
      'different keys',
    );
    expect((await failureOf(planEtl(twice({ mode: 'upsert' }, {}), dependencies()))).message).toContain('different modes');
  });
});

describe('several extracts', () => {
  it('merge tables into one, with the columns of both', async () => {
    await stores.sql.query(`
      CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, age int);
      CREATE TABLE firms (id bigint PRIMARY KEY, title text NOT NULL, vat text);
      INSERT INTO people SELECT i, 'P' || i, i FROM generate_series(1, 40) AS i;
      INSERT INTO firms SELECT 1000 + i, 'F' || i, 'V' || i FROM generate_series(1, 30) AS i`);
    const spec = stores.spec({
      target: stores.postgresql,
      partitions: 2,
      steps: [
        { type: 'extract', source_table: 'people', batch_size: 15 },
        { type: 'transform', include_rest: true, transformation_rules: { kind: { type: 'constant', value: 'person' } } },
        { type: 'load', target_table: 'parties' },
        { type: 'extract', source_table: 'firms', batch_size: 15 },
        {
          type: 'transform',
          include_rest: true,
          transformation_rules: { kind: { type: 'constant', value: 'firm' }, name: 'title' },
        },
        { type: 'load', target_table: 'parties' },
      ],
    });
    const plan = await planEtl(spec, dependencies());
    expect(plan.sources.map(({ collection, rows }) => [collection, rows])).toEqual([
      ['people', 40],
      ['firms', 30],
    ]);
    expect(plan.fields.map(({ target, target_type }) => [target, target_type])).toEqual([
      ['kind', 'text'],
      ['id', 'bigint'],
      ['name', 'text'],
      ['age', 'integer'],
      ['vat', 'text'],
    ]);
    await runEtl(spec, brokenAt('etl.after_write', 3)).catch(() => undefined);
    expect(await runEtl(spec, dependencies())).toMatchObject({ rows_read: 70, rows_rejected: 0, losses: [] });
    const { rows } = await stores.sql.query('SELECT * FROM parties WHERE id IN (7, 1007) ORDER BY id');
    expect(rows).toEqual([
      { kind: 'person', id: '7', name: 'P7', age: 7, vat: null },
      { kind: 'firm', id: '1007', name: 'F7', age: null, vat: 'V7' },
    ]);
    expect(await failedChecks(spec)).toEqual([]);
    await rollbackEtl(spec, dependencies());
    await expect(stores.sql.query('SELECT FROM parties')).rejects.toThrow('does not exist');
  });
});
