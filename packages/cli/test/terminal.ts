import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runCommandLine } from '../src/command/run-command-line.ts';

/** A terminal of a test: what is typed, and what it has shown. */
export interface Terminal {
  /** Runs a command line in this process, as on a terminal, and gives its exit code. */
  run(cwd: string, ...args: string[]): Promise<number>;
  /** Types as soon as the text has been shown. */
  typeAfter(shown: RegExp, keys: string): void;
  /** What stdout has taken. */
  readonly stdout: string;
  /** What stderr has taken, without control characters. */
  readonly stderr: string;
}

/** Keys of a terminal. */
export const keys = { enter: '\r', left: '\u001b[D', interrupt: '\u0003' } as const;

class Input extends PassThrough {
  readonly isTTY = true;
  setRawMode(): this {
    return this;
  }
}

class Screen extends PassThrough {
  readonly isTTY = true;
  readonly columns = 100;
  readonly rows = 30;
  text = '';
  readonly listenersOfText = new Set<() => void>();

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      for (const listener of this.listenersOfText) listener();
    });
  }

  getColorDepth(): number {
    return 1;
  }
}

/** Makes a terminal without colours. */
export function openTerminal(): Terminal {
  const stdin = new Input();
  const stdout = new Screen();
  const stderr = new Screen();
  return {
    run: (cwd, ...args) =>
      runCommandLine(args, {
        cwd,
        environment: { NO_COLOR: '1', TERM: 'xterm' },
        stdin: stdin as unknown as NodeJS.ReadStream,
        stdout: stdout as unknown as NodeJS.WriteStream,
        stderr: stderr as unknown as NodeJS.WriteStream,
      }),
    typeAfter(shown, typed) {
      const look = (): void => {
        if (!shown.test(stripVTControlCharacters(stderr.text))) return;
        stderr.listenersOfText.delete(look);
        setImmediate(() => stdin.write(typed));
      };
      stderr.listenersOfText.add(look);
    },
    get stdout() {
      return stdout.text;
    },
    get stderr() {
      return stripVTControlCharacters(stderr.text);
    },
  };
}
