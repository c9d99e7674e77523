/** Whether a version like `8.0.29` is at least another one. A part that is missing counts as 0, the oldest of its line. */
export function atLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, number] of least.split('.').map(Number).entries()) {
    const part = have[index] ?? 0;
    if (part !== number) return part > number;
  }
  return true;
}
