import { type OperationType, operationRegistry, operationTypes } from './registry.ts';

type Camel<Text extends string> = Text extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Text;

/** Functions that build operations in TypeScript migrations, one per type: `operations.renameField('users', { old_name, new_name })`. */
export type OperationFactories = { readonly [Type in OperationType as Camel<Type>]: (typeof operationRegistry)[Type]['create'] };

/** See {@link OperationFactories}. */
export const operations = Object.fromEntries(
  operationTypes.map((type) => [
    type.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
    operationRegistry[type].create,
  ]),
) as unknown as OperationFactories;
