import { literal } from '../identifiers.ts';

/** The temporary table that a script's guards write into: no other connection sees it, and it can be used while tables are locked. */
export const guardTable = 'polyshift_guard';

/** Creates {@link guardTable}. */
export const createGuard = `CREATE TEMPORARY TABLE ${guardTable} (refused varchar(190) PRIMARY KEY) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;

/**
 * A statement that fails where the condition holds, with the message in the server's error. SIGNAL would need a stored routine, and a right to
 * create one: this writes the message twice into a unique key.
 */
export function refuseWhere(condition: string, message: string): string {
  const text = literal([...`polyshift ${message}`].slice(0, 190).join(''));
  return `INSERT INTO ${guardTable} SELECT ${text} FROM (SELECT 1 UNION ALL SELECT 2) AS twice WHERE ${condition}`;
}

/** Statements that nobody else's reads and writes of the tables come between; inside, no other tables can be used. */
export function lockedTables(tables: readonly string[], statements: readonly string[]): string[] {
  return [`LOCK TABLES ${tables.map((table) => `${table} WRITE`).join(', ')}`, ...statements, 'UNLOCK TABLES'];
}

/** Statements that run another one where a condition holds when they do. */
export function onlyWhere(condition: string, statement: string): string[] {
  return [
    `SET @polyshift_statement = IF(${condition}, ${literal(statement)}, 'DO 0')`,
    'PREPARE polyshift_statement FROM @polyshift_statement',
    'EXECUTE polyshift_statement',
    'DEALLOCATE PREPARE polyshift_statement',
  ];
}
