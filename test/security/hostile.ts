/** Names and texts that end a quoted identifier or literal of some language and begin a statement, an operator or a path of it. */
export const hostileTexts = {
  'double quote': 'a"; drop table b; --',
  'single quote': "a'; drop table b; --",
  backtick: 'a`; drop table b; --',
  backslash: 'a\\"; drop table b; --\\',
  bracket: "a']}); db.b.drop(); //",
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
