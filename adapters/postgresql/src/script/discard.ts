import { asideSchema } from '../handler/aside.ts';
import { literal, quote } from '../identifiers.ts';
import { block } from './block.ts';

/** The statements that do what `dropAside` does: never by CASCADE. */
export function discardStatements(aside: string): string[] {
  const schema = asideSchema(aside);
  return [
    block(
      `SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname) INTO kept
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${literal(schema)} AND c.relkind IN ('r', 'p');
  IF kept IS NOT NULL THEN EXECUTE 'DROP TABLE ' || kept; END IF;`,
      'kept text;',
    ),
    `DROP SCHEMA IF EXISTS ${quote(schema)}`,
    `DELETE FROM polyshift.step_marks WHERE aside = ${literal(aside)}`,
  ];
}
