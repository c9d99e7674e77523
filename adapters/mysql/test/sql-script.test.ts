import { describe, expect, it } from 'vitest';
import { splitScript } from '../src/sql-script.ts';
import { server, servers, TestDatabase } from './harness.ts';

const texts = (sql: string): string[] => splitScript(sql, 'data.up').map(({ text }) => text);

describe('splitting a script', () => {
  it.each<[string, string[]]>([
    ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    [
      `SELECT ';', "a;b", \`c;d\`; -- not; here\nSELECT 'it''s \\'; x'`,
      [`SELECT ';', "a;b", \`c;d\``, `-- not; here\nSELECT 'it''s \\'; x'`],
    ],
    ['/* ; */ SELECT 1 # ;\n; ;', ['/* ; */ SELECT 1 # ;']],
    [
      'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.x THEN SET NEW.y = CASE WHEN 1 THEN 2 END; END IF; SET @a = 1; END; SELECT 1',
      [
        'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.x THEN SET NEW.y = CASE WHEN 1 THEN 2 END; END IF; SET @a = 1; END',
        'SELECT 1',
      ],
    ],
    [
      'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END //\nDELIMITER ;\nCALL p();',
      ['CREATE PROCEDURE p() BEGIN SELECT 1; END', 'CALL p()'],
    ],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('says on which line a statement begins, and what commits by itself', () => {
    const statements = splitScript('-- first\nINSERT INTO a VALUES (1);\n\n/*!50000 CREATE TABLE b (id int) */;', 'data.up');
    expect(statements.map(({ line, commits }) => [line, commits])).toEqual([
      [2, false],
      [4, true],
    ]);
  });

  it('refuses quotes that never end, and transactions of the script', () => {
    expect(() => texts("SELECT 'x")).toThrow(/quote never ends/);
    expect(() => texts('START TRANSACTION; SELECT 1')).toThrow(/begins or ends transactions/);
  });
});

describe.each(servers)('run_sql on %s', (name) => {
  it('takes everything back where no statement commits by itself', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE notes (id int PRIMARY KEY)');
    const up = 'INSERT INTO notes VALUES (1); INSERT INTO notes VALUES (2); INSERT INTO notes VALUES (1)';
    await expect(database.up({ type: 'run_sql', data: { up, down: 'DELETE FROM notes' } })).rejects.toMatchObject({
      code: 'DUPLICATE_KEY',
    });
    expect(await database.sql('SELECT * FROM notes')).toEqual([]);
  });

  it('runs the down script after a script that stopped half-way', async () => {
    await using database = await TestDatabase.on(await server(name));
    const up = 'CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO nowhere VALUES (1); CREATE TABLE others (id int)';
    const operation = { type: 'run_sql', data: { up, down: 'DROP TABLE others; DROP TABLE notes' } } as const;
    await expect(database.up(operation)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
    expect(Object.keys((await database.session.introspect()).collections)).toEqual([]);
  });

  it('says where a script is no SQL, before anything is run', async () => {
    await using database = await TestDatabase.on(await server(name));
    const up = 'CREATE TABLE notes (id int);\nSELEC 1';
    await expect(database.up({ type: 'run_sql', data: { up } })).rejects.toMatchObject({
      code: 'INVALID_SYNTAX',
      place: { line: 2, path: 'data.up' },
    });
    expect(Object.keys((await database.session.introspect()).collections)).toEqual([]);
  });
});
