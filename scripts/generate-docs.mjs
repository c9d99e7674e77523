// Writes what the code knows better than prose: the operation, error, ETL, command and type references, the capability tables of the
// stores, and the JSON Schemas. With --check it writes nothing and fails when a page is not what the code says.
import { readFile, writeFile } from 'node:fs/promises';
import { migrationJsonSchema } from '../packages/core/dist/index.js';
import { specJsonSchema } from '../packages/etl/dist/index.js';
import { findAdapters } from './docs/adapters.mjs';
import { capabilityTable } from './docs/capability-table.mjs';
import { commandReference } from './docs/command-reference.mjs';
import { errorReference } from './docs/error-reference.mjs';
import { etlReference } from './docs/etl-reference.mjs';
import { staleExcerpts } from './docs/excerpts.mjs';
import { lintReference } from './docs/lint-reference.mjs';
import { operationReference } from './docs/operation-reference.mjs';
import { typeMapping } from './docs/type-mapping.mjs';

const root = new URL('../', import.meta.url);
const check = process.argv.includes('--check');
const found = await findAdapters(root);
const adapters = found.map(({ adapter }) => adapter);
const stale = [];
const homeless = [];

/** Writes a page, or notes that it is out of date. */
async function page(path, text) {
  const url = new URL(path, root);
  const before = await readFile(url, 'utf8').catch(() => '');
  if (before === text) return;
  if (check) stale.push(path);
  else {
    await writeFile(url, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

/** Replaces what stands between two markers of a hand-written page. */
async function section(path, name, text) {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const before = await readFile(new URL(path, root), 'utf8').catch(() => '');
  if (!before.includes(begin) || !before.includes(end)) {
    homeless.push(`${path} (${name})`);
    return;
  }
  const [head, rest] = [before.slice(0, before.indexOf(begin) + begin.length), before.slice(before.indexOf(end))];
  await page(path, `${head}\n\n${text.trim()}\n\n${rest}`);
}

await page('docs/operations.md', operationReference(adapters));
await page('docs/errors.md', errorReference());
await page('docs/etl-reference.md', etlReference());
await page('docs/commands.md', commandReference());
await page('docs/lint-rules.md', lintReference());
await page('docs/types.md', typeMapping(found));
await page('packages/core/schemas/migration.schema.json', `${JSON.stringify(migrationJsonSchema(), null, 2)}\n`);
await page('packages/etl/schemas/spec.schema.json', `${JSON.stringify(specJsonSchema(), null, 2)}\n`);
for (const adapter of adapters) {
  const table = capabilityTable(adapter);
  await section(`docs/stores/${adapter.store}.md`, 'capabilities', table);
  await section(`adapters/${adapter.store}/README.md`, 'capabilities', table);
}
const misquoted = await staleExcerpts(root, 'docs/writing-an-adapter.md');
if (misquoted.length > 0) process.stderr.write(`not what the code says:\n${misquoted.join('\n')}\n`);
if (homeless.length > 0) process.stderr.write(`no page with markers for: ${homeless.join(', ')}\n`);
if (stale.length > 0) process.stderr.write(`out of date: ${stale.join(', ')}\nrun: pnpm run docs\n`);
process.exitCode = homeless.length + misquoted.length + stale.length > 0 ? 1 : 0;
