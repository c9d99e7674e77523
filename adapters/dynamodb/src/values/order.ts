/** Whether names stand in the order in which the fields of a map come back. */
export function isSorted(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || names[index - 1]! < name);
}
