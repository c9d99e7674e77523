import type { DefinedName, NameKind } from '../naming.ts';
import { alterActions, createdColumns, createdKeys, renamedTables } from './changes.ts';
import type { MysqlStatement } from './statement.ts';

/** The names that a statement gives. */
export function definedNames(statement: MysqlStatement): DefinedName[] {
  const names: DefinedName[] = [];
  const last = (name: string) => name.split('.').at(-1) ?? name;
  if (statement.kind === 'create_table') names.push({ kind: 'table', name: last(statement.table) });
  if (statement.kind === 'create_other' && statement.object === 'database') names.push({ kind: 'schema', name: statement.name });
  for (const { name } of renamedTables(statement)) names.push({ kind: 'table', name: last(name) });
  for (const { column } of createdColumns(statement)) names.push({ kind: 'column', name: column.name, at: column.at });
  for (const { action } of alterActions(statement)) {
    if (action.kind === 'rename_column') names.push({ kind: 'column', name: action.name, at: action.at });
    if (action.kind === 'change_column') names.push({ kind: 'column', name: action.column.name, at: action.at });
    if (action.kind === 'rename_index') names.push({ kind: 'index', name: action.name, at: action.at });
  }
  for (const { key } of createdKeys(statement)) {
    const kind: NameKind = key.kind === 'foreign' ? 'foreign_key' : key.kind === 'check' ? 'check' : 'index';
    if (key.name !== undefined && key.kind !== 'primary') names.push({ kind, name: key.name, at: key.at });
  }
  return names;
}
