import {
  type Application,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  help,
  type RouteMap,
  version,
} from '@stricli/core';
import type { Argument, CommandDefinition } from './define-command.ts';
import { type Flag, flagName } from './flag.ts';
import type { Misuse } from './misuse.ts';
import { argumentsUsage } from './usage.ts';

/** What the parser hands a command that was called rightly to. */
export type Dispatch = (
  definition: CommandDefinition,
  flags: Readonly<Record<string, unknown>>,
  argument: string,
  all: readonly string[],
) => Promise<void>;

const groups: Readonly<Record<string, string>> = {
  etl: 'move data from any store to any store, by a spec',
  adapter: 'write an adapter for another store',
};

/** The parser of the command line: routes, flags and `--help` from the definitions. Misuse is collected, not printed. */
export function applicationOf(
  definitions: readonly CommandDefinition[],
  currentVersion: string,
  misuse: Misuse,
  dispatch: Dispatch,
): Application<CommandContext> {
  const routes: Record<string, Command<CommandContext> | RouteMap<CommandContext>> = {};
  const grouped = new Map<string, Record<string, Command<CommandContext>>>();
  for (const definition of definitions) {
    const [first, second] = definition.name.split(' ') as [string, string | undefined];
    const command = commandOf(definition, dispatch);
    if (second === undefined) routes[first] = command;
    else grouped.set(first, { ...grouped.get(first), [second]: command });
  }
  for (const [name, commands] of grouped) {
    routes[name] = buildRouteMap({ routes: commands, docs: { brief: groups[name] ?? name } });
  }
  const root = buildRouteMap({
    routes,
    docs: { brief: 'Schema and data migrations for SQL and NoSQL stores', fullDescription: overview },
  });
  const formatting = {
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
    caseStyle: 'convert-camel-to-kebab',
  } as const;
  return buildApplication(
    root,
    {
      name: 'polyshift',
      scanner: { caseStyle: 'allow-kebab-for-camel' },
      localization: { text: misuse.text },
    },
    {
      help: help({ brief: 'show help and exit', formatting, defaultForRouteMap: true }),
      version: version({ brief: 'show the version and exit', info: { currentVersion } }),
    },
  );
}

const overview = `Schema and data migrations for SQL and NoSQL stores.

Exit codes: 0 done, 1 the migration or a check failed, 2 usage or bad input, 3 could not connect,
4 locked by another run, 5 stopped part-way and resumable.`;

function commandOf(definition: CommandDefinition, dispatch: Dispatch): Command<CommandContext> {
  const { argument } = definition;
  const examples = definition.examples.map((example) => `  ${example}`).join('\n');
  const flags = Object.fromEntries(Object.entries(definition.flags).map(([name, flag]) => [name, flagParameter(name, flag)]));
  const builder = {
    docs: {
      brief: definition.brief,
      fullDescription: `${wrapped(definition.description)}\n\nExamples:\n${examples}`,
      customUsage: [argumentsUsage(definition)],
    },
    parameters: {
      flags,
      positional: argument?.many
        ? { kind: 'array', parameter: positionalParameter(argument) }
        : { kind: 'tuple', parameters: argument ? [positionalParameter(argument)] : [] },
    },
    func: (values: Record<string, unknown>, ...all: string[]) =>
      dispatch(definition, { ...switchesOff(definition), ...givenOf(values) }, all[0] ?? '', all),
  };
  // The types of the parameters were checked where the command was defined; the parser's own types cannot follow a table.
  return buildCommand(builder as unknown as Parameters<typeof buildCommand>[0]) as Command<CommandContext>;
}

function positionalParameter({ placeholder, brief, optional }: Argument): object {
  return { placeholder, brief, parse: String, ...(optional ? { optional } : {}) };
}

/** A switch that is not given is off; the parser would show a default of false in the help of each. */
function switchesOff({ flags }: CommandDefinition): Record<string, boolean> {
  const switches = Object.entries(flags).filter(([, flag]) => flag.kind === 'switch');
  return Object.fromEntries(switches.map(([name]) => [name, false]));
}

/** What was given: the parser names the flags that were not, too. */
function givenOf(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Breaks a text between words, at 100 characters. */
function wrapped(text: string): string {
  return text.replace(/(.{1,100})(?:\s+|$)/g, '$1\n').trimEnd();
}

function flagParameter(name: string, flag: Flag): object {
  switch (flag.kind) {
    case 'switch':
      return { kind: 'boolean', brief: flag.brief, optional: true, withNegated: false };
    case 'choice':
      return { kind: 'enum', brief: flag.brief, values: flag.values, optional: true };
    case 'text':
      return { kind: 'parsed', brief: flag.brief, placeholder: flag.placeholder, optional: true, parse: String };
    case 'number':
      return {
        kind: 'parsed',
        brief: flag.brief,
        placeholder: flag.placeholder,
        optional: true,
        parse: (text: string) => parseNumber(name, flag, text),
      };
  }
}

function parseNumber(name: string, flag: Flag & { kind: 'number' }, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < flag.minimum || (flag.integer && !Number.isInteger(value))) {
    throw new Error(`--${flagName(name)} takes ${flag.integer ? 'a whole number' : 'a number'} from ${flag.minimum}`);
  }
  return value;
}
