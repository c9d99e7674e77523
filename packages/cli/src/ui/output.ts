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

  /**
   * Prints a result: the value as JSON, or the text made of it for people. URLs are masked in both. Only the first counts, so that JSON stays
   * one document when something fails after it.
   */
  async result(value: unknown, render: () => string | Promise<string>): Promise<void> {
    if (this.hasResult) return;
    this.hasResult = true;
    const { maskSecrets } = await import('@polyshift/core');
    if (this.json) this.host.stdout.write(`${JSON.stringify(value, maskedJson(maskSecrets), 2)}\n`);
    else this.host.stdout.write(`${maskSecrets(await render())}\n`);
  }

  /** Tells something on stderr. The text must be free of secrets. */
  note(text: string): void {
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
