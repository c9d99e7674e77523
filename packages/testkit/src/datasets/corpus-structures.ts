import type { CorpusColumn } from './corpus-column.ts';

/** The corpus's own types, in the order in which they can be created. */
export const corpusTypes = {
  corpus_mood: "CREATE TYPE corpus_mood AS ENUM ('sad', 'ok', 'Very Happy', 'it''s \"complicated\"', 'ünïcode', 'a,b')",
  corpus_positive: 'CREATE DOMAIN corpus_positive AS bigint CHECK (VALUE > 0)',
  corpus_address: 'CREATE TYPE corpus_address AS (street text, number int, tags text[])',
} as const;

const hundredDigits = '1234567890'.repeat(10);

/** Documents, arrays, enums, composites, ranges, network addresses, bits, shapes and search vectors. */
export const structureColumns = {
  json_value: {
    type: 'json',
    values: [
      ...[
        '{"a":1,  "a" : 2 ,"b":[ ]}',
        ' null ',
        '"\\u0041\\/"',
        '[1e400, 0.10, -0, 123456789012345678901234567890]',
        '{"": {"$x": "a.b"}}',
      ],
      ...['{"z":1,"a":2}', '"\\ud83d\\ude00"', '"\\u0000"'],
    ],
  },
  jsonb_value: {
    type: 'jsonb',
    values: [
      ...[
        'null',
        'true',
        '0',
        '-0.0',
        '1.10',
        '1e400',
        `${hundredDigits}.${hundredDigits}`,
        '9007199254740993',
        '"text"',
        '{}',
        '[]',
        '{"a":null}',
      ],
      ...['{"nested":{"list":[1,"two",null,[{"deep":true}]]}}', '{"":0,"$set":1,"a.b":2,"naïve":3}', '"😀\\n\\"quoted\\""'],
    ],
  },
  jsonpath_value: { type: 'jsonpath', values: ['$.a[*] ? (@.b > 1)'] },
  xml_value: { type: 'xml', values: ['<a b="1">text &amp; more</a>', 'no <b>root</b>', '<a/>'] },
  text_array: {
    type: 'text[]',
    values: [
      '{}',
      '{NULL}',
      '{"NULL",null,""}',
      '{"a,b","q\\"x","back\\\\slash"," spaced ","{}"}',
      '{"line\nline","日本語"}',
      '[0:1]={a,b}',
    ],
  },
  int4_array: {
    type: 'int4[]',
    values: ['{}', '{1,NULL,-2147483648}', '{{1,2},{3,4}}', '{{{1,NULL},{3,4}},{{5,6},{7,8}}}', '[-2:0]={7,8,9}'],
  },
  int8_array: { type: 'int8[]', values: ['{9007199254740993,NULL,-9223372036854775808}'] },
  numeric_array: { type: 'numeric[]', values: [`{1.10,NaN,${hundredDigits},NULL}`] },
  float8_array: { type: 'float8[]', values: ['{0.1,-0,NaN,Infinity,NULL}'] },
  boolean_array: { type: 'boolean[]', values: ['{t,f,NULL}'] },
  timestamptz_array: {
    type: 'timestamptz[]',
    values: ['{"2024-01-01 00:00:00.000001+00",infinity,"0044-03-15 00:00:00+00 BC",NULL}'],
  },
  uuid_array: { type: 'uuid[]', values: ['{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}'] },
  bytea_array: { type: 'bytea[]', values: ['{"\\\\x00ff","\\\\x",NULL}'] },
  jsonb_array: { type: 'jsonb[]', values: ['{"{\\"a\\": [1, 2]}","null",NULL}'] },
  enum_value: { type: 'corpus_mood', values: ['sad', 'Very Happy', 'it\'s "complicated"', 'ünïcode', 'a,b'] },
  enum_array: { type: 'corpus_mood[]', values: ['{}', '{sad,"Very Happy",NULL,"a,b","it\'s \\"complicated\\""}'] },
  domain_value: { type: 'corpus_positive', values: ['1', '9223372036854775807'] },
  composite_value: { type: 'corpus_address', values: ['("Main St, 1",5,"{a,\\"b,c\\",NULL}")', '(,,)', '("",0,{})'] },
  composite_array: { type: 'corpus_address[]', values: ['{"(\\"Main \\\\\\"St\\\\\\"\\",5,{})",NULL}'] },
  int4range_value: { type: 'int4range', values: ['empty', '(,)', '[1,10)', '(,5)', '[5,)', '[-2147483648,2147483646]'] },
  int8range_value: { type: 'int8range', values: ['[9007199254740993,9223372036854775807)'] },
  numrange_value: { type: 'numrange', values: ['empty', '[1.50,2.5]', '(1e-10,)', '(-Infinity,Infinity)', '(,NaN)'] },
  tstzrange_value: {
    type: 'tstzrange',
    values: [
      'empty',
      '["2024-01-01 00:00:00.000001+00","2024-12-31 23:59:59.999999+00")',
      '[2024-01-01,infinity]',
      '(,2024-01-01)',
    ],
  },
  daterange_value: { type: 'daterange', values: ['[2024-02-28,2024-03-01]', '(-infinity,infinity)'] },
  int4multirange_value: { type: 'int4multirange', values: ['{}', '{[1,3),[5,9)}', '{(,)}'] },
  inet_value: { type: 'inet', values: ['192.168.0.1', '192.168.0.1/24', '::1', '2001:db8::1/64', '::ffff:1.2.3.4', '0.0.0.0/0'] },
  cidr_value: { type: 'cidr', values: ['10.0.0.0/8', '2001:db8::/32', '192.168.0.1/32'] },
  macaddr_value: { type: 'macaddr', values: ['08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff'] },
  macaddr8_value: { type: 'macaddr8', values: ['08:00:2b:01:02:03:04:05'] },
  bit_value: { type: 'bit(11)', values: ['00000000001', '11111111111'] },
  varbit_value: { type: 'varbit', values: ['', '0', '1'.repeat(65)] },
  point_value: { type: 'point', values: ['(0,0)', '(1.5,-2e-300)', '(NaN,Infinity)'] },
  line_value: { type: 'line', values: ['{1,-1,0.5}'] },
  lseg_value: { type: 'lseg', values: ['[(0,0),(1,1)]'] },
  box_value: { type: 'box', values: ['(3,4),(1,2)'] },
  path_value: { type: 'path', values: ['((0,0),(1,1),(2,0))', '[(0,0),(1,1)]'] },
  polygon_value: { type: 'polygon', values: ['((0,0),(1,1),(2,0))'] },
  circle_value: { type: 'circle', values: ['<(1,2),3.5>'] },
  tsvector_value: { type: 'tsvector', values: ['', "'fat':2A 'rat':3 'it''s':1,5B"] },
  tsquery_value: { type: 'tsquery', values: ["'fat' & ( 'rat' | !'cat' )", "'super':*AB <-> 'star'"] },
} as const satisfies Readonly<Record<string, CorpusColumn>>;
