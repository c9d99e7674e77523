import { operationJsonSchema, operationRegistry, operationTypes } from '../../packages/core/dist/index.js';
import { flow, generatedNote, table } from './markdown.mjs';

const risks = {
  none: 'changes no data',
  data_changed: 'changes data',
  data_removed: 'takes data out of use (kept aside)',
  blocks_writes: 'may refuse writes of the application afterwards',
  user_defined: 'whatever the SQL does',
};

/** docs/operations.md. */
export function operationReference(adapters) {
  const lines = [
    generatedNote,
    '',
    '# Operations',
    '',
    'A migration is a list of operations: `{ type, collection, data, conditions?, batch_size? }`, the same in YAML, JSON and TypeScript. Each one is planned,',
    'checked, prepared, executed and verified, and each has its own exact rollback. `batch_size` is 1 to 100,000, by default 1000.',
    '',
    table(
      ['operation', 'what it does', ...adapters.map((adapter) => adapter.capabilities.title)],
      operationTypes.map((type) => [
        `[\`${type}\`](#${type})`,
        operationRegistry[type].summary,
        ...adapters.map((adapter) => (adapter.capabilities.operations[type].supported ? 'yes' : 'no')),
      ]),
    ),
    '',
    '## Conditions',
    '',
    'A field maps to a value (equality) or to comparisons; all must hold. `and` and `or` take lists of conditions, `not` one condition. Values are bound, never pasted into a statement.',
    '',
    table(
      ['comparison', 'holds where the field is'],
      [
        ['`field: value`, `eq`', 'equal'],
        ['`ne`', 'not equal, or null or missing'],
        ['`gt`, `gte`, `lt`, `lte`', 'greater, greater or equal, less, less or equal'],
        ['`in`, `nin`', 'one of a list; none of a list, or null or missing'],
        ['`like`', 'text that matches a pattern with `%` and `_` (a backslash escapes), case-sensitive'],
        ['`is_null: true`, `field: null`', 'null or missing'],
        ['`is_null: false`', 'present and not null'],
        ['`not: {...}`', 'such that the comparisons inside do not hold'],
      ],
    ),
  ];
  for (const type of operationTypes) lines.push(...operationPage(type, adapters));
  return `${lines.join('\n')}\n`;
}

function operationPage(type, adapters) {
  const { summary, undo, example, risk, conditional } = operationRegistry[type];
  const schema = operationJsonSchema(type);
  const data = resolve(schema, schema.properties.data);
  const fields = Object.entries(data.properties ?? {});
  const required = new Set(data.required ?? []);
  const lines = [
    '',
    `## ${type}`,
    '',
    summary,
    '',
    `**Rollback:** ${undo}`,
    '',
    `**Risk:** ${risks[risk]}.${conditional ? ' Takes `conditions`.' : ''}`,
    '',
  ];
  lines.push('```yaml', `- ${flow({ type, ...example })}`, '```');
  if (fields.length > 0) {
    lines.push(
      '',
      table(
        ['data', 'type', 'default', 'meaning'],
        fields.map(([name, field]) => [
          `\`${name}\``,
          typeName(schema, field),
          field.default !== undefined ? `\`${JSON.stringify(field.default)}\`` : required.has(name) ? 'required' : '',
          field.description ?? '',
        ]),
      ),
    );
  }
  const notes = adapters.map((adapter) => [adapter.capabilities.title, adapter.capabilities.operations[type]]);
  lines.push('');
  for (const [title, support] of notes) {
    if (support.supported)
      lines.push(
        `- ${title}: ${support.online ? 'online' : 'blocks the collection while it runs'}, atomic by ${support.atomic}, undo ${support.undo}.${support.note ? ` ${support.note}` : ''}`,
      );
    else lines.push(`- ${title}: not carried. ${support.reason}${support.instead ? ` Instead: ${support.instead}` : ''}`);
  }
  return lines;
}

function resolve(schema, part) {
  if (!part?.$ref) return part ?? {};
  return part.$ref
    .split('/')
    .slice(1)
    .reduce((inner, key) => inner[key], schema);
}

/** The type of a parameter in words; JSON of any depth is "any value". */
function typeName(schema, field, depth = 0) {
  if (depth > 2) return 'any value';
  const part = resolve(schema, field);
  if (part.enum) return part.enum.map((each) => `\`${each}\``).join(', ');
  if (part.const !== undefined) return `\`${JSON.stringify(part.const)}\``;
  const union = part.anyOf ?? part.oneOf;
  if (union) {
    const names = [...new Set(union.map((each) => typeName(schema, each, depth + 1)))];
    return names.includes('null') || names.includes('any value') ? 'any value' : names.join(' or ');
  }
  if (part.type === 'array') return `list of ${typeName(schema, part.items ?? {}, depth + 1)}`;
  if (part.properties?.kind?.const)
    return part.properties.fields || part.properties.field || part.properties.expression
      ? `{ kind: ${part.properties.kind.const}, ... }`
      : 'type with parameters';
  return { string: 'text', object: 'object' }[part.type] ?? part.type ?? 'any value';
}
