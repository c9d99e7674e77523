/** Statements with lines of comment before the first of them. */
export function commented(lines: readonly string[], statements: readonly string[]): string[] {
  const [first, ...others] = statements;
  if (first === undefined) return [];
  return [`${lines.map((line) => `-- ${oneLine(line)}\n`).join('')}${first}`, ...others];
}

/** A text that cannot leave its line: names may hold anything. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
