import { join, relative, resolve } from 'node:path';
import { writeNewFile } from '../write-new-file.ts';
import { adapterFiles } from './adapter-files.ts';
import { type AdapterSkeleton, projectFiles } from './project-files.ts';
import { rowFiles } from './row-files.ts';

/** What was written, and what was there and is kept; paths relative to the working folder. */
export interface AdapterReport {
  /** Relative to the working folder. */
  readonly folder: string;
  readonly written: string[];
  readonly kept: string[];
}

/** Writes the skeleton of an adapter, and keeps every file that is there. */
export async function writeAdapter(cwd: string, folder: string, skeleton: AdapterSkeleton): Promise<AdapterReport> {
  const files = { ...projectFiles(skeleton), ...adapterFiles(skeleton), ...rowFiles() };
  const report: AdapterReport = { folder: relative(cwd, resolve(cwd, folder)), written: [], kept: [] };
  for (const [path, text] of Object.entries(files)) {
    const file = resolve(cwd, join(folder, path));
    const list = (await writeNewFile(file, text, cwd)) ? report.written : report.kept;
    list.push(relative(cwd, file));
  }
  return report;
}
