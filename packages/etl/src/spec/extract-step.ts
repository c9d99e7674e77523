import { conditionsSchema, nameSchema } from '@polyshift/core';
import { z } from 'zod';
import { joinSchema } from './join.ts';
import { parametersSchema, readSizeSchema } from './step-settings.ts';

/** Checks the step that reads. */
export const extractStepSchema = z.strictObject({
  type: z.literal('extract').describe('reads rows'),
  source_table: nameSchema.describe('the table or collection to read'),
  conditions: conditionsSchema.optional().describe('which rows; all where missing'),
  fields: z.array(nameSchema).min(1).optional().describe('fields to read; all that the rules need where missing'),
  key: z.array(nameSchema).min(1).optional().describe('what identifies a row and orders the scan; the primary key where missing'),
  joins: z.array(joinSchema).min(1).optional().describe('rows of other tables of the source that are read with each row'),
  batch_size: readSizeSchema.describe('rows in one read, at most; default 1000'),
  extraction_params: parametersSchema.describe('for the adapter of the source'),
});

/** The step that reads. */
export type ExtractStep = z.output<typeof extractStepSchema>;
