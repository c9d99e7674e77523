import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, nodeText } from '../src/json/node.ts';
import { JsonSyntaxError, parseAnswer, parseFields, parseJsonText, RawJson } from '../src/json/parse.ts';

describe('JSON without loss', () => {
  it.each(['1.0', '1', '-0', '-0.0', '1e3', '1E+3', '12345678901234567890.123456789', '0.1e-400'])(
    'keeps the digits of %s',
    (text) => {
      expect(nodeText(parseJsonText(` ${text} `))).toBe(text);
    },
  );

  it('keeps the order of fields, numeric names and __proto__', () => {
    const text = '{"b":1,"2":2,"1":3,"__proto__":{"a":[]},"":null}';
    expect(nodeText(parseJsonText(text))).toBe(text);
  });

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.parse(nodeText(parseJsonText(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '{', '[1,]', '{"a"}', '{"a":1,}', '"x', 'nul', '1 2', '{a:1}', '[1'])('refuses %s', (text) => {
    expect(() => parseJsonText(text)).toThrow(JsonSyntaxError);
  });

  it('takes only objects for documents', () => {
    expect(() => parseFields('[1]')).toThrow(JsonSyntaxError);
    expect(parseFields('{"a":1.50}').get('a')).toEqual(new JsonNumber('1.50'));
  });

  it('leaves one field of an answer as the text it is, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const source = JSON.stringify({ value, _source: ['}', '"'] });
        const answer = parseAnswer(`{"took":3,"hits":[{"_id":"a\\"b","_source":${source},"_seq_no":7}]}`, '_source');
        expect(answer).toEqual({ took: 3, hits: [{ _id: 'a"b', _source: new RawJson(source), _seq_no: 7 }] });
      }),
    );
  });
});
