import { nameSchema, type TypeReference, typeReference } from '@polyshift/core';
import { z } from 'zod';
import type { ruleSchema } from './rule.ts';
import { type flattenSchema, rulesSchema, shapingFields } from './shaping.ts';
import { parametersSchema, writeSizeSchema } from './step-settings.ts';

const indexesSchema = z.enum(['keep', 'rebuild']);
const modeSchema = z.enum(['insert', 'upsert', 'ignore']);
const keySchema = z.array(nameSchema).min(1).optional();
const typesSchema = z.record(nameSchema, typeReference).optional();
const typesText = 'the type of a field of a target that is created, instead of the one that it would get';

const foreignKeySchema = z
  .record(nameSchema, nameSchema)
  .refine((fields) => Object.keys(fields).length > 0, 'expected at least one field');

const junctionSchema = z
  .strictObject({
    target_table: nameSchema.describe('the junction table; created where it is missing'),
    foreign_key: foreignKeySchema.describe('field of the junction table to the field of the parent that it takes'),
    element_key: foreignKeySchema.describe('field of the junction table to the field of the element that it takes'),
    key: keySchema.describe('fields that make a pair the same; all fields of both keys where missing'),
    load_params: parametersSchema.describe('for the adapter of the target'),
    types: typesSchema.describe(typesText),
  })
  .describe('loads each element once by its key, and each pair of parent and element into a table of its own');

/** The elements of an array, loaded into a table of their own. */
export interface ChildLoad {
  readonly field: string;
  readonly target_table: string;
  readonly fields: Readonly<Record<string, z.output<typeof ruleSchema>>>;
  readonly include_rest?: boolean | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly flatten?: z.output<typeof flattenSchema> | undefined;
  readonly foreign_key?: Readonly<Record<string, string>> | undefined;
  readonly index_field?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly mode?: z.output<typeof modeSchema> | undefined;
  readonly batch_size?: number | undefined;
  readonly load_params?: z.output<typeof parametersSchema>;
  readonly types?: Readonly<Record<string, TypeReference>> | undefined;
  readonly junction?: z.output<typeof junctionSchema> | undefined;
  readonly children?: readonly ChildLoad[] | undefined;
}

/** A {@link ChildLoad} as users write it. */
export type ChildLoadInput = Omit<ChildLoad, 'fields' | 'flatten' | 'types' | 'junction' | 'children'> & {
  /** Field to type. */
  readonly types?: Readonly<Record<string, unknown>> | undefined;
  readonly junction?: z.input<typeof junctionSchema> | undefined;
  readonly fields?: Readonly<Record<string, z.input<typeof ruleSchema>>> | undefined;
  readonly flatten?: z.input<typeof flattenSchema> | undefined;
  readonly children?: readonly ChildLoadInput[] | undefined;
};

/** Checks a {@link ChildLoad}. */
export const childLoadSchema: z.ZodType<ChildLoad, ChildLoadInput> = z
  .strictObject({
    field: nameSchema.describe('the array, as a field of the source row; inside other children as a field of their element'),
    target_table: nameSchema.describe('the table or collection to write; created where it is missing'),
    fields: rulesSchema.describe(
      'target field to rule over the fields of an element; an element that is no document is the field `value`. All fields where missing',
    ),
    ...shapingFields,
    foreign_key: foreignKeySchema
      .optional()
      .describe(
        'field of this table to the field of the parent table that it takes; a foreign key where this load creates the table and the store has them',
      ),
    index_field: nameSchema.optional().describe('a field of this table for the position in the array, from 0'),
    key: keySchema.describe('fields that make a row the same; the foreign key and index_field where missing'),
    mode: modeSchema.optional().describe('as in the load step; that of the parent where missing'),
    batch_size: writeSizeSchema.describe('rows in one write, at most; where missing, found while the load runs, from 1000 on'),
    load_params: parametersSchema.describe('for the adapter of the target'),
    types: typesSchema.describe(typesText),
    junction: junctionSchema.optional().describe('for elements that belong to several parents'),
    get children() {
      return z.array(childLoadSchema).min(1).optional().describe('arrays inside the elements, in the same form');
    },
  })
  .superRefine((child, context) => {
    if (child.junction && (child.foreign_key || child.index_field)) {
      context.addIssue({
        code: 'custom',
        path: [child.foreign_key ? 'foreign_key' : 'index_field'],
        message: 'the elements behind a junction belong to no single parent: its own foreign_key says whose they are',
      });
    }
    if (!child.junction && !child.foreign_key) {
      context.addIssue({ code: 'custom', path: ['foreign_key'], message: 'expected what ties a row to its parent' });
    }
    if (child.junction && !child.key) {
      context.addIssue({ code: 'custom', path: ['key'], message: 'expected the fields that make two elements the same' });
    }
  });

/** Checks the step that writes. */
export const loadStepSchema = z.strictObject({
  type: z.literal('load').describe('writes rows'),
  target_table: nameSchema.describe('the table or collection to write; created where it is missing'),
  when: z
    .string()
    .min(1)
    .optional()
    .describe('an expression in CEL over the fields of the source: which rows this step takes; all where missing'),
  batch_size: writeSizeSchema.describe('rows in one write, at most; where missing, found while the load runs, from 1000 on'),
  mode: modeSchema.default('insert').describe('a row whose key exists already: is rejected, replaces it, or is left out'),
  key: keySchema.describe('target fields that make a row the same; the primary key where missing'),
  distinct: z
    .boolean()
    .default(false)
    .describe('rows that are equal in all fields are loaded once; rows of one key that differ are still rejected'),
  indexes: indexesSchema
    .default('keep')
    .describe(
      'indexes of a target that is there, those of children too: kept, or those on which no guarantee depends dropped before the first row and built again after the last',
    ),
  children: z.array(childLoadSchema).min(1).optional().describe('arrays of the source row, each loaded into a table of its own'),
  types: typesSchema.describe(typesText),
  load_params: parametersSchema.describe('for the adapter of the target'),
});

/** The step that writes. */
export type LoadStep = z.output<typeof loadStepSchema>;
