import { type Environment, serialize } from '@marcbachmann/cel-js';
import { compilePattern } from './compile-pattern.ts';

/** The function that stands in for `matches`, whose own one in the library goes back and tries again without a limit. */
const standIn = 'matches_in_linear_time';

/** Patterns that are kept compiled, at most: most expressions have one, but a row may bring its own. */
const keptPatterns = 50;

interface Call {
  op?: unknown;
  args?: unknown;
}

/** Gives an environment the function that {@link withLinearMatches} calls. */
export function registerMatches(environment: Environment): void {
  const compiled = new Map<string, (text: string) => boolean>();
  environment.registerFunction(`string.${standIn}(string): bool`, (text: string, pattern: string) => {
    let matches = compiled.get(pattern);
    if (!matches) {
      matches = compilePattern(pattern);
      if (compiled.size >= keptPatterns) compiled.clear();
      compiled.set(pattern, matches);
    }
    return matches(text);
  });
}

/** An expression, parsed by the environment, in which each call of `matches` takes time in proportion to its text. */
export function withLinearMatches(environment: Environment, expression: string): string {
  const { ast } = environment.parse(expression);
  const calls = matchCalls(ast);
  for (const { args } of calls) args[0] = standIn;
  return calls.length === 0 ? expression : serialize(ast);
}

/** Compiles the patterns that stand in an expression as texts. Throws ConversionError for one that is not taken. */
export function checkPatterns(ast: unknown): void {
  for (const { args } of matchCalls(ast)) {
    const [pattern] = args[2] as Call[];
    if (pattern?.op === 'value' && typeof pattern.args === 'string') compilePattern(pattern.args);
  }
}

function matchCalls(ast: unknown): { args: unknown[] }[] {
  const found: { args: unknown[] }[] = [];
  const pending: unknown[] = [ast];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) pending.push(...(next as unknown[]));
    if (typeof next !== 'object' || next === null || Array.isArray(next)) continue;
    const { op, args } = next as Call;
    if (op === 'rcall' && Array.isArray(args) && args[0] === 'matches') found.push({ args: args as unknown[] });
    pending.push(args);
  }
  return found;
}
