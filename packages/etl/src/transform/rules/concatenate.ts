import { ConversionError, scalarText, typeText } from '@polyshift/core';
import type { ConcatenateRule } from '../../spec/rule.ts';
import { type CompiledRule, portableRule } from '../compiled-rule.ts';
import { fieldValue, type Input } from '../input.ts';
import { RuleError } from '../rule-error.ts';
import { inputField } from './field.ts';

const withoutText = ['array', 'range', 'document'];

/** Joins the texts of fields, leaving nulls and missing fields out; null where nothing is left. */
export function compileConcatenate(target: string, rule: ConcatenateRule, input: Input): CompiledRule {
  const fields = rule.fields.map((name, index) => inputField(input, name, ['fields', index]));
  for (const [index, field] of fields.entries()) {
    if (withoutText.includes(field.column.type.kind)) {
      throw new RuleError(
        'INVALID_EXPRESSION',
        `"${field.name}" is a ${typeText(field.column.type)} and cannot be concatenated`,
        {
          path: ['fields', index],
          hint: 'Take `join` for an array, `json_get` for a part of a document, or `cast` to text for its JSON.',
        },
      );
    }
  }
  const { separator } = rule;
  return portableRule({
    target,
    type: { kind: 'text' },
    to: undefined,
    reads: rule.fields,
    text: rule.fields.join(separator === '' ? ' + ' : ` + '${separator}' + `),
    evaluate: (row) => {
      let result: string | null = null;
      for (const field of fields) {
        const value = fieldValue(field, row);
        if (value === null || value === undefined) continue;
        const text = scalarText(field.column.type, value);
        if (text === null) throw new ConversionError(`"${field.name}" holds a document or array, which cannot be concatenated`);
        result = result === null ? text : result + separator + text;
      }
      return result;
    },
  });
}
