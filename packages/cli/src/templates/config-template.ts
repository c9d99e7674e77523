import { type StarterType, starters } from './starters.ts';

/** What the first configuration says of its store. */
export interface StarterStore {
  readonly name: string;
  readonly type: StarterType;
}

/** The annotated polyshift.config.yaml of `init`. */
export function configTemplate({ name, type }: StarterStore, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# The stores that polyshift migrates. \${NAME} is taken from the environment, or from a file .env beside this one;
# \${NAME:-default} has a default. Only the variables of the store that a command works on must be set.
stores:
  ${name}:
    type: ${type}
    url: "\${${starters[type].variable}}"
    # connect_timeout_ms: 10000
    # migrations: migrations/${name}   # a folder for this store alone, where there are several stores

# Which store commands take without --store, where there are several.
# default_store: ${name}

# The folder of migrations.
migrations: migrations

# Seconds that the lock outlives a run that died, and milliseconds to pause after each batch to spare the store.
# lease_seconds: 30
# pause_ms: 0
`;
}

/** The .env.example of `init`: the URLs of these stores. */
export function environmentTemplate(types: ReadonlySet<StarterType>): string {
  const lines = [...types].map((type) => `${starters[type].variable}=${starters[type].url}`);
  return `# Copy this to .env, and keep .env out of version control: polyshift reads it, and the environment wins over it.
${lines.join('\n')}
`;
}
