import type { Table } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { quoteQualified } from '../identifiers.ts';
import type { OnlineNames } from './names.ts';
import { type Relation, relationNames, unsettledParts } from './relation.ts';
import { settleRelationFunction, toHubFunction, toPartFunction } from './relation-functions.ts';
import { createHubTriggers, createPartTriggers, triggerFunctions } from './relation-triggers.ts';

/** Creates the table of unsettled writes and the functions of all relations, and the triggers of the tables that nobody uses yet. */
export async function createFunctionsOf(
  connection: Connection,
  names: OnlineNames,
  old: Table,
  relations: readonly Relation[],
): Promise<void> {
  if (relations.length === 0) return;
  await connection.execute(
    `CREATE TABLE ${quoteQualified(names.aside, unsettledParts)} (part integer NOT NULL, side text NOT NULL, key text[] NOT NULL, fields text[] NOT NULL,
     refused boolean NOT NULL, code text, reason text, at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (part, side, key))`,
  );
  for (const relation of relations) {
    const functions = [
      toPartFunction(names, relation),
      toHubFunction(names, relation, old.name),
      settleRelationFunction(names, relation),
    ];
    for (const statement of [...functions, ...triggerFunctions(names, relation)]) await connection.execute(statement);
    if (relation.kind === 'merge') await createHubTriggers(connection, names, relation);
    else await createPartTriggers(connection, names, relation);
  }
}

/** Creates the triggers of the tables that applications use. */
export async function connectParts(connection: Connection, names: OnlineNames, relations: readonly Relation[]): Promise<void> {
  for (const relation of relations) if (relation.kind === 'split') await createHubTriggers(connection, names, relation);
  for (const relation of relations) if (relation.kind === 'merge') await createPartTriggers(connection, names, relation);
}

/** Locks the parts against everybody, in their order, behind both versions. */
export async function lockParts(connection: Connection, names: OnlineNames, relations: readonly Relation[]): Promise<void> {
  for (const relation of relations)
    await connection.execute(`LOCK TABLE ${relationNames(names, relation).part} IN ACCESS EXCLUSIVE MODE`);
}
