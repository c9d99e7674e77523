import { describe, expect, it } from 'vitest';
import { checkOperation, expandEnvironment, parseSourceDocument, type StoreSchema } from '../src/index.ts';
import { differences } from '../src/schema/difference.ts';
import { applyToSchema } from '../src/schema/virtual-schema.ts';
import { ownValue } from '../src/value/own-value.ts';

describe.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', '__defineGetter__'])(
  'the name %s',
  (name) => {
    it('is found where an object has it itself, and not where it inherits it', () => {
      expect(ownValue({}, name)).toBeUndefined();
      expect(ownValue(Object.fromEntries([[name, 1]]), name)).toBe(1);
    });

    it('is a field like others in differences, there or gone', () => {
      const named = { fields: [{ name, type: 'text' }] };
      const path = `t.fields.${name}`;
      expect(differences(named, { fields: [] }, 't')).toEqual([{ path, was: named.fields[0], is: undefined }]);
      expect(differences({ fields: [] }, named, 't')).toEqual([{ path, was: undefined, is: named.fields[0] }]);
    });

    it('is no variable of an environment that has none of that name', () => {
      const expand = (text: string) => expandEnvironment(parseSourceDocument(JSON.stringify(text), 'a.json'), {});
      expect(expand(`\${${name}:-none}`)).toBe('none');
      expect(() => expand(`\${${name}}`)).toThrow(expect.objectContaining({ code: 'MISSING_ENVIRONMENT' }));
    });
  },
);

it('the virtual schema gets a collection constructor from an operation that makes one', () => {
  const merge = checkOperation({
    type: 'merge_pipeline',
    collection: 'a',
    data: { into: 'constructor', pipeline: [{ $match: { x: 1 } }] },
  });
  const schema: StoreSchema = { collections: {} };
  expect(Object.keys(applyToSchema(schema, merge).collections)).toEqual(['constructor']);
});
