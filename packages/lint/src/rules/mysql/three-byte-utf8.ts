import { alterActions, createdColumns } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Makes a table or column with the character set utf8 (utf8mb3). */
export const threeByteUtf8 = mysqlRule({
  code: 'MY304',
  name: 'three-byte-utf8',
  level: 'warning',
  doc: {
    what: 'Makes a table or column with the character set utf8 (utf8mb3).',
    why: 'It cannot hold emoji and many CJK characters: such texts fail or are cut.',
    lock: 'Nothing now.',
    safe: 'utf8mb4.',
  },
  examples: {
    unsafe: [
      'CREATE TABLE t (a INT) CHARSET utf8',
      'CREATE TABLE t (a VARCHAR(10) CHARACTER SET utf8mb3)',
      'ALTER TABLE users CONVERT TO CHARACTER SET utf8',
    ],
    safe: ['CREATE TABLE t (a INT) CHARSET utf8mb4'],
  },
  *check(statement) {
    const old = /^utf8(mb3)?$/i;
    const charset = statement.kind === 'create_table' ? statement.options['CHARSET'] : undefined;
    if (statement.kind === 'create_table' && charset !== undefined && old.test(charset))
      yield { message: `${statement.table} is of the character set utf8mb3.` };
    for (const { table, column } of createdColumns(statement)) {
      if (column.type.charset !== undefined && old.test(column.type.charset))
        yield { at: column.at, message: `${table}.${column.name} is of the character set utf8mb3.` };
    }
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'convert_charset' && old.test(action.charset))
        yield { at: action.at, message: `${table} becomes utf8mb3.` };
    }
  },
});
