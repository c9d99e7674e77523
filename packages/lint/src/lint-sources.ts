import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isPolyshiftError, migrationFileName, type Operation, PolyshiftError, storeNames } from '@polyshift/core';
import { type Finding, sortFindings } from './finding.ts';
import { applyDirectives, type PlacedProblem } from './ignore/apply-directives.ts';
import { documentDirectives } from './ignore/document-directives.ts';
import { checkOperations, operationSpans } from './operations/check-operations.ts';
import { type MigrationFile, readMigrationFile } from './read/migration-file.ts';
import type { Script } from './read/script.ts';
import type { LintSource } from './read/source.ts';
import { sqlFile } from './read/sql-file.ts';
import type { RuleHead } from './rule.ts';
import { ignoreUnknownRule } from './rules/lint/ignore-unknown-rule.ts';
import { ignoreWithoutReason } from './rules/lint/ignore-without-reason.ts';
import { invalidDocument } from './rules/lint/invalid-document.ts';
import { unusedIgnore } from './rules/lint/unused-ignore.ts';
import { allRules } from './rules/registry.ts';
import type { ScriptChecker, ScriptResult } from './script-checker.ts';
import type { LintSettings } from './settings.ts';
import { operationRulesOf, scriptCheckerOf } from './store-checkers.ts';

/** What lint found. */
export interface LintReport {
  /** The files that were read, in order, without those that were read only for what they did. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
  readonly errors: number;
  readonly warnings: number;
}

const directiveRules = { withoutReason: ignoreWithoutReason, unknownRule: ignoreUnknownRule, unused: unusedIgnore };

/**
 * Reads files and names every unsafe change in them. Needs no store. A file that does not parse is a finding.
 * @throws PolyshiftError FILE_NOT_FOUND, and what the owners of the sources throw
 */
export async function lintSources(sources: readonly LintSource[], settings: LintSettings): Promise<LintReport> {
  const histories = new Map<string, StoreHistory>();
  const findings: Finding[] = [];
  const files: string[] = [];
  for (const source of sources) {
    const input = await readInput(source, settings);
    const owner = source.owner(input.kind === 'migration' ? input.file.migration.store : undefined);
    if (owner === undefined) continue;
    const history = histories.get(owner.history) ?? new StoreHistory(owner.store, settings);
    histories.set(owner.history, history);
    const problems = await history.read(input);
    if (!source.report) continue;
    files.push(source.file);
    findings.push(...findingsOf(problems, source.file, settings));
  }
  return {
    files,
    findings: sortFindings(findings, files),
    errors: findings.filter(({ level }) => level === 'error').length,
    warnings: findings.filter(({ level }) => level === 'warning').length,
  };
}

/** A file that was read: statements, a migration, or neither because it is not valid. */
type Input =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'migration'; readonly file: MigrationFile; readonly text: string }
  | { readonly kind: 'invalid'; readonly problem: PlacedProblem };

async function readInput({ path, file }: LintSource, settings: LintSettings): Promise<Input> {
  // A byte order mark is no part of the text.
  const text = (await readSourceText(path, file)).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  if (/\.(sql|cql)$/.test(path)) return { kind: 'script', script: sqlFile(path, text, settings.transaction) };
  try {
    return { kind: 'migration', file: await readMigrationFile(path, file, text), text };
  } catch (error) {
    if (!isPolyshiftError(error)) throw error;
    const { line = 1, column = 1 } = error.place ?? {};
    return { kind: 'invalid', problem: { rule: invalidDocument, line, column, message: error.message, safe: error.hint } };
  }
}

function levelOf(rule: RuleHead, settings: LintSettings): 'error' | 'warning' | 'off' {
  return settings.rules[rule.code] ?? rule.level;
}

function findingsOf(problems: readonly PlacedProblem[], file: string, settings: LintSettings): Finding[] {
  return problems.flatMap(({ rule, line, column, message, safe }) => {
    const level = levelOf(rule, settings);
    if (level === 'off') return [];
    const { why, lock } = rule.doc;
    return [{ code: rule.code, rule: rule.name, level, file, line, column, message, why, lock, safe: safe ?? rule.doc.safe }];
  });
}

/** Reads the files of one store in their order. */
class StoreHistory {
  private readonly checker: ScriptChecker | undefined;
  private readonly earlier: Operation[] = [];
  private readonly store: string;
  private readonly settings: LintSettings;

  constructor(store: string, settings: LintSettings) {
    this.store = store;
    this.settings = settings;
    this.checker = scriptCheckerOf(store, settings);
  }

  async read(input: Input): Promise<PlacedProblem[]> {
    this.checker?.beginFile();
    if (input.kind === 'invalid') return [input.problem];
    if (input.kind === 'script') return this.withDirectives(await this.readScript(input.script));
    return this.readOperations(input.file, input.text);
  }

  private async readOperations(migration: MigrationFile, text: string): Promise<PlacedProblem[]> {
    const rules = operationRulesOf(this.store);
    const known = { settings: this.settings, store: this.store, earlier: [...this.earlier] };
    const problems = checkOperations(migration, rules, known);
    const spans = operationSpans(migration, text);
    // Lines whose comments belong to a script are not read as comments of the document too.
    const inScripts = new Set<number>();
    for (const { operation, script } of migration.operations) {
      if (script) {
        const result = await this.readScript(script);
        problems.push(...this.withDirectives(result));
        for (const { line } of result.directives) inScripts.add(line);
      }
      this.checker?.apply(operation);
      this.earlier.push(operation);
    }
    const directives = documentDirectives(text).filter(({ line }) => !inScripts.has(line));
    return this.withDirectives({ problems, spans, directives });
  }

  private async readScript(script: Script): Promise<ScriptResult> {
    if (this.checker) return this.checker.check(script);
    // Of an adapter of somebody else the language is not known.
    if (!(storeNames as readonly string[]).includes(this.store)) return { problems: [], spans: [], directives: [] };
    const message = `${this.store} has no language of statements.`;
    const safe = 'Operations of polyshift; or name the store that the file is for by --store, or its language by --dialect.';
    return { problems: [{ rule: invalidDocument, ...script.place(0), message, safe }], spans: [], directives: [] };
  }

  private withDirectives({ problems, spans, directives }: ScriptResult): PlacedProblem[] {
    const codes = allRules.map(({ code }) => code);
    const levels = new Map(allRules.map((rule) => [rule.code, levelOf(rule, this.settings)]));
    return applyDirectives(problems, directives, spans, directiveRules, codes, (code) => levels.get(code) === 'off');
  }
}

async function readSourceText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PolyshiftError('FILE_NOT_FOUND', `cannot read ${file}: ${(cause as Error).message}`, { place: { file }, cause });
  }
}

/** Whether lint can read a file: SQL, CQL, and migrations in any form. Down scripts are read only where they are named. */
export function isLintable(path: string): boolean {
  const name = basename(path);
  if (name.endsWith('.down.sql')) return false;
  return /\.(sql|cql)$/.test(name) || migrationFileName(name) !== undefined;
}
