import { builtInFunctions, specJsonSchema } from '../../packages/etl/dist/index.js';
import { generatedNote, table } from './markdown.mjs';

/** docs/etl-reference.md. */
export function etlReference() {
  const schema = specJsonSchema();
  const lines = [
    generatedNote,
    '',
    '# ETL reference',
    '',
    'A spec is YAML, JSON or TypeScript. Its JSON Schema is `packages/etl/schemas/spec.schema.json`. How to use it is told in [ETL](etl.md).',
    '',
    '## Spec',
    '',
    fieldTable(schema, schema),
  ];
  for (const step of resolve(schema, schema.properties.steps).items.oneOf.map((each) => resolve(schema, each))) {
    lines.push('', `## Step \`${step.properties.type.const}\``, '', fieldTable(schema, step));
    for (const [path, part] of partsOf(schema, step)) lines.push('', `### \`${path}\``, '', fieldTable(schema, part));
  }
  lines.push(...checksReference(schema));
  lines.push('', '## Rules', '', 'A target field maps to the name of a source field, or to one of:');
  for (const rule of rulesOf(schema)) {
    lines.push(
      '',
      `### \`type: ${rule.properties.type.const}\``,
      '',
      `${sentence(rule.description ?? '')}`,
      '',
      fieldTable(schema, rule),
    );
  }
  lines.push(
    '',
    '## Functions',
    '',
    'Arguments are names of fields or `{ value: literal }`. `...` may be repeated; `?` may be left out.',
    '',
  );
  const rows = Object.entries(builtInFunctions).map(([name, entry]) => [
    `\`${name}\``,
    entry.parameters
      .map(
        (parameter) =>
          `${parameter.name}${parameter.optional ? '?' : ''}${parameter.repeated ? '...' : ''}: ${parameter.accepts}`,
      )
      .join(', '),
    entry.result,
    `${entry.summary}${entry.nulls === 'null' ? '' : ' Nulls are passed to it.'}`,
    `\`${entry.example.args.map((each) => JSON.stringify(each)).join(', ')}\` → \`${JSON.stringify(entry.example.result)}\``,
  ]);
  lines.push(table(['function', 'parameters', 'result', 'what it gives', 'example'], rows));
  return `${lines.join('\n')}\n`;
}

/** Checks as data; those that stand before a load may also stand after it. */
function checksReference(schema) {
  const checks = resolve(schema, schema.properties.checks);
  const [before, after] = ['before', 'after'].map((moment) =>
    resolve(schema, resolve(schema, checks.properties[moment]).items).oneOf.map((each) => resolve(schema, each)),
  );
  const { name, on_failure, action, on } = before[0].properties;
  const lines = ['', '## `checks`', '', fieldTable(schema, checks), '', 'Every check may have:', ''];
  lines.push(fieldTable(schema, { properties: { name, on_failure, action } }), '', 'Those that ask one store may also have:', '');
  lines.push(fieldTable(schema, { properties: { on } }));
  for (const { properties, required } of after) {
    const { check, name: _name, on_failure: _onFailure, action: _action, on: _on, ...own } = properties;
    const alsoBefore = before.some((each) => each.properties.check.const === check.const);
    lines.push(
      '',
      `### \`check: ${check.const}\``,
      '',
      `${sentence(check.description)}${alsoBefore ? '' : ' Only after a load.'}`,
    );
    if (Object.keys(own).length > 0) lines.push('', fieldTable(schema, { properties: withSides(schema, own), required }));
  }
  return lines;
}

/** The keys of `source` and `target` by their way from the check. */
function withSides(schema, properties) {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, raw]) =>
      name === 'source' || name === 'target'
        ? Object.entries(resolve(schema, raw).properties).map(([key, part]) => [`${name}.${key}`, part])
        : [[name, raw]],
    ),
  );
}

/** The objects inside a step that have keys of their own, each once, by their way from the step. */
function partsOf(schema, step, above = '', seen = new Set()) {
  return Object.entries(step.properties).flatMap(([name, raw]) => {
    const field = resolve(schema, raw);
    const part = resolve(schema, field.items ?? field);
    // The language of conditions has a page of its own.
    if (!part.properties || name === 'conditions' || seen.has(part)) return [];
    seen.add(part);
    const path = `${above}${name}`;
    return [[path, part], ...partsOf(schema, part, `${path}.`, seen)];
  });
}

function rulesOf(schema) {
  const transform = resolve(schema, schema.properties.steps)
    .items.oneOf.map((each) => resolve(schema, each))
    .find((step) => step.properties.type.const === 'transform');
  const rule = resolve(schema, resolve(schema, transform.properties.transformation_rules).additionalProperties);
  const forms = rule.anyOf.map((each) => resolve(schema, each));
  return forms.flatMap((form) => (form.oneOf ?? form.anyOf ?? []).map((each) => resolve(schema, each)));
}

function fieldTable(schema, part) {
  const required = new Set(part.required ?? []);
  return table(
    ['key', 'default', 'meaning'],
    Object.entries(part.properties).map(([name, raw]) => {
      const field = { ...resolve(schema, raw), ...raw };
      const fallback =
        field.default !== undefined ? `\`${JSON.stringify(field.default)}\`` : required.has(name) ? 'required' : '';
      const choice = field.enum ? `; one of ${field.enum.map((each) => `\`${each}\``).join(', ')}` : '';
      return [`\`${name}\``, fallback, `${field.description ?? ''}${choice}`];
    }),
  );
}

function resolve(schema, part) {
  if (!part?.$ref) return part ?? {};
  return part.$ref === '#'
    ? schema
    : part.$ref
        .split('/')
        .slice(1)
        .reduce((inner, key) => inner[key], schema);
}

function sentence(text) {
  return text === '' ? '' : `${text[0].toUpperCase()}${text.slice(1)}.`;
}
