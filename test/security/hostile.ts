import type { MatrixStore } from '../matrix/stores.ts';

/** Names and texts that end a quoted identifier or literal of some language and begin a statement, an operator or a path of it. */
export const hostileTexts = {
  'double quote': 'a"; drop table b; --',
  'single quote': "a'; drop table b; --",
  backtick: 'a`; drop table b; --',
  backslash: 'a\\"; drop table b; --\\',
  bracket: `a']}); db['b'] = null; //`,
  newline: 'a\n;\r\ndrop table b;\n--',
  dollar: '$where',
  dot: 'b.c',
  variables: ':1 ? %s ${HOME} $1 $$ {{x}} *',
  unicode: 'naïve ＂；ｂ \u202etxt\u2028 日本',
  astral: 'b😀',
  prototype: '__proto__',
  constructor: 'constructor',
} as const;

/** The name of one of them. */
export type HostileKind = keyof typeof hostileTexts;

/** What is hostile about each text, in order. */
export const hostileKinds = Object.keys(hostileTexts) as HostileKind[];

const punctuation: readonly HostileKind[] = [
  'double quote',
  'single quote',
  'backtick',
  'backslash',
  'bracket',
  'newline',
  'dollar',
  'variables',
  'unicode',
  'astral',
];

/** Names that a store has no collections of: polyshift says so before it does anything. */
export const refusedCollections: Readonly<Record<MatrixStore['server'], readonly HostileKind[]>> = {
  postgresql: [],
  mysql: ['astral'],
  mariadb: ['astral'],
  mongodb: ['dollar', 'variables'],
  dynamodb: punctuation,
  cassandra: [...punctuation, 'dot'],
  redis: [],
  elasticsearch: ['double quote', 'single quote', 'backtick', 'backslash', 'bracket', 'newline', 'variables', 'unicode'],
};

/** Names that a store, or the language of operations on it, has no fields of. A point is the way into a document where fields are not columns. */
export const refusedFields: Readonly<Record<MatrixStore['server'], readonly HostileKind[]>> = {
  postgresql: [],
  mysql: ['astral'],
  mariadb: ['astral'],
  mongodb: ['dollar', 'dot'],
  dynamodb: ['dollar'],
  cassandra: ['dollar', 'dot'],
  redis: ['dollar'],
  elasticsearch: ['dollar'],
};

/** Names of collections that go the same way as others here; left out where every collection takes seconds. `inherited-names.test.ts` has `constructor`. */
export const likeOthers: Readonly<Partial<Record<MatrixStore['server'], readonly HostileKind[]>>> = {
  dynamodb: ['constructor'],
  elasticsearch: ['dot', 'constructor'],
};
