/** Whether a version like `8.0.29` is at least another one; a missing part counts as the newest of its line. */
export function atLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number);
  const want = least.split('.').map(Number);
  for (const [index, number] of want.entries()) {
    const part = have[index];
    if (part === undefined || part > number) return true;
    if (part < number) return false;
  }
  return true;
}
