import { PolyshiftError } from '@polyshift/core';

/** A type of CQL as a tree: `map<text, frozen<list<int>>>`. The name is in lower case but for user-defined types. */
export interface CqlType {
  /** `int`, `list`, `map`, `set`, `tuple`, `vector`, `udt`, or `custom` for classes of the server. */
  readonly name: string;
  /** Of collections, tuples, vectors and, in the order of its fields, user-defined types. */
  readonly of: readonly CqlType[];
  /** Whether the value is one cell; scalars, tuples and vectors always are. */
  readonly frozen: boolean;
  /** Of a user-defined type: its name and the names of its fields. */
  readonly udt?: { readonly name: string; readonly fields: readonly string[] };
  /** Of a vector. */
  readonly dimension?: number;
  /** As the store writes it, frozen<> around it included. */
  readonly text: string;
}

/** Looks up the fields of a user-defined type of the keyspace; undefined where there is none. */
export type UdtLookup = (name: string) => { readonly fields: readonly string[]; readonly types: readonly string[] } | undefined;

/** Types with one value and no parts. */
export const scalarNames = [
  'ascii',
  'bigint',
  'blob',
  'boolean',
  'counter',
  'date',
  'decimal',
  'double',
  'duration',
  'float',
  'inet',
  'int',
  'smallint',
  'text',
  'time',
  'timestamp',
  'timeuuid',
  'tinyint',
  'uuid',
  'varint',
] as const;

const scalars: ReadonlySet<string> = new Set<string>(scalarNames);

/** Reads a type as the store or a user writes it. Throws INVALID_DOCUMENT where it is none. */
export function parseCqlType(text: string, udts: UdtLookup = () => undefined): CqlType {
  const tokens = text.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[<>,]|[^\s<>,"']+/g) ?? [];
  let position = 0;

  const take = (token: string): void => {
    if (tokens[position] !== token) throw refused(text);
    position++;
  };

  const parameters = (): CqlType[] => {
    const parsed: CqlType[] = [];
    take('<');
    do parsed.push(type());
    while (tokens[position] === ',' && ++position);
    take('>');
    return parsed;
  };

  const type = (): CqlType => {
    const token = tokens[position++];
    if (token === undefined) throw refused(text);
    const name = token.toLowerCase();
    switch (name) {
      case 'frozen': {
        const [inner, ...more] = parameters();
        if (more.length > 0) throw refused(text);
        return { ...inner!, frozen: true, text: frozenText(inner!) };
      }
      case 'list':
      case 'set':
      case 'map':
      case 'tuple': {
        const of = parameters();
        const wanted = { list: 1, set: 1, map: 2, tuple: of.length }[name];
        if (of.length !== wanted) throw refused(text);
        return { name, of, frozen: name === 'tuple', text: `${name}<${of.map((each) => each.text).join(', ')}>` };
      }
      case 'vector': {
        take('<');
        const element = type();
        take(',');
        const dimension = Number(tokens[position++]);
        take('>');
        if (!Number.isInteger(dimension) || dimension < 1) throw refused(text);
        return { name, of: [element], frozen: true, dimension, text: `vector<${element.text}, ${dimension}>` };
      }
    }
    if (token.startsWith("'")) return { name: 'custom', of: [], frozen: true, text: token };
    const scalar = name === 'varchar' ? 'text' : name;
    if (scalars.has(scalar)) return { name: scalar, of: [], frozen: true, text: scalar };
    const udtName = token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : name;
    const found = udts(udtName);
    if (!found) throw refused(text);
    return {
      name: 'udt',
      of: found.types.map((each) => parseCqlType(each, udts)),
      frozen: false,
      udt: { name: udtName, fields: found.fields },
      text: token,
    };
  };

  const parsed = type();
  if (position !== tokens.length) throw refused(text);
  return parsed;
}

/** Whether a type is stored as several cells: a non-frozen collection or user-defined type. */
export function isMultiCell(type: CqlType): boolean {
  return !type.frozen && ['list', 'set', 'map', 'udt'].includes(type.name);
}

/** A tuple is always frozen; the store writes it so in its schema, and takes it back either way. */
function frozenText(inner: CqlType): string {
  return inner.text.startsWith('frozen<') ? inner.text : `frozen<${inner.text}>`;
}

function refused(text: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `"${text}" is not a type of Cassandra`, {
    hint: 'Types are those of CQL (text, bigint, frozen<list<int>>), user-defined types of the keyspace, or portable ones like int64.',
  });
}
