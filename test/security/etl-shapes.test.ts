import { up } from '@polyshift/core';
import { planEtl, rollbackEtl, runEtl, type SpecInput } from '@polyshift/etl';
import { describe, expect, it } from 'vitest';
import { dependencies, failedChecks, spec, storeOf } from '../matrix/shape-stage.ts';
import { migration } from '../runner/stores.ts';
import { openBystander, stateOf } from './bystander.ts';
import { hostileTexts } from './hostile.ts';

const postgresql = storeOf('postgresql');

/** A table of parents with a hostile field, and one of parts that refer to it by a field of a hostile name. */
const relational = (name: string) => [
  {
    type: 'create_collection' as const,
    collection: `${name} parents`,
    data: {
      fields: [
        { name: 'id', type: 'int32', nullable: false },
        { name, type: 'text' },
      ],
      key: ['id'],
    },
  },
  {
    type: 'create_collection' as const,
    collection: `${name} parts`,
    data: {
      fields: [
        { name: 'id', type: 'int32', nullable: false },
        { name: `${name} of`, type: 'int32' },
        { name, type: 'text' },
      ],
      key: ['id'],
    },
  },
  {
    type: 'load' as const,
    collection: `${name} parents`,
    data: { rows: [{ id: 1, [name]: name }, { id: 2, [name]: 'too long for its column' }, { id: 3 }], key: ['id'] },
  },
  {
    type: 'load' as const,
    collection: `${name} parts`,
    data: {
      rows: [
        { id: 10, [`${name} of`]: 1, [name]: name },
        { id: 11, [`${name} of`]: 1, [name]: 'b' },
        { id: 12, [`${name} of`]: 3, [name]: name },
      ],
      key: ['id'],
    },
  },
];

/** Parents with their parts joined, taken apart again: parts into a table of their own, and once each with a junction; what is refused into a table of dead letters. */
const shapes = (name: string, url: string, target: { type: string; url: string }): SpecInput => ({
  name: 'shapes',
  source: { type: 'postgresql', url },
  target,
  max_rejected: 1,
  dead_letters: { table: `${name} letters` },
  steps: [
    {
      type: 'extract',
      source_table: `${name} parents`,
      joins: [
        { table: `${name} parts`, on: { [`${name} of`]: 'id' }, kind: 'many', as: 'parts', orphans: 'reject' },
        { table: `${name} parts`, on: { [`${name} of`]: 'id' }, kind: 'many', as: 'labels', fields: [name] },
      ],
    },
    { type: 'transform', transformation_rules: { id: 'id', [name]: name, parts: 'parts', labels: 'labels' } },
    {
      type: 'load',
      target_table: `${name} all`,
      key: ['id'],
      types: { [name]: 'varchar(22)' },
      children: [
        {
          field: 'parts',
          target_table: `${name} lines`,
          foreign_key: { [`${name} parent`]: 'id' },
          index_field: `${name} at`,
          fields: { [`${name} text`]: name },
        },
        {
          field: 'labels',
          target_table: `${name} labels`,
          key: [name],
          types: { [name]: 'varchar(60)' },
          junction: {
            target_table: `${name} pairs`,
            foreign_key: { [`${name} parent`]: 'id' },
            element_key: { [`${name} label`]: name },
          },
        },
      ],
    },
  ],
});

/** What each server could take for the end of a name; and what objects of JavaScript inherit. */
const cases = [
  ...(['double quote', 'backslash', 'newline', 'constructor'] as const).map(
    (kind) => ['postgresql', hostileTexts[kind]] as const,
  ),
  ...(['single quote', 'backtick', 'backslash', 'constructor'] as const).map((kind) => ['mysql', hostileTexts[kind]] as const),
];

describe('joins, children, junctions and dead letters', () => {
  it.each(cases)('on %s have names like %j', async (server, name) => {
    await using source = await openBystander(postgresql);
    await using target = await openBystander(storeOf(server));
    await up({ session: source.session, migrations: [source.migration, migration('2', relational(name))] });
    const before = [await stateOf(source.session), await stateOf(target.session)];
    const loaded = spec(shapes(name, source.url, { type: server, url: target.url }));
    await planEtl(loaded, dependencies);
    expect(await runEtl(loaded, dependencies)).toMatchObject({ rows_rejected: 1 });
    const counts = { all: 2, lines: 3, labels: 2, pairs: 3, letters: 1 };
    for (const [table, count] of Object.entries(counts))
      expect(await target.session.count(`${name} ${table}`), table).toBe(count);
    expect(await target.session.count(`${name} lines`, { [`${name} text`]: name })).toBe(2);
    expect(await target.session.count(`${name} pairs`, { [`${name} label`]: name })).toBe(2);
    expect(await failedChecks(loaded)).toEqual([]);
    await rollbackEtl(loaded, dependencies);
    expect([await stateOf(source.session), await stateOf(target.session)]).toEqual(before);
  });
});
