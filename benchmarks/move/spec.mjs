import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { table } from './table.mjs';

/** The columns as they are, the key as _id. */
export const plain = {
  _id: 'id',
  ...Object.fromEntries(
    ['external_id', 'name', 'email', 'age', 'balance', 'score', 'active', 'tags', 'settings', 'created_at'].map((name) => [
      name,
      name,
    ]),
  ),
};

/** Ten rules beside the key, of every kind; the documents are about as large as those of a plain copy, so that the rules are measured and not more data. */
export const tenRules = {
  _id: 'id',
  external_id: 'external_id',
  name: { type: 'concatenate', fields: ['name', 'age'], separator: ' ' },
  email: { type: 'function', function: 'lower', args: ['email'] },
  age: { type: 'function', function: 'coalesce', args: ['age', { value: 0 }] },
  balance: 'balance',
  score: { type: 'expression', expression: 'score * 2.0' },
  active: { type: 'expression', expression: 'active && score > 100.0' },
  tags: 'tags',
  settings: 'settings',
  created_at: 'created_at',
};

/** Rules that cost many times what reading and writing the row does: patterns, exact decimals, texts that are taken apart. */
export const heavyRules = {
  _id: 'id',
  external_id: { type: 'expression', expression: "external_id.matches('^[0-9a-f]{8}-.*-[0-9a-f]{12}$') ? external_id : ''" },
  name: { type: 'expression', expression: "name.matches('^Person [0-9]+ of .* town$') ? name.split(' ')[1] : name" },
  email: { type: 'expression', expression: "email.split('@')[1] + '/' + email.split('@')[0]" },
  age: { type: 'expression', expression: 'age == null ? 0 : age + 1' },
  balance: { type: 'expression', expression: "round(balance * decimal('1.19') + decimal('0.005'), 2)" },
  score: { type: 'expression', expression: 'score * 2.0 + double(id)' },
  active: { type: 'expression', expression: "active && email.endsWith('.org') && tags.exists(tag, tag.startsWith('tag'))" },
  tags: { type: 'expression', expression: "tags.map(tag, tag + '!')" },
  settings: 'settings',
  created_at: 'created_at',
};

/** A folder with a spec that moves the table into the collection of the same name. */
export async function specFolder(bench, sourceUrl, targetUrl, rules) {
  const folder = await bench.folder('move');
  await writeFile(
    join(folder, 'polyshift.config.json'),
    JSON.stringify({ stores: { from: { type: 'postgresql', url: sourceUrl }, to: { type: 'mongodb', url: targetUrl } } }),
  );
  await writeFile(
    join(folder, 'people.json'),
    JSON.stringify({
      name: 'people',
      source: { store: 'from' },
      target: { store: 'to' },
      steps: [
        { type: 'extract', source_table: table },
        { type: 'transform', transformation_rules: rules },
        { type: 'load', target_table: table },
      ],
    }),
  );
  return folder;
}

/** The command that runs it; `flags` are further ones of its own. */
export async function moveCommand(bench, sourceUrl, targetUrl, rules, flags = []) {
  const cwd = await specFolder(bench, sourceUrl, targetUrl, rules);
  return { file: process.execPath, args: [bench.polyshift, 'etl', 'run', 'people.json', '--json', ...flags], cwd };
}
