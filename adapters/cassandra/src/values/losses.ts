/** What is lost where Cassandra cannot hold a value exactly: the names that reports use. */
export const losses = {
  microseconds_to_milliseconds: 'a timestamp has milliseconds; the microseconds beyond them are cut off, towards the past',
  null_elements: 'lists, sets and maps hold no nulls: they are left out',
  dimensions: 'a list has one dimension: the elements of an array of several follow each other in it',
  duplicate_elements: 'a set holds each value once',
  empty_collection: 'a collection that is not frozen has no empty form: it becomes null',
  float_rounded: 'a float or double has fewer digits than the number',
  json_text: 'JSON has no form for the value inside of a document: its text stands there',
} as const;

/** The name of a loss. */
export type LossName = keyof typeof losses;

/** Is told of each value that is not held exactly, as text before and after. */
export type Lose = (loss: LossName, from: string, to: string) => void;
