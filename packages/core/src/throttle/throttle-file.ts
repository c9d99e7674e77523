import { readFile, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { checkDocument } from '../document/check-document.ts';
import { parseSourceDocument } from '../document/document.ts';
import { type ThrottleSettings, throttleSchema } from './settings.ts';

/** What one place says: limits, or why nobody can tell what they are. */
export type Said = { readonly settings: ThrottleSettings } | { readonly problem: string };

/** A file of limits, JSON or YAML, that is read again when it has changed. An empty one sets nothing. */
export class ThrottleFile {
  /** As it is named to people: relative to the working folder. */
  readonly name: string;
  private readonly path: string;
  private known: { readonly version: string; readonly said: Said } | undefined;

  constructor(path: string) {
    this.path = path;
    this.name = relative(process.cwd(), path) || path;
  }

  /** What it says now. Never throws: that a file cannot be read, or is not valid, is a problem. */
  async read(): Promise<Said> {
    try {
      // Looked at before it is read: what is written in between is met the next time.
      const { mtimeMs, ctimeMs, size, ino } = await stat(this.path);
      const version = [mtimeMs, ctimeMs, size, ino].join('/');
      if (this.known?.version !== version) this.known = { version, said: parsed(await readFile(this.path, 'utf8'), this.name) };
      return this.known.said;
    } catch (error) {
      return { problem: `cannot read ${this.name}: ${(error as Error).message}; an empty file sets no limits` };
    }
  }
}

function parsed(text: string, name: string): Said {
  try {
    const document = parseSourceDocument(text, name);
    return { settings: checkDocument(throttleSchema, document, document.content ?? {}) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
