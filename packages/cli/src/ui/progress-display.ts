import { LiveLines } from './live-lines.ts';
import type { Colours, Output } from './output.ts';
import { countText, durationText, rateText } from './quantities.ts';

/** How far one piece of work is. */
interface ProgressLine {
  readonly label: string;
  readonly done: number;
  /** Rows in all; undefined where nobody knows. */
  readonly total: number | undefined;
  /** Rows per second; 0 where it is not known yet. */
  readonly rate: number;
  readonly eta_seconds?: number | undefined;
  readonly note?: string | undefined;
}

/** Shows several pieces of work at once, each under a key, on stderr. */
export interface ProgressDisplay {
  /** Begins a piece of work, or brings it up to date. */
  show(key: string, line: ProgressLine): void;
  /** Ends it, and leaves a line about it. */
  end(key: string, text?: string): void;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Ends all; what is under way leaves no line. Idempotent. */
  stop(): void;
}

/** Milliseconds between two lines about the same work where no terminal shows a bar. */
const plainInterval = 3000;

/** Bars where stderr is a terminal, else a line every three seconds. Notes of the output go through it until it is stopped. */
export function openProgress(output: Output): ProgressDisplay {
  const { stderr, environment } = output.host;
  const live = stderr.isTTY === true && environment['TERM'] !== 'dumb';
  const display = live
    ? new LiveProgress(stderr, output.noteColours)
    : new PlainProgress((text) => void stderr.write(`${text}\n`));
  output.redirectNotes((text) => display.note(text));
  const stop = display.stop.bind(display);
  display.stop = () => {
    output.redirectNotes(undefined);
    stop();
  };
  return display;
}

/** One line about a piece of work, without a bar. */
function progressText({ label, done, total, rate, eta_seconds, note }: ProgressLine): string {
  const rows = total === undefined ? countText(done) : `${countText(done)} of ${countText(total)}`;
  const parts = [
    done > 0 || total !== undefined ? `${rows} rows${percentText(done, total)}` : undefined,
    rate > 0 ? rateText(rate) : undefined,
    eta_seconds === undefined
      ? undefined
      : `${durationText(Math.max(1, Math.ceil(eta_seconds)) * 1000).replace('.0 s', ' s')} left`,
    note,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? `${label}: ${parts.join(', ')}` : label;
}

function percentText(done: number, total: number | undefined): string {
  return total ? ` (${Math.min(100, Math.floor((done / total) * 100))} %)` : '';
}

class PlainProgress implements ProgressDisplay {
  private readonly write: (text: string) => void;
  private readonly shownAt = new Map<string, number>();

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  show(key: string, line: ProgressLine): void {
    const now = performance.now();
    const last = this.shownAt.get(key);
    // The first line that has something to tell comes at once.
    if (last === undefined ? line.done === 0 && !line.note : now - last < plainInterval) return;
    this.shownAt.set(key, now);
    this.write(progressText(line));
  }

  end(key: string, text?: string): void {
    this.shownAt.delete(key);
    if (text !== undefined) this.write(text);
  }

  note(text: string): void {
    this.write(text);
  }

  stop(): void {
    this.shownAt.clear();
  }
}

class LiveProgress implements ProgressDisplay {
  private readonly lines: LiveLines;
  private readonly colours: Colours;
  private readonly work = new Map<string, ProgressLine>();
  private readonly timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream, colours: Colours) {
    this.lines = new LiveLines(stream);
    this.colours = colours;
    this.timer = setInterval(() => this.draw(), 100);
    this.timer.unref();
  }

  show(key: string, line: ProgressLine): void {
    this.work.set(key, line);
  }

  end(key: string, text?: string): void {
    this.work.delete(key);
    this.draw(text);
  }

  note(text: string): void {
    this.draw(text);
  }

  stop(): void {
    clearInterval(this.timer);
    this.work.clear();
    this.draw();
  }

  private draw(lasting?: string): void {
    this.lines.draw(
      [...this.work.values()].map((line) => this.bar(line)),
      lasting === undefined ? '' : `${lasting}\n`,
    );
  }

  private bar(line: ProgressLine): string {
    if (!line.total) return `${this.colours.cyan('…')} ${progressText(line)}`;
    const width = 20;
    const filled = Math.round(Math.min(1, line.done / line.total) * width);
    return `${this.colours.cyan('█'.repeat(filled))}${this.colours.dim('░'.repeat(width - filled))} ${progressText(line)}`;
  }
}
