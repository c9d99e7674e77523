/**
 * The two jobs, as each tool says them: a new column that an expression fills, and another type for a column. Both with the old version of the table in use
 * meanwhile. `wrong` counts rows that are not as they should be.
 */
export const jobs = {
  'new column': {
    pgroll: { add_column: { table: 'users', up: 'lower(name)', column: { name: 'name_lower', type: 'text', nullable: true } } },
    pgrollWrong: 'SELECT count(*)::int AS wrong FROM users WHERE _pgroll_new_name_lower IS DISTINCT FROM lower(name)',
    polyshift: [
      { type: 'add_field', data: { field_name: 'name_lower', type: 'text' } },
      { type: 'migrate_data', data: { set: { name_lower: 'lower(name)' } } },
    ],
    polyshiftWrong: wrongIn('n.name_lower IS DISTINCT FROM lower(o.name)'),
  },
  'other type': {
    pgroll: { alter_column: { table: 'users', column: 'quantity', type: 'bigint', up: 'quantity', down: 'quantity' } },
    pgrollWrong: 'SELECT count(*)::int AS wrong FROM users WHERE _pgroll_new_quantity IS DISTINCT FROM quantity',
    polyshift: [{ type: 'change_type', data: { field_name: 'quantity', to: 'int64' } }],
    polyshiftWrong: wrongIn('n.quantity IS DISTINCT FROM o.quantity'),
  },
};

function wrongIn(differ) {
  return `SELECT count(*)::int AS wrong FROM users AS o FULL JOIN public_0001.users AS n USING (id) WHERE o.id IS NULL OR n.id IS NULL OR ${differ}`;
}

/** The new column once more, in its place and with every before-image kept for the way back, while no second version is made. */
export const inPlace = {
  operations: (batch_size) => [
    { type: 'add_field', collection: 'users', data: { field_name: 'name_lower', type: 'text' } },
    { type: 'migrate_data', collection: 'users', batch_size, data: { set: { name_lower: 'lower(name)' } } },
  ],
  wrong: 'SELECT count(*)::int AS wrong FROM users WHERE name_lower IS DISTINCT FROM lower(name)',
};

/** What the server takes for the work alone, in one statement. */
export const limits = {
  'limit: UPDATE of all rows': ['ALTER TABLE users ADD COLUMN name_lower text', 'UPDATE users SET name_lower = lower(name)'],
  'limit: INSERT … SELECT of all rows': [
    'CREATE TABLE users_new (LIKE users INCLUDING ALL, name_lower text)',
    'INSERT INTO users_new SELECT *, lower(name) FROM users',
  ],
};
