import { nameSchema, typeReference } from '@polyshift/core';
import { z } from 'zod';

const fieldName = nameSchema.describe('a field of the source; a dotted path into documents and JSON');

const argument = z
  .union([nameSchema, z.strictObject({ value: z.json().describe('a literal') })])
  .describe('the name of a field, or {value: literal}');

const resultType = typeReference.optional().describe('the type of the result, by a cast; the natural one where missing');

const fieldRule = z
  .strictObject({ type: z.literal('field').describe('copies a field, like the short form by its name'), field: fieldName })
  .describe('copies a field');

const concatenateRule = z
  .strictObject({
    type: z.literal('concatenate').describe('joins the texts of fields'),
    fields: z.array(fieldName).min(1).describe('the fields, in order'),
    separator: z.string().default('').describe('what stands between two of them; nothing where missing'),
  })
  .describe('joins the texts of fields, leaving nulls out; null where all are null');

const functionRule = z
  .strictObject({
    type: z.literal('function').describe('calls a function'),
    function: nameSchema.describe('a built-in function, or an export of the module under `functions`'),
    args: z.array(argument).default([]).describe('its arguments: names of fields, or {value: literal}'),
    to: resultType,
  })
  .describe('calls a function');

const expressionRule = z
  .strictObject({
    type: z.literal('expression').describe('evaluates an expression in CEL'),
    expression: z.string().min(1).describe('an expression in the Common Expression Language over the fields'),
    to: resultType,
  })
  .describe('evaluates an expression; null where a field that it reads is null and not compared with null');

const constantRule = z
  .strictObject({
    type: z.literal('constant').describe('the same value in every row'),
    value: z.json().describe('the value'),
    to: resultType,
  })
  .describe('the same value in every row');

/** How the value of one target field is made: the name of a source field, or one of the typed forms. */
export const ruleSchema = z.union([
  nameSchema.describe('the name of the source field'),
  z.discriminatedUnion('type', [fieldRule, concatenateRule, functionRule, expressionRule, constantRule]),
]);

/** See {@link ruleSchema}. */
export type Rule = z.output<typeof ruleSchema>;

/** A rule that calls a function. */
export type FunctionRule = z.output<typeof functionRule>;

/** A rule that evaluates an expression. */
export type ExpressionRule = z.output<typeof expressionRule>;

/** A rule that joins texts. */
export type ConcatenateRule = z.output<typeof concatenateRule>;

/** A rule that gives the same value in every row. */
export type ConstantRule = z.output<typeof constantRule>;
