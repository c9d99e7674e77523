import { Binary, BSON, Decimal128, Double, Int32, Long } from 'mongodb';

/** The row with id 7 as exact types of MongoDB have it, by the names of the table's columns. */
const expected = {
  id: (value) => BigInt(value) === 7n,
  external_id: (value) => value instanceof Binary && value.sub_type === Binary.SUBTYPE_UUID,
  name: (value) => value === 'Person 7 of the town',
  email: (value) => value === 'person7@example.org',
  age: (value) => isWhole(value, 7),
  balance: (value) => value instanceof Decimal128 && value.toString() === '0.07',
  score: (value) => value instanceof Double && value.value === 1,
  active: (value) => value === false,
  tags: (value) => Array.isArray(value) && value.join('|') === 'a7|tag,0',
  settings: (value) => value?.theme === 'dark' && isWhole(value.size, 7) && value.list?.length === 3,
  created_at: (value) => value instanceof Date && value.getTime() === 1_577_836_807_123,
};

/** What became of the values of that row, looked at in the target: `every type exact`, or the columns that changed, each with what is there. */
export async function valuesKept(collection) {
  const exact = { promoteValues: false, promoteLongs: false };
  const document = (await collection.findOne({ _id: 7 }, exact)) ?? (await collection.findOne({ id: 7 }, exact));
  if (!document) return 'the row with id 7 is missing';
  const changed = Object.entries(expected).flatMap(([name, keeps]) => {
    const value = name === 'id' ? plain(document.id ?? document._id) : document[name];
    return keeps(value) ? [] : [`${name} → ${shown(value)}`];
  });
  if (document.id !== undefined) changed.push('a new _id beside id');
  return changed.length === 0 ? 'every type exact' : changed.join('; ');
}

/** Whether a value is this whole number, in either of the two widths. */
function isWhole(value, number) {
  return (value instanceof Int32 || value instanceof Long) && Number(value) === number;
}

function plain(value) {
  return value instanceof Int32 ? value.value : value instanceof Long ? value.toBigInt() : value;
}

function shown(value) {
  if (value === undefined) return 'missing';
  const text = BSON.EJSON.stringify(value, { relaxed: true });
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
