import { readdir } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { PolyshiftError } from '@polyshift/core';
import { findConfig } from '../config/load-config.ts';
import { configTemplate, environmentTemplate } from './config-template.ts';
import { exampleMigration, exampleSpec } from './example-templates.ts';
import { schemaReference } from './schema-reference.ts';
import { type StarterType, starters } from './starters.ts';
import { writeNewFile } from './write-new-file.ts';

/** The project to write. */
export interface NewProject {
  readonly cwd: string;
  /** The value of `--config`: where the configuration goes; a YAML file. */
  readonly file: string | undefined;
  /** The name of the store. */
  readonly name: string;
  readonly type: StarterType;
}

/** What was written, and what was there and is kept; paths relative to the working folder. */
export interface ProjectReport {
  readonly written: string[];
  readonly kept: string[];
  /** The environment variable that holds the URL of the store. */
  readonly variable: string;
}

/** Writes what a project begins with, and keeps every file that is there. Throws USAGE where the configuration is not to be YAML. */
export async function writeProject({ cwd, file, name, type }: NewProject): Promise<ProjectReport> {
  const existing = file === undefined ? findConfig(cwd) : undefined;
  const config = existing ?? resolve(cwd, file ?? 'polyshift.config.yaml');
  if (existing === undefined && !['.yaml', '.yml'].includes(extname(config))) {
    throw new PolyshiftError('USAGE', `init writes YAML, not ${extname(config) || 'a file without an extension'}`, {
      hint: 'Name a file that ends in .yaml.',
    });
  }
  const project = dirname(config);
  const migration = join(project, 'migrations', '0001_create_people.yaml');
  const spec = join(project, 'etl', 'users.yaml');
  const files: [string, string][] = [
    [config, configTemplate({ name, type }, schemaReference(config, project, 'polyshift/schemas/config.schema.json'))],
    [migration, exampleMigration(type, schemaReference(migration, project, '@polyshift/core/schemas/migration.schema.json'))],
    [spec, exampleSpec(schemaReference(spec, project, '@polyshift/etl/schemas/spec.schema.json'))],
    // The example of a spec moves from PostgreSQL to MongoDB.
    [join(project, '.env.example'), environmentTemplate(new Set([type, 'postgresql', 'mongodb']))],
  ];
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of files) {
    // An example among migrations of one's own would be applied with them.
    const unwanted = path === migration && (await hasMigrations(dirname(path)));
    const isNew = !unwanted && (await writeNewFile(path, text, cwd));
    if (isNew) written.push(relative(cwd, path));
    else kept.push(relative(cwd, unwanted ? dirname(path) : path));
  }
  return { written, kept, variable: starters[type].variable };
}

async function hasMigrations(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => /^\d/.test(name));
}
