import { z } from 'zod';
import { checkDocument } from '../document/check-document.ts';
import type { SourceDocument } from '../document/document.ts';
import { nearest } from '../document/nearest.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { isOperationType, type Operation, operationRegistry, operationTypes } from '../operation/registry.ts';

/** Checks one operation of a document. Throws UNKNOWN_OPERATION or INVALID_DOCUMENT with the line. */
export function parseOperation(document: SourceDocument, content: unknown, path: readonly PropertyKey[]): Operation {
  const head = checkDocument(z.looseObject({ type: z.string() }), document, content, path);
  if (!isOperationType(head.type)) {
    const near = nearest(head.type, operationTypes);
    const place = document.place([...path, 'type']);
    throw new PolyshiftError(
      'UNKNOWN_OPERATION',
      `${place.file}${place.line ? `:${place.line}` : ''}: there is no operation "${head.type}"`,
      {
        place,
        hint: near ? `Did you mean "${near}"?` : `The operations are ${operationTypes.join(', ')}.`,
      },
    );
  }
  const operation = checkDocument(operationRegistry[head.type].schema as z.ZodType<Operation>, document, content, path);
  return operation.type === 'online_change' ? withInner(operation, document, path) : operation;
}

/** Checks the operations within an `online_change`; each is on the same collection. */
function withInner(operation: Operation<'online_change'>, document: SourceDocument, path: readonly PropertyKey[]): Operation {
  const { collection, data } = operation;
  const operations = data.operations.map((inner, index) => {
    const place = [...path, 'data', 'operations', index];
    const checked = parseOperation(document, { collection, ...inner }, place);
    if (checked.collection === collection) return checked;
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `an online_change of ${collection} has an operation on ${checked.collection}: each collection has its own`,
      { place: document.place([...place, 'collection']) },
    );
  });
  return { ...operation, data: { ...data, operations: operations as unknown as typeof data.operations } };
}

/** Checks one operation that does not come from a file. */
export function checkOperation(content: unknown): Operation {
  return parseOperation({ file: 'operation', content, place: (path) => ({ path: path.map(String).join('.') }) }, content, []);
}
