/** A number of a JSON text, to the digit: 1.0, 1e3 and 12345678901234567890 stay what they are. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Fields of an object in their order, those with numeric names and `__proto__` included. */
export type JsonFields = Map<string, JsonNode>;

/** A JSON value without loss. */
export type JsonNode = null | boolean | string | JsonNumber | JsonNode[] | JsonFields;

/** JSON text of a node, without white space. */
export function nodeText(node: JsonNode): string {
  if (node instanceof JsonNumber) return node.text;
  if (node instanceof Map) return fieldsText(node);
  if (Array.isArray(node)) return `[${node.map(nodeText).join(',')}]`;
  return JSON.stringify(node);
}

/** JSON text of an object. */
export function fieldsText(fields: JsonFields): string {
  let text = '{';
  for (const [name, node] of fields) text += `${text.length > 1 ? ',' : ''}${JSON.stringify(name)}:${nodeText(node)}`;
  return `${text}}`;
}

/** Whether two nodes are the same: numbers digit by digit, objects with the same order of fields. */
export function sameNode(left: JsonNode, right: JsonNode): boolean {
  return left === right || nodeText(left) === nodeText(right);
}
