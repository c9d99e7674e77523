import { dynamicType, type JsonValue, type PortableType, type PortableValue } from '@polyshift/core';
import { compareValues, comparisonKind, isOrdered } from '../values/compare-values.ts';
import { literalValue } from '../values/literal.ts';
import { plainForm } from '../values/plain-form.ts';
import { readText } from '../values/read-text.ts';

/** The value that a condition compares fields with. */
export class Operand {
  private readonly value: PortableValue;
  private readonly elements: readonly Operand[] | undefined;
  private readonly fields: ReadonlyMap<string, Operand> | undefined;
  /** The text as a value of each type that it was compared with. */
  private readonly readings = new Map<string, PortableValue | undefined>();

  private constructor(value: PortableValue) {
    this.value = value;
    if (Array.isArray(value)) this.elements = value.map((each) => new Operand(each));
    else if (value instanceof Map) this.fields = new Map([...value].map(([name, each]) => [name, new Operand(each)]));
  }

  /** Throws INVALID_DOCUMENT for extended JSON that is no value. */
  static of(json: JsonValue): Operand {
    return new Operand(literalValue(json));
  }

  /** Whether a value equals this one, in arrays and documents each part. */
  equals(value: PortableValue): boolean {
    const plain = plainForm(value);
    if (this.elements) {
      return (
        Array.isArray(plain) &&
        plain.length === this.elements.length &&
        this.elements.every((operand, index) => operand.equals(plain[index]!))
      );
    }
    if (this.fields) {
      return (
        plain instanceof Map &&
        plain.size === this.fields.size &&
        [...this.fields].every(([name, operand]) => plain.has(name) && operand.equals(plain.get(name)!))
      );
    }
    const reading = this.readingFor(plain);
    return reading !== undefined && compareValues(plain, reading) === 0;
  }

  /** How a value stands to this one: -1 less, 0, 1 greater; undefined where they do not compare, being of different kinds or of one without an order. */
  order(value: PortableValue): number | undefined {
    const plain = plainForm(value);
    const reading = isOrdered(comparisonKind(plain)) ? this.readingFor(plain) : undefined;
    return reading === undefined ? undefined : compareValues(plain, reading);
  }

  /** This value in the kind of another; undefined where it has none in that kind. */
  private readingFor(other: PortableValue): PortableValue | undefined {
    const kind = comparisonKind(other);
    if (kind === comparisonKind(this.value)) return this.value;
    if (typeof this.value !== 'string' || kind === 'null') return undefined;
    if (!this.readings.has(kind)) this.readings.set(kind, readText(this.value, dynamicType(other) as PortableType));
    return this.readings.get(kind);
  }
}
