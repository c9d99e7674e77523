import { describe, expect, it } from 'vitest';
import { splitScript } from '../src/cql/script.ts';

describe('a script of CQL', () => {
  it('is split at the semicolons that end a statement', () => {
    const script = `-- first; comment
      CREATE TABLE a (id int PRIMARY KEY, "x;y" text); // second; comment
      INSERT INTO a (id, "x;y") VALUES (1, 'it''s; -- no comment'); /* third;
      comment */ CREATE FUNCTION f (x int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS $$ return x; $$;
      SELECT a - 1 / 2 FROM a WHERE b = -3`;
    expect(splitScript(script)).toEqual([
      { text: 'CREATE TABLE a (id int PRIMARY KEY, "x;y" text)', line: 2 },
      { text: `INSERT INTO a (id, "x;y") VALUES (1, 'it''s; -- no comment')`, line: 3 },
      { text: 'CREATE FUNCTION f (x int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS $$ return x; $$', line: 4 },
      { text: 'SELECT a - 1 / 2 FROM a WHERE b = -3', line: 5 },
    ]);
  });

  it('keeps a batch together', () => {
    const script = 'begin unlogged batch\n insert into a (id) values (1);\n apply batch; select * from a;';
    expect(splitScript(script).map(({ text, line }) => [text.split(/\s+/).slice(0, 2).join(' '), line])).toEqual([
      ['begin unlogged', 1],
      ['select *', 3],
    ]);
  });

  it('may have nothing in it', () => {
    expect(splitScript(' ; -- nothing\n;;')).toEqual([]);
  });

  it.each([
    ["SELECT 1;\nINSERT INTO a (b) VALUES ('x", 2],
    ['SELECT "x', 1],
    ['BEGIN BATCH INSERT INTO a (id) VALUES (1);', 1],
    ["SELECT 1;\n\nSOURCE 'x.cql';", 3],
    ['USE other;', 1],
  ])('is refused with its line: %j', (script, line) => {
    expect(() => splitScript(script)).toThrow(
      expect.objectContaining({ code: 'INVALID_SYNTAX', place: expect.objectContaining({ line }) }),
    );
  });
});
