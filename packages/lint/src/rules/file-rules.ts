import type { RuleHead } from '../rule.ts';
import { ignoreUnknownRule } from './lint/ignore-unknown-rule.ts';
import { ignoreWithoutReason } from './lint/ignore-without-reason.ts';
import { invalidDocument } from './lint/invalid-document.ts';
import { syntaxError } from './lint/syntax-error.ts';
import { unusedIgnore } from './lint/unused-ignore.ts';

/** What is said of the files themselves, by code. */
export const fileRules = {
  LN001: syntaxError,
  LN002: invalidDocument,
  LN003: ignoreWithoutReason,
  LN004: ignoreUnknownRule,
  LN005: unusedIgnore,
} as const satisfies Readonly<Record<string, RuleHead>>;
