import { postgresqlRule } from '../../postgresql/rule.ts';

/** Gives a name of more than 63 bytes. */
export const identifierTooLong = postgresqlRule({
  code: 'PG211',
  name: 'identifier-too-long',
  level: 'error',
  doc: {
    what: 'Gives a name of more than 63 bytes.',
    why: 'The server cuts it off: two names may become one, and the statement that drops it by its full name meets another.',
    lock: 'Nothing now.',
    safe: 'A shorter name.',
  },
  examples: {
    unsafe: ['CREATE TABLE a123456789012345678901234567890123456789012345678901234567890123456789 (id int)'],
    safe: ['CREATE TABLE a12345678901234567890123456789012345678901234567890123456789012 (id int)'],
  },
  *check(statement) {
    // The parser has cut the names already: they are looked for in the text.
    for (const match of statement.text.matchAll(
      /"((?:[^"]|"")+)"|'(?:[^']|'')*'|--[^\n]*|\$(\w*)\$[\s\S]*?\$\2\$|[a-z_][\w$]*/gi,
    )) {
      const name = match[1]?.replaceAll('""', '"') ?? (/^[a-z_]/i.test(match[0]) ? match[0] : '');
      if (Buffer.byteLength(name) > 63)
        yield { at: statement.at + match.index, message: `The name ${name} is longer than 63 bytes and is cut off.` };
    }
  },
});
