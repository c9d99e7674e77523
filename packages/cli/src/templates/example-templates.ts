import { type StarterType, starters } from './starters.ts';

/** The first migration of `init`: it runs on an empty store. */
export function exampleMigration(type: StarterType, schema: string): string {
  const { collection, data, next } = starters[type];
  return `# yaml-language-server: $schema=${schema}
#
# An example: change it, or delete it and write your own with \`polyshift new NAME\`.
# \`polyshift plan\` shows what it will run, \`polyshift up\` runs it, \`polyshift down\` takes it back exactly.
description: A first ${collection}, ${next.what}
operations:
  - type: create_collection
    collection: people
${data}
${next.operation}
`;
}

/** The ETL spec of `init`: users of PostgreSQL become documents of MongoDB. */
export function exampleSpec(schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# An example: moves the table users of PostgreSQL into a collection of MongoDB.
# \`polyshift etl plan etl/users.yaml\` shows what it will do, \`etl run\` does it, \`etl verify\` compares both sides,
# \`etl rollback\` takes it back.
name: users
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: mongodb, url: "\${MONGO_URL}" }
steps:
  - { type: extract, source_table: users, conditions: { active: true }, batch_size: 5000 }
  - type: transform
    transformation_rules:
      _id: id
      full_name: { type: concatenate, fields: [first_name, last_name], separator: " " }
      metadata: { type: function, function: pack, args: [created_at, updated_at] }
  - { type: load, target_table: users, batch_size: 1000 }
`;
}
