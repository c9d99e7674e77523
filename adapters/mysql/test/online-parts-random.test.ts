import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../packages/testkit/src/datasets/random.ts';
import { servers } from './harness.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const steps = 150;

/** What both versions say of a user. */
interface User {
  name: string | null;
  street: string | null;
  city: string | null;
  bio: string | null;
  avatar: string | null;
}

/** A random write of one of the two applications: its statements, and what they do to the users. */
interface Write {
  readonly sql: string[];
  apply(users: Map<number, User>): void;
}

const none: User = { name: null, street: null, city: null, bio: null, avatar: null };

function text(value: string | null): string {
  return value === null ? 'NULL' : `'${value}'`;
}

/** Makes writes to users, addresses and profiles in the form of either version. */
class Writes {
  private readonly random: Random;
  /** Whether the server itself deletes and moves the profile of a user with the user. */
  private readonly cascades: boolean;
  private next = 100;

  constructor(random: Random, cascades: boolean) {
    this.random = random;
    this.cascades = cascades;
  }

  write(users: ReadonlyMap<number, User>): Write {
    const kinds = [
      'insert',
      'insert',
      'user',
      'user',
      'address',
      'address',
      'profile',
      'profile',
      'delete',
      'move',
      'joined',
    ] as const;
    const kind = users.size < 4 ? 'insert' : this.random.pick(kinds);
    const old = this.random.chance(0.5);
    const id = this.random.pick([...users.keys(), 1]);
    return this[kind](old, users.has(id) ? id : [...users.keys()][0]!, users);
  }

  private value(): string | null {
    return this.random.chance(0.4) ? null : `v${this.random.below(9)}`;
  }

  private insert(old: boolean): Write {
    const id = this.next++;
    const [name, street, city, bio, avatar] = [this.value(), this.value(), this.value(), this.value(), this.value()];
    const user = { name, street, city, bio, avatar };
    const address = street ?? city;
    const profile = bio ?? avatar;
    const sql = old
      ? [
          `${this.random.pick(['INSERT', 'REPLACE', 'INSERT IGNORE'])} INTO users VALUES (${id}, ${text(name)}, ${text(street)}, ${text(city)})`,
          ...(profile === null ? [] : [`INSERT INTO profiles VALUES (${id}, ${text(bio)}, ${text(avatar)})`]),
        ]
      : [
          `INSERT INTO users__v1 (id, label, bio, avatar) VALUES (${id}, ${text(name)}, ${text(bio)}, ${text(avatar)})`,
          ...(address === null ? [] : [`INSERT INTO addresses VALUES (${id}, ${text(street)}, ${text(city)})`]),
        ];
    return { sql, apply: (users) => void users.set(id, user) };
  }

  private user(old: boolean, id: number): Write {
    const change: Partial<User> = old
      ? this.random.pick([
          { name: this.value() },
          { street: this.value(), city: this.value() },
          { city: this.value(), name: this.value() },
        ])
      : this.random.pick([
          { name: this.value() },
          { bio: this.value(), avatar: this.value() },
          { bio: this.value(), name: this.value() },
        ]);
    const set = Object.entries(change).map(([field, value]) => `${!old && field === 'name' ? 'label' : field} = ${text(value)}`);
    return {
      sql: [`UPDATE ${old ? 'users' : 'users__v1'} SET ${set.join(', ')} WHERE id = ${id}`],
      apply: (users) => void Object.assign(users.get(id)!, change),
    };
  }

  private address(old: boolean, id: number): Write {
    const [street, city] = [this.value(), this.value()];
    if (old) {
      return {
        sql: [`UPDATE users SET street = ${text(street)}, city = ${text(city)} WHERE id = ${id}`],
        apply: (users) => void Object.assign(users.get(id)!, { street, city }),
      };
    }
    if (this.random.chance(0.3)) {
      return {
        sql: [`DELETE FROM addresses WHERE user_id = ${id}`],
        apply: (users) => void Object.assign(users.get(id)!, { street: null, city: null }),
      };
    }
    const update = `ON DUPLICATE KEY UPDATE street = VALUES(street), city = VALUES(city)`;
    const sql = this.random.chance(0.5)
      ? `REPLACE INTO addresses VALUES (${id}, ${text(street)}, ${text(city)})`
      : `INSERT INTO addresses VALUES (${id}, ${text(street)}, ${text(city)}) ${update}`;
    return { sql: [sql], apply: (users) => void Object.assign(users.get(id)!, { street, city }) };
  }

  private profile(old: boolean, id: number): Write {
    const [bio, avatar] = [this.value(), this.value()];
    const apply = (users: Map<number, User>): void => void Object.assign(users.get(id)!, { bio, avatar });
    if (!old) return { sql: [`UPDATE users__v1 SET bio = ${text(bio)}, avatar = ${text(avatar)} WHERE id = ${id}`], apply };
    if (this.random.chance(0.3)) {
      return {
        sql: [`DELETE FROM profiles WHERE user_id = ${id}`],
        apply: (users) => void Object.assign(users.get(id)!, { bio: null, avatar: null }),
      };
    }
    const update = 'ON DUPLICATE KEY UPDATE bio = VALUES(bio), avatar = VALUES(avatar)';
    const sql = this.random.chance(0.5)
      ? `REPLACE INTO profiles VALUES (${id}, ${text(bio)}, ${text(avatar)})`
      : `INSERT INTO profiles VALUES (${id}, ${text(bio)}, ${text(avatar)}) ${update}`;
    return { sql: [sql], apply };
  }

