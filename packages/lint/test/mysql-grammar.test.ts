import type mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMysql } from '../src/mysql/parse.ts';
import { dropDatabase, openDatabase } from './mysql-servers.ts';

const database = `lint_grammar_${process.pid}`;

/** Statements that both servers read. */
const both = [
  'ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  'ALTER TABLE t MODIFY COLUMN a BIGINT UNSIGNED NOT NULL AFTER b',
  "ALTER TABLE t CHANGE a c VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'x' COMMENT 'it''s' FIRST",
  'ALTER TABLE t RENAME COLUMN a TO c, DROP INDEX k, ADD UNIQUE KEY u (b)',
  'ALTER TABLE t ADD COLUMN (c INT, d DECIMAL(10, 2) DEFAULT -1.5)',
  'ALTER TABLE t ADD c DOUBLE PRECISION, ADD d CHARACTER VARYING(10), ADD e NATIONAL VARCHAR(5)',
  "ALTER TABLE t ADD c ENUM('a', 'b,c', '(') NOT NULL DEFAULT 'a', ADD d SET('x', 'y')",
  'ALTER TABLE t ADD c TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)',
  'ALTER TABLE t ADD c INT GENERATED ALWAYS AS (a + (b * 2)) VIRTUAL, ADD d INT AS (a) STORED',
  'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD CHECK (b <> 1)',
  'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY i (b) REFERENCES o (id) MATCH FULL ON DELETE SET NULL ON UPDATE NO ACTION',
  'ALTER TABLE t ALTER COLUMN a SET DEFAULT 5, ALTER b DROP DEFAULT',
  'ALTER TABLE t ADD FULLTEXT INDEX ft (s) COMMENT "x", ADD INDEX i USING BTREE (b, s(10) DESC)',
  'ALTER TABLE t ENGINE = InnoDB ROW_FORMAT = DYNAMIC COMMENT = "x", AUTO_INCREMENT 7',
  'ALTER TABLE t DEFAULT CHARACTER SET = utf8mb4, ORDER BY a, b DESC',
  'ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a, b), ALGORITHM = INPLACE, LOCK = NONE',
  'ALTER TABLE t DISABLE KEYS, RENAME AS u',
  'ALTER TABLE t PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
  'ALTER TABLE t REORGANIZE PARTITION p0, p1 INTO (PARTITION p2 VALUES LESS THAN MAXVALUE)',
  'ALTER TABLE t ADD PARTITION PARTITIONS 2',
  'ALTER TABLE `t``u` FORCE',
  'CREATE UNIQUE INDEX i USING BTREE ON t (a, s(5)) COMMENT "x" ALGORITHM = INPLACE LOCK = NONE',
  'DROP INDEX k ON t',
  "CREATE TABLE n (id SERIAL, a INT(11) UNSIGNED ZEROFILL NULL, b BIT(3) DEFAULT b'101', c VARBINARY(8) DEFAULT 0x4D, PRIMARY KEY (id), KEY (a)) ENGINE InnoDB CHARSET = utf8mb4 STATS_PERSISTENT = 1",
  'CREATE TABLE n2 LIKE t',
  'CREATE TABLE n3 (a INT) AS SELECT 1 AS a',
  'CREATE TEMPORARY TABLE n4 (a INT PRIMARY KEY, b JSON, c POINT, d YEAR, e LONG VARCHAR, f TINYBLOB)',
  'CREATE OR REPLACE VIEW v AS SELECT a FROM t WITH CASCADED CHECK OPTION',
  "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.a > 1 THEN SET NEW.b = IF(NEW.a > 2, 1, 2); END IF; CASE NEW.a WHEN 1 THEN SET NEW.s = ';'; ELSE BEGIN END; END CASE; END",
  'CREATE PROCEDURE p() BEGIN DECLARE i INT DEFAULT 0; WHILE i < 3 DO SET i = i + 1; END WHILE; REPEAT SET i = i - 1; UNTIL i < 1 END REPEAT; l: LOOP LEAVE l; END LOOP; END',
  "UPDATE t SET s = 'WHERE' LIMIT 1",
  'DELETE FROM t WHERE a IN (SELECT id FROM o)',
  'DELETE t FROM t JOIN o ON t.b = o.id',
  'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE b = VALUES(b)',
  'RENAME TABLE t TO u, o TO q',
  'TRUNCATE t',
  'DROP TABLE IF EXISTS x, y',
  'SET @a := 1, SESSION lock_wait_timeout = 5',
  'OPTIMIZE LOCAL TABLE t, o',
  '/*!50001 ALTER TABLE t ADD zz INT */',
  'ALTER TABLE t -- a comment ; with a semicolon\n ADD c INT # and another\n',
];

