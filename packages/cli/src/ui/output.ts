import pc from 'picocolors';
import type { Host } from '../command/host.ts';

/** Colours for one stream; functions that change nothing where it shows none. */
export type Colours = ReturnType<typeof pc.createColors>;

/** Where a command writes: results to stdout, everything else to stderr. */
export class Output {
  /** Whether the result is one JSON document. */
  readonly json: boolean;
  readonly host: Host;
  /** For what goes to stdout. */
  readonly colours: Colours;
  /** For what goes to stderr. */
  readonly noteColours: Colours;
  /** Takes secrets out of a text; see `load`. */
  private mask: (text: string) => string = (text) => text;
  /** Takes a note instead of stderr while something else draws there. */
  private intercept: ((text: string) => void) | undefined;
  private hasResult = false;

  constructor(host: Host, json: boolean) {
    this.host = host;
    this.json = json;
    this.colours = pc.createColors(showsColours(host.stdout, host.environment));
    this.noteColours = pc.createColors(showsColours(host.stderr, host.environment));
  }

  /** Whether people can be asked: a terminal on both sides, and nobody who waits for JSON. */
  get interactive(): boolean {
    return !this.json && Boolean(this.host.stdin.isTTY && this.host.stderr.isTTY);
  }

  /** Columns of the terminal that shows the results; 100 where it is none. */
  get width(): number {
    return Math.max(60, this.host.stdout.columns ?? 100);
  }

  /** Loads what masks secrets. Called before a command runs, and not earlier: `--help` has nothing to mask and no time for it. */
  async load(): Promise<void> {
    const { maskSecrets } = await import('@polyshift/core');
    this.mask = maskSecrets;
  }

  /**
   * Prints a result: the value as JSON, or the text made of it for people. Secrets are masked in both. Only the first counts, so that JSON stays
   * one document when something fails after it.
   */
  async result(value: unknown, render: () => string | Promise<string>): Promise<void> {
    if (this.hasResult) return;
    this.hasResult = true;
    await this.load();
    if (this.json) this.host.stdout.write(`${JSON.stringify(value, maskedJson(this.mask), 2)}\n`);
    else this.host.stdout.write(`${this.mask(await render())}\n`);
  }

  /** Prints a result to the letter, where a masked one would be another: a script holds values of the migrations, as their files do. */
  verbatim(value: unknown, text: string): void {
    if (this.hasResult) return;
    this.hasResult = true;
    this.host.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : text);
  }

  /** Tells something on stderr; secrets are masked. */
  note(given: string): void {
    const text = this.mask(given);
    if (this.intercept) this.intercept(text);
    else this.host.stderr.write(`${text}\n`);
  }

  /** Lets `take` have the notes, until called with undefined. */
  redirectNotes(take: ((text: string) => void) | undefined): void {
    this.intercept = take;
  }
}

/** NO_COLOR wins over FORCE_COLOR, and both over what the stream is. */
function showsColours(stream: NodeJS.WriteStream, environment: Readonly<NodeJS.ProcessEnv>): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR'] && environment['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

function maskedJson(mask: (text: string) => string): (key: string, value: unknown) => unknown {
  return (_key, value) => {
    if (typeof value === 'string') return mask(value);
    return typeof value === 'bigint' ? value.toString() : value;
  };
}
