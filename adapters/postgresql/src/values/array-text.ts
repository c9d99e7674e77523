/** An array as it stands in the server's text form: elements are texts, null, or arrays. */
export type ArrayText = (string | null | ArrayText)[];

/** Takes `{a,"b c",{NULL}}` apart. Undefined where the text names its own lower bounds (`[2:3]={...}`), which no portable array has. */
export function parseArray(text: string, delimiter: string): ArrayText | undefined {
  if (text.charCodeAt(0) !== 123) return undefined;
  let position = 0;
  const readArray = (): ArrayText => {
    const elements: ArrayText = [];
    position++;
    if (text[position] === '}') {
      position++;
      return elements;
    }
    for (;;) {
      const char = text[position];
      if (char === '{') elements.push(readArray());
      else if (char === '"') elements.push(readQuoted());
      else elements.push(readBare());
      const end = text[position++];
      if (end === '}' || end === undefined) return elements;
    }
  };
  const readQuoted = (): string => {
    let value = '';
    let start = ++position;
    for (;;) {
      const char = text.charCodeAt(position);
      if (char === 92) {
        value += text.slice(start, position);
        start = ++position;
        position++;
      } else if (char === 34 || Number.isNaN(char)) {
        value += text.slice(start, position);
        position++;
        return value;
      } else position++;
    }
  };
  const readBare = (): string | null => {
    const start = position;
    while (position < text.length && text[position] !== delimiter && text[position] !== '}') position++;
    const value = text.slice(start, position);
    return value.toUpperCase() === 'NULL' ? null : value;
  };
  return readArray();
}

/** The text form of an array, every element quoted. */
export function printArray(elements: ArrayText, delimiter: string): string {
  const parts = elements.map((element) => {
    if (element === null) return 'NULL';
    if (typeof element !== 'string') return printArray(element, delimiter);
    return `"${element.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${parts.join(delimiter)}}`;
}
