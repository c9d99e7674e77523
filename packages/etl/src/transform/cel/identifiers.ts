/** What an expression reads. */
export interface Identifiers {
  /** Names that stand for fields, in the order of their first use. */
  readonly read: readonly string[];
  /** Those of them that the expression itself compares with null, or asks for by has(): it is given their nulls. */
  readonly nullHandled: ReadonlySet<string>;
}

interface Node {
  readonly op?: unknown;
  readonly args?: unknown;
}

/** Macros whose first argument names a variable of their own. */
const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** Names that mean types and namespaces in CEL. */
const reserved = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'dyn',
  'timestamp',
  'duration',
  'google',
  'optional',
  'cel',
  'decimal',
]);

/** Walks the syntax tree of an expression. `isField` tells whether a name that CEL itself uses is a field of the source, too. */
export function identifiersOf(ast: unknown, isField: (name: string) => boolean): Identifiers {
  const read = new Set<string>();
  const nullHandled = new Set<string>();
  visit(ast, new Set());
  return { read: [...read], nullHandled };

  function visit(value: unknown, bound: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      for (const each of value) visit(each, bound);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    if (node.op === 'id') {
      const name = String(node.args);
      if (!bound.has(name) && (!reserved.has(name) || isField(name))) read.add(name);
      return;
    }
    if ((node.op === '==' || node.op === '!=') && Array.isArray(node.args)) {
      const [left, right] = node.args as [Node, Node];
      if (isNull(left)) handle(right, bound);
      if (isNull(right)) handle(left, bound);
    }
    if (node.op === 'call' && Array.isArray(node.args) && node.args[0] === 'has') handle((node.args[1] as Node[])[0], bound);
    if (node.op === 'rcall' && Array.isArray(node.args) && macros.has(String(node.args[0]))) {
      const [, receiver, parameters] = node.args as [string, unknown, Node[]];
      visit(receiver, bound);
      const variable = parameters[0];
      const inner = variable?.op === 'id' ? new Set([...bound, String(variable.args)]) : bound;
      visit(parameters.slice(variable?.op === 'id' ? 1 : 0), inner);
      return;
    }
    visit(node.args, bound);
  }

  function handle(node: Node | undefined, bound: ReadonlySet<string>): void {
    let inner: unknown = node;
    while (typeof inner === 'object' && inner !== null && ((inner as Node).op === '.' || (inner as Node).op === '[]')) {
      inner = ((inner as Node).args as unknown[])[0];
    }
    const root = inner as Node | undefined;
    if (root?.op === 'id' && !bound.has(String(root.args))) nullHandled.add(String(root.args));
  }
}

function isNull(node: Node | undefined): boolean {
  return node?.op === 'value' && node.args === null;
}
