import { type Adapter, defineAdapter, type SinkTarget } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { planEtl, type SpecInput } from '../src/index.ts';
import { loaded, specOf, worldOf } from './pipeline-world.ts';

/** What the sink is told of the keys of each target. */
async function said(spec: SpecInput): Promise<(boolean | undefined)[]> {
  const world = worldOf(20);
  const targets = new Map<string, SinkTarget>();
  const adapter: Adapter = defineAdapter({
    ...world.adapter,
    async connect(url, options) {
      const session = await world.adapter.connect(url, options);
      const sink = session.sink!;
      const plan: typeof sink.plan = (target) => {
        targets.set(target.collection, target);
        return sink.plan(target);
      };
      return Object.assign(Object.create(session) as typeof session, { sink: { ...sink, plan } });
    },
  });
  await planEtl(loaded(spec), world.dependencies({ resolveAdapter: () => adapter }));
  return [...targets.values()].map(({ unique_keys }) => unique_keys);
}

const copied = { id: 'id', name: 'first_name' };
const by = (transformation_rules: object, load: object = {}, extract: object = {}): SpecInput =>
  specOf({}, { extract, transform: { transformation_rules }, load });

describe('the keys of a target', () => {
  it.each<[string, SpecInput, boolean[]]>([
    ['are unique where the key of the source is copied', by(copied), [true]],
    ['are unique under another name', by({ number: 'id', name: 'first_name' }), [true]],
    ['are unique of a part of the rows', by(copied, {}, { conditions: { active: true } }), [true]],
    ['may repeat where the spec names what identifies a source row', by(copied, {}, { key: ['id'] }), [false]],
    ['may repeat where they are another field', by(copied, { key: ['name'] }), [false]],
    ['are unique where the key of the source is a part of them', by(copied, { key: ['name', 'id'] }), [true]],
    ['may repeat where they are reckoned', by({ id: { type: 'expression', expression: 'id / 2' } }, { key: ['id'] }), [false]],
    ['may repeat where their type is changed', by(copied, { types: { id: 'text' } }), [false]],
    [
      'may repeat where two loads go into one target',
      specOf({
        steps: [
          { type: 'extract', source_table: 'users' },
          { type: 'transform', transformation_rules: copied },
          { type: 'load', target_table: 'people' },
          { type: 'transform', transformation_rules: copied },
          { type: 'load', target_table: 'people' },
        ],
      }),
      [false],
    ],
  ])('%s', async (_title, spec, expected) => {
    expect(await said(spec)).toEqual(expected);
  });
});