  private delete(old: boolean, id: number): Write {
    const apply = (users: Map<number, User>): void => void users.delete(id);
    if (!old) {
      const address = `DELETE FROM addresses WHERE user_id = ${id}`;
      const user = `DELETE FROM users__v1 WHERE id = ${id}`;
      return { sql: this.random.pick([[address, user], [user, address], [user]]), apply };
    }
    return {
      sql: [...(this.cascades ? [] : [`DELETE FROM profiles WHERE user_id = ${id}`]), `DELETE FROM users WHERE id = ${id}`],
      apply,
    };
  }

  private move(old: boolean, id: number, users: ReadonlyMap<number, User>): Write {
    const to = this.next++;
    const alone = this.cascades ? [] : [`DELETE FROM profiles WHERE user_id = ${id}`];
    const user = { ...users.get(id)!, ...(old && !this.cascades ? { bio: null, avatar: null } : {}) };
    return {
      sql: [...(old ? alone : []), `UPDATE ${old ? 'users' : 'users__v1'} SET id = ${to} WHERE id = ${id}`],
      apply: (all) => {
        all.delete(id);
        all.set(to, user);
      },
    };
  }

  /** Statements that read one table of a version and write to another one, or to many rows. */
  private joined(old: boolean): Write {
    const value = this.value();
    const where = `MOD(u.id, 3) = ${this.random.below(3)}`;
    const rest = Number(where.at(-1));
    const each = (users: Map<number, User>, change: (user: User) => void): void => {
      for (const [id, user] of users) if (id % 3 === rest) change(user);
    };
    if (old) {
      return this.random.pick<Write>([
        {
          sql: [
            `INSERT INTO profiles SELECT u.id, ${text(value)}, u.name FROM users AS u WHERE ${where} ON DUPLICATE KEY UPDATE bio = VALUES(bio), avatar = VALUES(avatar)`,
          ],
          apply: (users) => each(users, (user) => Object.assign(user, { bio: value, avatar: user.name })),
        },
        {
          sql: [`DELETE p FROM profiles AS p JOIN users AS u ON u.id = p.user_id WHERE ${where}`],
          apply: (users) => each(users, (user) => Object.assign(user, { bio: null, avatar: null })),
        },
        {
          sql: [`UPDATE users AS u SET street = ${text(value)}, city = name WHERE ${where}`],
          apply: (users) => each(users, (user) => Object.assign(user, { street: value, city: user.name })),
        },
      ]);
    }
    return this.random.pick<Write>([
      {
        sql: [
          `INSERT INTO addresses SELECT u.id, ${text(value)}, u.bio FROM users__v1 AS u WHERE ${where} ON DUPLICATE KEY UPDATE street = VALUES(street), city = VALUES(city)`,
        ],
        apply: (users) => each(users, (user) => Object.assign(user, { street: value, city: user.bio })),
      },
      {
        sql: [`DELETE a FROM addresses AS a JOIN users__v1 AS u ON u.id = a.user_id WHERE ${where}`],
        apply: (users) => each(users, (user) => Object.assign(user, { street: null, city: null })),
      },
      {
        sql: [`UPDATE users__v1 AS u SET bio = label, avatar = ${text(value)} WHERE ${where}`],
        apply: (users) => each(users, (user) => Object.assign(user, { bio: user.name, avatar: value })),
      },
    ]);
  }
}

const oldForm = 'SELECT id, name, street, city, bio, avatar FROM users LEFT JOIN profiles ON user_id = id ORDER BY id';
const newForm = 'SELECT id, label, street, city, bio, avatar FROM users__v1 LEFT JOIN addresses ON user_id = id ORDER BY id';

describe.each(servers)('a random sequence of writes through splits and merges on %s', { timeout: 120_000 }, (name) => {
  it.each([
    { seed: 1, action: '' },
    { seed: 2, action: 'ON DELETE CASCADE ON UPDATE CASCADE' },
  ])('says the same in both versions after each of them ($action)', async ({ seed, action }) => {
    await using stage = await TwoVersionsStage.on(
      name,
      [
        'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), street varchar(20), city varchar(20))',
        `CREATE TABLE profiles (user_id int PRIMARY KEY, bio text, avatar varchar(20), FOREIGN KEY (user_id) REFERENCES users (id) ${action})`,
        "INSERT INTO users VALUES (1, 'a', 's1', NULL), (2, 'b', NULL, NULL)",
        "INSERT INTO profiles VALUES (2, 'bio 2', NULL)",
      ],
      {
        operations: [renamed],
        split: [{ into: 'addresses', fields: ['street', 'city'], key: ['user_id'] }],
        merge: [{ from: 'profiles' }],
      },
    );
    await stage.up();
    const users = new Map<number, User>([
      [1, { ...none, name: 'a', street: 's1' }],
      [2, { ...none, name: 'b', bio: 'bio 2' }],
    ]);
    const writes = new Writes(seededRandom(seed), action !== '');
    const done: string[] = [];
    for (let step = 0; step < steps; step++) {
      const { sql, apply } = writes.write(users);
      done.push(...sql);
      const last = () => done.slice(-3).join('; ');
      await stage.sql(...sql).catch((error: unknown) => {
        throw new Error(`${last()}: ${String(error)}`);
      });
      apply(users);
      const expected = [...users].sort(([left], [right]) => left - right).map(([id, user]) => [id, ...Object.values(user)]);
      expect(await stage.sql(oldForm), last()).toEqual(expected);
      expect(await stage.sql(newForm), last()).toEqual(expected);
    }
    expect(await stage.problems()).toEqual([]);
    const rows = await stage.sql(newForm);
    await stage.finalize();
    expect(await stage.sql(newForm.replace('users__v1', 'users'))).toEqual(rows);
  });
});
