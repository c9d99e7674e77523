/** SQL's pattern as a regular expression over the whole text: `%` any text, `_` one code point, a backslash takes the next sign as it is. Case-sensitive. */
export function likePattern(pattern: string): RegExp {
  let source = '';
  const signs = [...pattern];
  for (let index = 0; index < signs.length; index++) {
    const sign = signs[index]!;
    if (sign === '%') source += '.*';
    else if (sign === '_') source += '.';
    else source += escaped(sign === '\\' && index + 1 < signs.length ? signs[++index]! : sign);
  }
  return new RegExp(`^${source}$`, 'su');
}

function escaped(sign: string): string {
  return /[\\^$.|?*+()[\]{}/]/.test(sign) ? `\\${sign}` : sign;
}
