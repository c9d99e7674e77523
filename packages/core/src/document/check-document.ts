import type { z } from 'zod';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { SourceDocument } from './document.ts';
import { nearest } from './nearest.ts';
import { refuseUnsafe } from './refuse-unsafe.ts';

/** One thing wrong in a document. */
interface FlatIssue {
  readonly path: PropertyKey[];
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Checks a document against a zod schema. Throws one INVALID_DOCUMENT that names the first fault with its line, and lists the others. */
export function checkDocument<Schema extends z.ZodType>(
  schema: Schema,
  document: SourceDocument,
  content: unknown = document.content,
  base: readonly PropertyKey[] = [],
): z.output<Schema> {
  refuseUnsafe(document, content, base);
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues
    .flatMap((issue) => flatten(issue as RawIssue, content))
    .map((issue) => ({ ...issue, path: [...base, ...issue.path] }));
  const lines = issues.map((issue) => {
    const place = document.place(issue.path);
    return `${place.file}${place.line ? `:${place.line}:${place.column}` : ''}: ${place.path ? `${place.path}: ` : ''}${issue.message}`;
  });
  const first = issues[0]!;
  throw new PolyshiftError('INVALID_DOCUMENT', lines.join('\n'), {
    place: document.place(first.path),
    ...(first.hint ? { hint: first.hint } : {}),
    data: { issues: issues.map((issue) => ({ ...document.place(issue.path), message: issue.message })) },
  });
}

interface RawIssue {
  readonly code: string;
  readonly path: PropertyKey[];
  readonly message: string;
  readonly errors?: RawIssue[][];
  readonly keys?: string[];
  readonly values?: unknown[];
}

/** Of a union the branch that came furthest is shown: the user meant that one. */
function flatten(issue: RawIssue, content: unknown): FlatIssue[] {
  if (issue.code === 'invalid_union' && issue.errors?.length) {
    const branches = issue.errors.map((errors) =>
      errors.flatMap((each) => flatten({ ...each, path: [...issue.path, ...each.path] }, content)),
    );
    const depth = (branch: FlatIssue[]) => Math.max(0, ...branch.map((each) => each.path.length));
    const deepest = Math.max(...branches.map(depth));
    const candidates = branches.filter((branch) => depth(branch) === deepest && branch.length > 0);
    if (deepest === issue.path.length) return [{ path: issue.path, message: unionMessage(candidates) }];
    return candidates.sort((left, right) => left.length - right.length)[0] ?? [{ path: issue.path, message: issue.message }];
  }
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key "${key}"`,
      hint: `Remove "${key}", or correct its name; the reference lists the keys.`,
    }));
  }
  if (issue.code === 'invalid_value' && issue.values && issue.values.length > 1) {
    const value = issue.path.reduce<unknown>(
      (inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part],
      content,
    );
    const near = typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
    return [{ path: issue.path, message: issue.message, hint: near ? `Did you mean "${near}"?` : undefined }];
  }
  return [{ path: issue.path, message: issue.message }];
}

function unionMessage(branches: FlatIssue[][]): string {
  const messages = [...new Set(branches.flat().map((each) => each.message.replace(/^Invalid input: /, '')))];
  return messages.join(', or ');
}
