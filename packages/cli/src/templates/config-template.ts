/** What the first configuration says of its store. */
export interface StarterStore {
  readonly name: string;
  readonly type: StarterType;
}

/** The stores that `init` can write a start for. */
export const starterTypes = ['mongodb', 'postgresql'] as const;

/** One of the stores that `init` can write a start for. */
export type StarterType = (typeof starterTypes)[number];

/** The environment variable that the configuration takes the URL from, and an example of it. */
export const starterUrls: Readonly<Record<StarterType, { readonly variable: string; readonly example: string }>> = {
  mongodb: { variable: 'MONGO_URL', example: 'mongodb://127.0.0.1:27017/app' },
  postgresql: { variable: 'PG_URL', example: 'postgresql://app@127.0.0.1:5432/app' },
};

/** The annotated polyshift.config.yaml of `init`. */
export function configTemplate({ name, type }: StarterStore, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# The stores that polyshift migrates. \${NAME} is taken from the environment, or from a file .env beside this one;
# \${NAME:-default} has a default. Only the variables of the store that a command works on must be set.
stores:
  ${name}:
    type: ${type}
    url: "\${${starterUrls[type].variable}}"
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

/** The .env.example of `init`. */
export function environmentTemplate(types: readonly StarterType[]): string {
  const lines = types.map((type) => `${starterUrls[type].variable}=${starterUrls[type].example}`);
  return `# Copy this to .env, and keep .env out of version control: polyshift reads it, and the environment wins over it.
${lines.join('\n')}
`;
}
