import type { ExitCode } from '@polyshift/core';
import type { Output } from '../ui/output.ts';
import { commonFlags, type Flags, type FlagValues } from './flag.ts';
import type { Host } from './host.ts';

/** What a command is given to work with. */
export interface CommandContext {
  readonly host: Host;
  readonly output: Output;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP: the work stops after the batch it is at. */
  readonly signal: AbortSignal;
}

/** The positional argument that a command may take: one, or any number where it says `many`. */
export interface Argument {
  /** Whether it may be missing; the command then gets an empty text. Default: it is required. */
  readonly optional?: true;
  /** Whether any number of them is taken, none included. */
  readonly many?: true;
  readonly placeholder: string;
  readonly brief: string;
}

/** A command as data, with the function that carries it out. */
export interface CommandDefinition {
  /** The words that call it: `up`, `etl run`. */
  readonly name: string;
  /** What it does, in one line. */
  readonly brief: string;
  /** What else there is to know: what it asks, what it changes, how it ends. */
  readonly description: string;
  readonly argument: Argument | undefined;
  /** All flags, the common ones included. */
  readonly flags: Flags;
  readonly examples: readonly string[];
  /**
   * Carries it out. Gives the exit code; throws PolyshiftError.
   * @param flags the values of the flags, by their names in camelCase
   * @param argument the positional argument; empty where the command takes none or was given none
   * @param all every positional argument, for commands that take many
   */
  run(
    context: CommandContext,
    flags: Readonly<Record<string, unknown>>,
    argument: string,
    all: readonly string[],
  ): Promise<ExitCode>;
}

/**
 * Makes a command from its parts, adds the common flags, and gives `run` the types of its flags. What a command needs beyond the
 * parser it imports when it runs, so that `--help` stays fast.
 */
export function defineCommand<const Own extends Flags>(parts: {
  name: string;
  brief: string;
  description: string;
  argument?: Argument;
  flags: Own;
  examples: readonly string[];
  run(
    context: CommandContext,
    flags: FlagValues<Own & typeof commonFlags>,
    argument: string,
    all: readonly string[],
  ): Promise<ExitCode>;
}): CommandDefinition {
  const { run, ...rest } = parts;
  return Object.freeze({
    ...rest,
    argument: parts.argument,
    flags: { ...parts.flags, ...commonFlags },
    run: (context: CommandContext, flags: Readonly<Record<string, unknown>>, argument: string, all: readonly string[]) =>
      run(context, flags as FlagValues<Own & typeof commonFlags>, argument, all),
  });
}
