import { type Flag, type Flags, flagName } from './flag.ts';

/** A flag as it is written: `--expect-current VERSION`. */
export function flagUsage(name: string, flag: Flag): string {
  const written = `--${flagName(name)}`;
  switch (flag.kind) {
    case 'switch':
      return written;
    case 'choice':
      return `${written} ${flag.values.join('|')}`;
    case 'text':
    case 'number':
      return `${written} ${flag.placeholder}`;
  }
}

/** What follows the name of a command: `<VERSION> [--wait SECONDS] [--json]`. */
export function argumentsUsage({
  argument,
  flags,
}: {
  argument: { placeholder: string; optional?: true; many?: true } | undefined;
  flags: Flags;
}): string {
  const parts = Object.entries(flags).map(([name, flag]) => `[${flagUsage(name, flag)}]`);
  const first = argument && positionalUsage(argument);
  return [...(first === undefined ? [] : [first]), ...parts].join(' ');
}

function positionalUsage({ placeholder, optional, many }: { placeholder: string; optional?: true; many?: true }): string {
  if (many) return `[${placeholder}...]`;
  return optional ? `[${placeholder}]` : `<${placeholder}>`;
}
