import type { Connection } from '../database.ts';
import { literal } from '../identifiers.ts';
import { agreeFunction } from './agree-function.ts';
import { carryFunction } from './carry-function.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import { settleFunction, truncateFunction } from './settle-function.ts';
import { togetherFunction } from './together-function.ts';
import type { Way } from './way.ts';

/** Creates the table of unsettled writes and the functions of both ways. */
export async function createFunctions(
  connection: Connection,
  names: OnlineNames,
  mapping: Mapping,
  toNew: Way,
  toOld: Way,
): Promise<void> {
  await connection.execute(
    `CREATE TABLE ${names.unsettled} (side text NOT NULL, key text[] NOT NULL, operation text NOT NULL, refused boolean NOT NULL,
     code text, reason text, at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (side, key))`,
  );
  for (const way of [toNew, toOld]) await connection.execute(settleFunction(names, way));
  const how = await writesToItself(connection, [toNew.source, toOld.source]);
  for (const way of [toNew, toOld]) {
    await connection.execute(carryFunction(names, way, how));
    if (how.refersToItself) await connection.execute(togetherFunction(names, way));
  }
  await connection.execute(agreeFunction(names, mapping, toNew, toOld));
  await connection.execute(truncateFunction(names, toNew, names.truncatedOld));
  await connection.execute(truncateFunction(names, toOld, names.truncatedNew));
}

/** Whether a write to one of the tables may bring about others to the same one, by triggers of the user or by keys that refer to itself; and whether there are such keys. */
async function writesToItself(
  connection: Connection,
  tables: readonly string[],
): Promise<{ nests: boolean; refersToItself: boolean }> {
  const row = await connection.row<{ triggers: boolean; keys: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ANY($1::regclass[]) AND NOT tgisinternal AND NOT starts_with(tgname, '!polyshift_')) AS triggers,
       EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY($1::regclass[]) AND confrelid = conrelid) AS keys`,
    [tables],
  );
  const { triggers, keys } = row!;
  return { nests: triggers || keys, refersToItself: keys };
}

/**
 * Creates the triggers of one side. Whoever has written to the table before them has ended by then, because the statement waits for these; whoever
 * writes after it finds them. They also fire for what replication applies.
 */
export async function createTriggers(connection: Connection, names: OnlineNames, way: Way): Promise<void> {
  const truncated = way.side === 'old' ? names.truncatedOld : names.truncatedNew;
  await connection.execute(
    `CREATE TRIGGER ${names.trigger} AFTER INSERT OR UPDATE OR DELETE ON ${way.source} FOR EACH ROW
     WHEN (current_setting(${way.heeds}, true) IS DISTINCT FROM '*') EXECUTE FUNCTION ${way.carry}()`,
  );
  await connection.execute(
    `CREATE TRIGGER ${names.truncateTrigger} AFTER TRUNCATE ON ${way.source} FOR EACH STATEMENT EXECUTE FUNCTION ${truncated}()`,
  );
  const triggers = [names.trigger, names.truncateTrigger];
  const together = way.side === 'old' ? names.togetherOld : names.togetherNew;
  const found = await connection.row<{ there: boolean }>('SELECT to_regproc($1) IS NOT NULL AS there', [together]);
  if (found!.there) {
    await connection.execute(
      `CREATE TRIGGER ${names.togetherTrigger} AFTER INSERT OR UPDATE OR DELETE ON ${way.source} FOR EACH STATEMENT EXECUTE FUNCTION ${together}()`,
    );
    triggers.push(names.togetherTrigger);
  }
  for (const trigger of triggers) await connection.execute(`ALTER TABLE ${way.source} ENABLE ALWAYS TRIGGER ${trigger}`);
}

/** Drops the triggers of a table; those of the old version stay behind it where it has been moved. */
export async function dropTriggers(connection: Connection, names: OnlineNames, table: string): Promise<void> {
  for (const trigger of [names.trigger, names.togetherTrigger, names.truncateTrigger])
    await connection.execute(`DROP TRIGGER IF EXISTS ${trigger} ON ${table}`);
}

/** Drops every function of the step. */
export async function dropFunctions(connection: Connection, names: OnlineNames): Promise<void> {
  const found = await connection.rows<{ signature: string }>(
    `SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS signature
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 ORDER BY p.oid`,
    [names.aside],
  );
  if (found.length > 0) await connection.execute(`DROP FUNCTION ${found.map(({ signature }) => signature).join(', ')}`);
}

/** The comment by which polyshift knows a schema of new versions as its own. */
const schemaComment = 'polyshift: new versions of tables, until the migration is finalized';

/** Creates the schema of the new version, or takes the one that another operation of the migration has made; with the rights of the old one's. */
export async function createVersionSchema(connection: Connection, names: OnlineNames, schema: string): Promise<void> {
  const there = await connection.row('SELECT 1 FROM pg_namespace WHERE nspname = $1', [names.versionSchema]);
  if (there) return;
  const statements = await connection.rows<{ statement: string }>(
    `SELECT format('CREATE SCHEMA %I', $1::text) AS statement
     UNION ALL SELECT format('COMMENT ON SCHEMA %I IS %L', $1::text, $3::text)
     UNION ALL SELECT format('GRANT USAGE ON SCHEMA %I TO %s', $1::text, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
     FROM pg_namespace n, aclexplode(n.nspacl) AS a WHERE n.nspname = $2 AND a.privilege_type = 'USAGE'`,
    [names.versionSchema, schema, schemaComment],
  );
  for (const { statement } of statements) await connection.execute(statement);
}

/** Drops the schema of the new version where it is empty and polyshift's own. */
export async function dropVersionSchema(connection: Connection, names: OnlineNames): Promise<void> {
  const own = await connection.row<{ statement: string }>(
    `SELECT format('DROP SCHEMA %I', nspname) AS statement FROM pg_namespace n WHERE nspname = ${literal(names.versionSchema)}
     AND obj_description(oid, 'pg_namespace') = ${literal(schemaComment)}
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid)`,
  );
  if (own) await connection.execute(own.statement);
}

/** Whether a schema is one of polyshift's new versions. */
export async function isVersionSchema(connection: Connection, schema: string): Promise<boolean | undefined> {
  const row = await connection.row<{ own: boolean }>(
    `SELECT obj_description(oid, 'pg_namespace') IS NOT DISTINCT FROM $2 AS own FROM pg_namespace WHERE nspname = $1`,
    [schema, schemaComment],
  );
  return row?.own;
}
