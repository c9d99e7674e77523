import { operationRule } from '../../operations/rule.ts';

/** Keeps the rows of a collection in another encoding while applications use them. */
export const changingEncodingInUse = operationRule({
  code: 'RD003',
  name: 'changing-encoding-in-use',
  store: 'redis',
  level: 'warning',
  doc: {
    what: 'Keeps the rows of a collection in another encoding while applications use them.',
    why: 'A hash and a string of JSON are read by different commands: the running application gets WRONGTYPE.',
    lock: 'Nothing is locked for long.',
    safe: 'Deploy an application that reads both first.',
  },
  examples: {
    unsafe: [[{ type: 'change_encoding', collection: 'users', data: { to: 'hash' } }]],
    safe: [[{ type: 'add_field', collection: 'users', data: { field_name: 'a' } }]],
  },
  *check(operation) {
    if (operation.type === 'change_encoding')
      yield { message: `The running application reads ${operation.collection} by the commands of the old encoding.` };
  },
});
