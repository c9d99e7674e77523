/** A flag of a command, as data: the parser, `--help` and the reference are made from it. */
export type Flag =
  | { readonly kind: 'switch'; readonly brief: string }
  | { readonly kind: 'text'; readonly brief: string; readonly placeholder: string }
  | {
      readonly kind: 'number';
      readonly brief: string;
      readonly placeholder: string;
      readonly minimum: number;
      readonly integer: boolean;
    }
  | { readonly kind: 'choice'; readonly brief: string; readonly values: readonly string[] };

/** Flags by their name in camelCase: `expectCurrent` is `--expect-current`. */
export type Flags = Readonly<Record<string, Flag>>;

/** What the parser makes of a flag: a switch is false where it is missing, every other flag undefined. */
type FlagValue<Each extends Flag> = Each extends { kind: 'switch' }
  ? boolean
  : Each extends { kind: 'number' }
    ? number | undefined
    : Each extends { kind: 'choice'; values: readonly (infer Value)[] }
      ? Value | undefined
      : string | undefined;

/** What the parser makes of all flags of a command. */
export type FlagValues<Each extends Flags> = { readonly [Name in keyof Each]: FlagValue<Each[Name]> };

/** The flags that every command takes. */
export const commonFlags = {
  config: {
    kind: 'text',
    placeholder: 'FILE',
    brief: 'the configuration; default: polyshift.config.yaml, .yml, .json or .ts in the working folder',
  },
  json: { kind: 'switch', brief: 'print the result, or the error, as one JSON document on stdout; everything else on stderr' },
  yes: { kind: 'switch', brief: 'do not ask, do it' },
} as const satisfies Flags;

/** The flag of commands that work on one store of the configuration; an ETL spec names its stores itself. */
export const storeFlag = {
  store: { kind: 'text', placeholder: 'NAME', brief: 'the store of the configuration; default: default_store, or the only one' },
} as const satisfies Flags;

/** The flag of commands that run or plan migrations. */
export const onlineFlag = {
  online: {
    kind: 'switch',
    brief: 'make a new version of each changed collection beside the old one: applications of both go on until `finalize`',
  },
} as const satisfies Flags;

/** The flag of commands that take the lock of a store. */
export const waitFlag = {
  wait: {
    kind: 'number',
    placeholder: 'SECONDS',
    minimum: 0,
    integer: false,
    brief: 'how long to wait for a lock that another run holds; default 0',
  },
} as const satisfies Flags;

/** The name of a flag on the command line: `expect-current`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
