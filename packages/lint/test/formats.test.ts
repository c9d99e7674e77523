import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { allRules, githubAnnotations, type LintReport, sarifLog } from '../src/index.ts';
import { lintFiles } from './lint-text.ts';

/** What SARIF 2.1.0 demands of the parts that lint writes; nothing beside them is allowed. */
const message = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', minLength: 1 } },
  additionalProperties: false,
};
const level = { enum: ['none', 'note', 'warning', 'error'] };
const sarifSchema = {
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', pattern: 'sarif-schema-2\\.1\\.0\\.json$' },
    version: { const: '2.1.0' },
    runs: { type: 'array', minItems: 1, items: { $ref: '#/definitions/run' } },
  },
  definitions: {
    run: {
      type: 'object',
      required: ['tool', 'results'],
      additionalProperties: false,
      properties: {
        columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
        results: { type: 'array', items: { $ref: '#/definitions/result' } },
        tool: {
          type: 'object',
          required: ['driver'],
          additionalProperties: false,
          properties: {
            driver: {
              type: 'object',
              required: ['name'],
              additionalProperties: false,
              properties: {
                name: { type: 'string' },
                semanticVersion: { type: 'string' },
                rules: { type: 'array', uniqueItems: true, items: { $ref: '#/definitions/descriptor' } },
              },
            },
          },
        },
      },
    },
    descriptor: {
      type: 'object',
      required: ['id'],
      additionalProperties: false,
      properties: {
        id: { type: 'string' },
        name: { type: 'string' },
        shortDescription: message,
        fullDescription: message,
        help: message,
        defaultConfiguration: {
          type: 'object',
          additionalProperties: false,
          properties: { enabled: { type: 'boolean' }, level },
        },
      },
    },
    result: {
      type: 'object',
      required: ['message'],
      additionalProperties: false,
      properties: {
        ruleId: { type: 'string' },
        ruleIndex: { type: 'integer', minimum: 0 },
        level,
        message,
        locations: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            properties: {
              physicalLocation: {
                type: 'object',
                required: ['artifactLocation'],
                additionalProperties: false,
                properties: {
                  artifactLocation: {
                    type: 'object',
                    additionalProperties: false,
                    properties: { uri: { type: 'string', pattern: '^[^\\\\ ]+$' } },
                  },
                  region: {
                    type: 'object',
                    additionalProperties: false,
                    properties: { startLine: { type: 'integer', minimum: 1 }, startColumn: { type: 'integer', minimum: 1 } },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

async function report(): Promise<LintReport> {
  return lintFiles('postgresql', { 'a b.sql': 'SELECT 1;\nCREATE INDEX i ON users (a);\nDROP TABLE "100%, sure:";' });
}

test('the log is what SARIF 2.1.0 demands, and names rule and place', async () => {
  const log = sarifLog(await report(), allRules, '1.2.3');
  const validate = new Ajv({ strict: false, allErrors: true }).compile(sarifSchema);
  validate(log);
  expect(validate.errors).toBeNull();
  const [run] = log['runs'] as { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[];
  const result = run!.results.find(({ ruleId }) => ruleId === 'PG007')!;
  expect(run!.tool.driver.rules[result['ruleIndex'] as number]?.id).toBe('PG007');
  expect(result).toMatchObject({
    level: 'error',
    locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b.sql' }, region: { startLine: 2, startColumn: 1 } } }],
  });
});

test('annotations are one line each, with what would end them escaped', async () => {
  const { findings } = await report();
  const lines = githubAnnotations(findings).split('\n');
  expect(lines).toHaveLength(findings.length);
  for (const line of lines) expect(line).toMatch(/^::(error|warning) file=a b\.sql,line=\d+,col=\d+,title=[A-Z]+\d+ [a-z-]+::/);
  expect(lines.find((line) => line.includes('PG102'))).toContain('100%25, sure:');
});

test('a file without findings gives no annotation', () => {
  expect(githubAnnotations([])).toBe('');
});
