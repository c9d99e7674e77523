import type { AttributeValue } from './attribute.ts';
import type { NoteLoss } from './losses.ts';
import { writtenNumber } from './number.ts';

/** A decimal text as a number, or as its text where it cannot be one; `note` is told of what is lost. */
export function numberAttribute(text: string, note: NoteLoss): AttributeValue {
  const written = writtenNumber(text);
  if (!written) {
    note('number_as_text', text, `"${text}"`);
    return { S: text };
  }
  if (written.rounded) note('number_rounded', text, written.text);
  if (written.text === '0' && text.startsWith('-')) note('negative_zero', text, '0');
  return { N: written.text };
}
