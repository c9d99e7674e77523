import { commandDefinitions } from './command/command-definitions.ts';
import { argumentsUsage, flagUsage } from './command/usage.ts';

/** A flag, as the reference shows it. */
export interface FlagReference {
  /** As it is written: `--expect-current VERSION`. */
  readonly usage: string;
  readonly brief: string;
}

/** A command, as the reference shows it. */
export interface CommandReference {
  /** The words that call it: `up`, `etl run`. */
  readonly name: string;
  /** `polyshift down [--to VERSION] ...` */
  readonly usage: string;
  readonly brief: string;
  readonly description: string;
  readonly argument: { readonly placeholder: string; readonly brief: string; readonly optional?: true } | undefined;
  readonly flags: readonly FlagReference[];
  readonly examples: readonly string[];
}

/** Every command with its flags, in the order of `--help`: what the reference in the documentation is generated from. */
export const commandReference: readonly CommandReference[] = commandDefinitions.map(
  ({ name, brief, description, argument, flags, examples }) => ({
    name,
    usage: `polyshift ${name} ${argumentsUsage({ argument, flags })}`,
    brief,
    description,
    argument,
    flags: Object.entries(flags).map(([key, flag]) => ({ usage: flagUsage(key, flag), brief: flag.brief })),
    examples,
  }),
);
