import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LintReport, type LintSettings, lintSettingsSchema, lintSources } from '../src/index.ts';

/** Files by name, in the order in which they run. */
export type Files = Readonly<Record<string, string>>;

/** Reads files as the command does. */
export async function lintFiles(
  store: string,
  files: Files,
  settings: Partial<Record<keyof LintSettings, unknown>> = {},
): Promise<LintReport> {
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-lint-'));
  try {
    const sources = [];
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, file);
      await writeFile(path, text);
      sources.push({ path, file, report: true, owner: () => ({ store, history: store }) });
    }
    return await lintSources(sources, lintSettingsSchema.parse(settings));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What lint finds in one script: `CODE line`. */
export async function found(store: string, sql: string, settings: Parameters<typeof lintFiles>[2] = {}): Promise<string[]> {
  const { findings } = await lintFiles(store, { 'file.sql': sql }, settings);
  return findings.map(({ code, line }) => `${code} ${line}`);
}
