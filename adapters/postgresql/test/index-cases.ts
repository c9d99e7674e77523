import type { OperationCase } from './operation-case.ts';

/** Operations on indexes and constraints. */
export const indexCases: readonly OperationCase[] = [
  {
    name: 'create_index',
    operation: { type: 'create_index', collection: 'users', data: { name: 'users_born', keys: { born: -1, id: 1 } } },
  },
  {
    name: 'create_index unique, partial, with options',
    operation: {
      type: 'create_index',
      collection: 'users',
      data: {
        name: 'users_u',
        keys: { email: 1 },
        unique: true,
        where: { age: { gt: 20 }, last_name: { like: "L%'" } },
        include: ['age'],
        options: { fillfactor: 70 },
      },
    },
  },
  {
    name: 'create_index sparse with gin',
    operation: {
      type: 'create_index',
      collection: 'users',
      data: { name: 'users_tags', keys: { tags: 1 }, sparse: true, method: 'gin' },
    },
  },
  {
    name: 'create_index that is there already',
    operation: { type: 'create_index', collection: 'users', data: { name: 'same', keys: { born: 1 } } },
    setUp: 'CREATE INDEX same ON users (born)',
  },
  {
    name: 'alter_index',
    operation: { type: 'alter_index', collection: 'users', data: { name: 'users_name', new_name: 'by "name"' } },
  },
  {
    name: 'drop_index clustered, with a comment',
    operation: { type: 'drop_index', collection: 'users', data: { name: 'users_born_id' } },
  },
  { name: 'drop_index on an expression', operation: { type: 'drop_index', collection: 'users', data: { name: 'users_lower' } } },
  {
    name: 'schema_validation',
    operation: {
      type: 'schema_validation',
      collection: 'users',
      data: {
        schema: {
          bsonType: 'object',
          required: ['first_name'],
          properties: {
            age: { bsonType: 'int', minimum: 1, maximum: 150 },
            email: { type: 'string', pattern: '^.+@.+$', maxLength: 100 },
            feeling: { enum: ['sad', 'ok', 'happy'] },
            settings: { type: 'object' },
          },
        },
      },
    },
  },
  {
    name: 'schema_validation in place of another',
    operation: { type: 'schema_validation', collection: 'users', data: { schema: { required: ['id'] }, level: 'moderate' } },
    setUp: `ALTER TABLE users ADD CONSTRAINT polyshift_validation CHECK (true); COMMENT ON CONSTRAINT polyshift_validation ON users IS '{"schema":{},"level":"strict","action":"error"}'; ALTER TABLE users ADD CONSTRAINT polyshift_validation_age_minimum CHECK (age >= 1)`,
  },
  {
    name: 'drop_validation',
    operation: { type: 'drop_validation', collection: 'users', data: {} },
    setUp: `ALTER TABLE users ADD CONSTRAINT polyshift_validation CHECK (true); COMMENT ON CONSTRAINT polyshift_validation ON users IS '{"schema":{},"level":"moderate","action":"error"}'; ALTER TABLE users ADD CONSTRAINT polyshift_validation_age_minimum CHECK (age >= 10) NOT VALID`,
  },
  {
    name: 'add_constraint check',
    operation: {
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'age_ok', constraint: { kind: 'check', expression: 'age < 200 AND n > 0' } },
    },
  },
  {
    name: 'add_constraint foreign key',
    operation: {
      type: 'add_constraint',
      collection: 'sales.orders',
      data: {
        name: 'orders_user',
        constraint: {
          kind: 'foreign_key',
          fields: ['user_id'],
          references: { collection: 'users', fields: ['id'] },
          on_delete: 'cascade',
          deferrable: true,
        },
      },
    },
    tables: ['sales.orders', 'users'],
  },
  {
    name: 'add_constraint unique',
    operation: {
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'users_n', constraint: { kind: 'unique', fields: ['n'] } },
    },
  },
  {
    name: 'add_constraint not null',
    operation: {
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'users_age_there', constraint: { kind: 'not_null', field: 'age' } },
    },
  },
  {
    name: 'add_constraint primary key',
    operation: {
      type: 'add_constraint',
      collection: 'keyless',
      data: { name: 'keyless_pk', constraint: { kind: 'primary_key', fields: ['a', 'b'] } },
    },
    setUp:
      'CREATE TABLE keyless (a integer, b text, c text); INSERT INTO keyless SELECT g, g::text FROM generate_series(1, 9) AS g',
    tables: ['keyless'],
  },
  {
    name: 'drop_constraint check',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_age_check' } },
  },
  {
    name: 'drop_constraint foreign key',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_country' } },
  },
  {
    name: 'drop_constraint unique',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_email_key' } },
  },
  {
    name: 'drop_constraint primary key',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'users_pkey' } },
  },
  {
    name: 'drop_constraint not null',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'x', not_null: 'first_name' } },
  },
  {
    name: 'drop_constraint unique, deferrable',
    operation: { type: 'drop_constraint', collection: 'users', data: { name: 'later' } },
    setUp: 'ALTER TABLE users ADD CONSTRAINT later UNIQUE (n) DEFERRABLE INITIALLY DEFERRED',
  },
];
