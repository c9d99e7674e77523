import { createHash } from 'node:crypto';
import type { Connection, Queryable } from '../connection.ts';
import { cutIdentifier, literal, ownPrefix, quote, quoteQualified } from '../identifiers.ts';
import { joined, type SqlToken, tokenize } from '../sql-tokens.ts';
import { otherSide } from './mapping.ts';
import type { OnlineNames, Side } from './names.ts';

/** A trigger of the user's own. Plain JSON, kept in the journal. */
export type UserTrigger = {
  name: string;
  timing: string;
  event: string;
  /** As SHOW CREATE TRIGGER prints it. */
  statement: string;
  /** What the session had when it was created, and has to have when it is created again. */
  mode: string;
  charset: string;
  collation: string;
  database_collation: string;
};

/** The label of a body that does nothing for a write which comes from the other version. */
const label = 'polyshift_guarded';

interface TriggerRow {
  name: string;
  timing: string;
  event: string;
}

/** The triggers of a table that are not polyshift's, in the order in which they fire. */
export async function userTriggers(connection: Connection, schema: string, table: string): Promise<UserTrigger[]> {
  const rows = await connection.rows<TriggerRow>(
    `SELECT trigger_name AS name, action_timing AS timing, event_manipulation AS event FROM information_schema.triggers
     WHERE event_object_schema = ${literal(schema)} AND event_object_table = ${literal(table)}
     ORDER BY event_manipulation, action_timing, action_order`,
  );
  const triggers: UserTrigger[] = [];
  for (const { name, timing, event } of rows.filter((row) => !row.name.startsWith(ownPrefix))) {
    const [row] = await connection.values(`SHOW CREATE TRIGGER ${quoteQualified(schema, name)}`);
    const [, mode, statement, charset, collation, databaseCollation] = row!.map(String) as string[] as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    triggers.push({ name, timing, event, statement, mode, charset, collation, database_collation: databaseCollation });
  }
  return triggers;
}

/** Which of the user's triggers a table has, and whether each does nothing for carried writes. */
export async function guardedBy(connection: Queryable, schema: string, table: string): Promise<Map<string, boolean>> {
  const rows = await connection.rows<{ name: string; body: string }>(
    `SELECT trigger_name AS name, action_statement AS body FROM information_schema.triggers
     WHERE event_object_schema = ${literal(schema)} AND event_object_table = ${literal(table)}`,
  );
  const own = rows.filter(({ name }) => !name.startsWith(ownPrefix));
  return new Map(own.map(({ name, body }) => [name, body.startsWith(`${label}:`)]));
}

/** The body of a trigger: what stands behind FOR EACH ROW. */
export function bodyOf({ statement }: Pick<UserTrigger, 'statement'>): string {
  const tokens = tokenize(statement);
  return joined(tokens.slice(endOfHeader(tokens)));
}

/**
 * The statement that creates a trigger again with a body that does nothing for a write which comes from the other version, or which polyshift makes itself:
 * the one that the application has made fires the triggers of the table that it is made to.
 */
export function guardedTrigger(trigger: UserTrigger, side: Side, names: OnlineNames, name: string, table: string): string {
  const carried = `${names.copying} IS NOT NULL OR ${rewriting(names)} IS NOT NULL OR ${names.origin} <=> CONCAT(${literal(otherSide(side))}, NOW(6))`;
  return `${creating(trigger)} ${quoteQualified(names.schema, name)} ${trigger.timing} ${trigger.event} ON ${table} FOR EACH ROW
${label}: BEGIN
  IF ${carried} THEN LEAVE ${label}; END IF;
${bodyOf(trigger).replace(/[\s;]+$/, '')}
;
END`;
}

/** The name of the trigger that the new version has for one of the old one: names belong to the whole database. */
export function copyName({ name }: Pick<UserTrigger, 'name'>, names: OnlineNames): string {
  const hash = createHash('sha256').update(`${names.new}\0${name}`).digest('hex').slice(0, 8);
  return `${cutIdentifier(name, 55)}_${hash}`;
}

/** Runs writes of polyshift's own, which write rows again as they are: no trigger of the user's sees them. */
export async function unseen<Result>(connection: Connection, names: OnlineNames, work: () => Promise<Result>): Promise<Result> {
  await connection.execute(`SET ${rewriting(names)} = 1`);
  try {
    return await work();
  } finally {
    await connection.execute(`SET ${rewriting(names)} = NULL`).catch(() => {});
  }
}

/** Runs statements that create triggers with the settings that a trigger was created with, in its database. */
export async function asWritten(
  connection: Connection,
  { mode, charset, collation }: UserTrigger,
  schema: string,
  statements: readonly string[],
): Promise<void> {
  const [own] = await connection.values('SELECT DATABASE(), @@SESSION.sql_mode');
  await connection.execute(`USE ${quote(schema)}`);
  try {
    await connection.execute(
      `SET SESSION sql_mode = ${literal(mode)}, character_set_client = ${literal(charset)}, collation_connection = ${literal(collation)}`,
    );
    for (const statement of statements) await connection.execute(statement);
  } finally {
    // A connection that is lost has no settings any more.
    await connection
      .execute(`SET NAMES utf8mb4, SESSION sql_mode = ${literal(String(own![1]))}`)
      .then(() => connection.execute(`USE ${quote(String(own![0]))}`))
      .catch(() => {});
  }
}

function rewriting(names: OnlineNames): string {
  return `${names.counting}_rewriting`;
}

/** Everything before the name: CREATE, the definer, TRIGGER. */
function creating({ statement }: UserTrigger): string {
  const tokens = tokenize(statement);
  const end = tokens.findIndex(({ kind, text }) => kind === 'word' && /^TRIGGER$/i.test(text));
  return joined(tokens.slice(0, end + 1));
}

/** Where the body begins. */
function endOfHeader(tokens: readonly SqlToken[]): number {
  const words = tokens.flatMap(({ kind, text }, at) => (kind === 'word' ? [{ text: text.toUpperCase(), at }] : []));
  const row = words.find(
    ({ text }, index) => text === 'ROW' && words[index - 1]?.text === 'EACH' && words[index - 2]?.text === 'FOR',
  );
  const next = tokens.findIndex(({ kind }, index) => index > row!.at && kind !== 'space');
  return next < 0 ? tokens.length : next;
}