const mysqlAlone = [
  // MariaDB reads it from 11.4 on.
  'ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE u WITHOUT VALIDATION',
  'DROP INDEX k ON t LOCK = NONE',
  'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED',
  'ALTER TABLE t ALTER INDEX k INVISIBLE, ALTER COLUMN a SET INVISIBLE',
  'CREATE INDEX i ON t ((a + b), (lower(s)) DESC) INVISIBLE',
  'ALTER TABLE t ADD g POINT NOT NULL SRID 4326, ADD SPATIAL INDEX (g)',
];

const mariadbAlone = [
  'ALTER TABLE t WAIT 5 ADD COLUMN IF NOT EXISTS c INT, DROP COLUMN IF EXISTS zz',
  'ALTER ONLINE TABLE t ADD c VARCHAR(36) DEFAULT uuid()',
  'CREATE OR REPLACE TABLE n5 (a INT, b INT DEFAULT (uuid()) INVISIBLE) WITH SYSTEM VERSIONING',
  'ALTER TABLE t ALTER INDEX k IGNORED',
  'CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)',
  'CREATE SEQUENCE s START WITH 1',
  'ALTER TABLE t ADD SYSTEM VERSIONING',
];

/** Statements that neither reads. */
const neither = [
  'SELEC 1',
  'ALTER TABLE t ADD COLUMN',
  'ALTER TABLE t DROP',
  'ALTER TABLE t FROBNICATE',
  'ALTER TABLE t ADD c INT NOT',
  'CREATE TABLE n (a INT,)',
  'CREATE TABLE n (a INT b)',
  'CREATE INDEX ON t (a)',
  'CREATE INDEX i t (a)',
  'DROP INDEX k',
  'RENAME TABLE t u',
  "ALTER TABLE t ADD c VARCHAR(5) DEFAULT 'x",
  'UPDATE t a = 1',
];

describe.each(['mysql', 'mariadb'] as const)('%s', (kind) => {
  let connection: mysql.Connection;

  beforeAll(async () => {
    connection = await openDatabase(kind, database);
    await connection.query('CREATE TABLE t (a INT PRIMARY KEY, b INT, s VARCHAR(50), KEY k (b))');
  });

  afterAll(() => dropDatabase(connection, database));

  /** Whether the server reads the statement, whatever else it says of it. */
  const reads = async (statement: string) => {
    try {
      // Read, and not run: what a statement has done would change what the server says of the next one.
      await (await connection.prepare(statement)).close();
      return true;
    } catch (error) {
      // ER_PARSE_ERROR; everything else is about what the statement means.
      return (error as { errno?: number }).errno !== 1064;
    }
  };
  const own = kind === 'mysql' ? mysqlAlone : mariadbAlone;

  test.each([...both, ...own])('reads %s', async (statement) => {
    expect(await reads(statement)).toBe(true);
  });

  test.each(neither)('refuses %s', async (statement) => {
    expect(await reads(statement)).toBe(false);
  });
});

test.each([...both, ...mysqlAlone, ...mariadbAlone])('lint reads %s', (statement) => {
  expect(parseMysql(statement)).toHaveLength(1);
});

test.each(neither)('lint refuses %s', (statement) => {
  expect(() => parseMysql(statement)).toThrow();
});
