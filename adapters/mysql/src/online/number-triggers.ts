import { quote } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames, Side } from './names.ts';

/**
 * The statements of the triggers that keep automatic numbers apart while both versions hand them out: the old one takes every second number, the new
 * one those between. Before a number is drawn the session counts in double steps, from its own offset or from the one between; afterwards as it
 * did before. LAST_INSERT_ID() stays the server's own. An insert that fails in between leaves the steps until the session's next write to the
 * table, which costs other tables some numbers and nothing else.
 */
export function numberTriggers(side: Side, names: OnlineNames, mapping: Mapping): { name: string; sql: string }[] {
  if (mapping.number === null) return [];
  const column = `NEW.${quote(mapping.number[side])}`;
  const [step, offset] = [`${names.counting}_step`, `${names.counting}_offset`];
  const restore = `IF ${step} IS NOT NULL THEN
    SET SESSION auto_increment_increment = ${step}, SESSION auto_increment_offset = ${offset}, ${step} = NULL;
  END IF;`;
  const trigger = (what: string, when: string, body: string) => ({
    name: names.trigger(side, what),
    sql: `CREATE TRIGGER ${quote(names.schema)}.${quote(names.trigger(side, what))} ${when} ON ${names[side]} FOR EACH ROW
BEGIN
  ${body}
END`,
  });
  return [
    trigger('counted', 'AFTER INSERT', restore),
    // An insert on a duplicate key ends as an update.
    trigger('recounted', 'AFTER UPDATE', restore),
    trigger(
      'counting',
      'BEFORE INSERT',
      `IF ${column} IS NULL OR ${column} = 0 THEN
    IF ${step} IS NULL THEN SET ${step} = @@SESSION.auto_increment_increment, ${offset} = @@SESSION.auto_increment_offset; END IF;
    SET SESSION auto_increment_increment = 2 * ${step}, SESSION auto_increment_offset = ${offset}${side === 'new' ? ` + ${step}` : ''};
  END IF;`,
    ),
  ];
}
