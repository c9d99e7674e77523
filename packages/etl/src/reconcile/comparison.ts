import { type Batch, batchSize, type JsonValue, SetDigest } from '@polyshift/core';
import { keyJson, keyText, type RowView, rowView } from './row-view.ts';

/** A field that differs. */
export interface FieldDifference {
  readonly field: string;
  /** What the spec makes of the source; null also where the field should not be there. */
  readonly expected: JsonValue;
  /** What the target holds; null also where the field is missing. */
  readonly actual: JsonValue;
}

/** A row that differs. */
export interface RowDifference {
  readonly key: JsonValue;
  readonly fields: readonly FieldDifference[];
}

/** Examples that are kept of each kind. */
const exampleCount = 20;

/** Compares what the source should give with what the target holds, batch by batch; memory does not grow with the rows. */
export class Comparison {
  readonly expected = new SetDigest();
  readonly actual = new SetDigest();
  missing = 0;
  different = 0;
  readonly missingExamples: JsonValue[] = [];
  readonly differentExamples: RowDifference[] = [];
  private readonly key: readonly string[];
  private readonly wholeRows: boolean;

  /** @param wholeRows whether a field that the target has beyond those expected is a difference. */
  constructor(key: readonly string[], wholeRows: boolean) {
    this.key = key;
    this.wholeRows = wholeRows;
  }

  /** Compares a batch in the target's own form with the rows that the target has for its keys. `skip` tells of rows that are not expected there. */
  add(expected: Batch, found: Batch, skip: (index: number) => boolean): void {
    const byKey = new Map<string, RowView>();
    for (let index = 0; index < batchSize(found); index++) {
      const view = rowView(found, index);
      byKey.set(keyText(view, this.key), view);
    }
    for (let index = 0; index < batchSize(expected); index++) {
      if (skip(index)) continue;
      const view = rowView(expected, index);
      this.expected.add(rowText(view, view));
      const actual = byKey.get(keyText(view, this.key));
      if (!actual) {
        this.missing++;
        if (this.missingExamples.length < exampleCount) this.missingExamples.push(keyJson(view, this.key));
        continue;
      }
      const text = rowText(actual, view) + (this.wholeRows ? this.extraText(actual, view) : '');
      this.actual.add(text);
      if (text !== rowText(view, view)) this.differs(view, actual);
    }
  }

  private differs(expected: RowView, actual: RowView): void {
    this.different++;
    if (this.differentExamples.length >= exampleCount) return;
    const names = [...expected.texts.keys(), ...(this.wholeRows ? extraFields(actual, expected) : [])];
    this.differentExamples.push({
      key: keyJson(expected, this.key),
      fields: names
        .filter((name) => expected.texts.get(name) !== actual.texts.get(name))
        .map((field) => ({ field, expected: expected.json(field) ?? null, actual: actual.json(field) ?? null })),
    });
  }

  private extraText(actual: RowView, expected: RowView): string {
    return extraFields(actual, expected)
      .map((name) => `,${JSON.stringify(name)}:${actual.texts.get(name)}`)
      .join('');
  }
}

function extraFields(actual: RowView, expected: RowView): string[] {
  return [...actual.texts.keys()].filter((name) => !expected.texts.has(name)).sort();
}

/** A row as one text, in the order of the fields of `order`. A missing field is told from null. */
function rowText(view: RowView, order: RowView): string {
  const parts: string[] = [];
  for (const name of order.texts.keys()) parts.push(`${JSON.stringify(name)}:${view.texts.get(name) ?? 'u'}`);
  return parts.join(',');
}
