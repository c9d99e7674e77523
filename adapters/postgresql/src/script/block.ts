import { literal } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';

/** A block of PL/pgSQL that runs as one statement of a script. */
export function block(body: string, declarations = ''): string {
  const declared = declarations === '' ? '' : `DECLARE\n  ${declarations}\n`;
  return `DO ${dollar(`\n${declared}BEGIN\n  ${body}\nEND\n`)}`;
}

/** What fails the script, inside a block: a message and what to do. */
export function raise(message: string, hint: string): string {
  return `RAISE EXCEPTION USING MESSAGE = ${literal(`polyshift: ${message}`)}, HINT = ${literal(hint)};`;
}

/** Drops a table that the step created, unless `guard` fails; one that is gone already is left at that, another one of its name is refused. */
export function dropCreated(table: string, oid: number, guard: string): string[] {
  return [
    block(
      `IF to_regclass(${literal(table)}) IS NULL THEN RETURN; END IF;
  IF to_regclass(${literal(table)})::oid <> ${oid} THEN
    ${raise(`WRITTEN_SINCE: ${table} is not the table that the migration created`, 'See who has put it there.')}
  END IF;
  LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;
  ${guard}
  DROP TABLE ${table};`,
    ),
  ];
}

/** A statement that fails the script where rows meet a condition. */
export function refuseRows(source: string, message: string, hint: string): string {
  return block(`IF EXISTS (SELECT FROM ${source}) THEN\n    ${raise(`WRITTEN_SINCE: ${message}`, hint)}\n  END IF;`);
}
