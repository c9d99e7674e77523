import type { LintReport } from '../lint-sources.ts';
import type { RuleHead } from '../rule.ts';

/**
 * The report as a SARIF 2.1.0 log, for code scanning.
 * @param rules every rule, so that results can name them by index
 * @param version of the tool
 */
export function sarifLog({ findings }: LintReport, rules: readonly RuleHead[], version: string): Record<string, unknown> {
  const index = new Map(rules.map(({ code }, position) => [code, position]));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'polyshift lint', semanticVersion: version, rules: rules.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ code, level, file, line, column, message, safe }) => ({
          ruleId: code,
          ruleIndex: index.get(code),
          level,
          message: { text: `${message} ${safe}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  };
}

function descriptor({ code, name, level, doc }: RuleHead): Record<string, unknown> {
  return {
    id: code,
    name,
    shortDescription: { text: doc.what },
    fullDescription: { text: `${doc.what} ${doc.why}` },
    help: { text: `Locks: ${doc.lock}\nSafe: ${doc.safe}` },
    defaultConfiguration: { enabled: level !== 'off', level: level === 'off' ? 'none' : level },
  };
}
