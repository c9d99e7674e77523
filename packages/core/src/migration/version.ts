/** The order of versions: by number, so that 9 comes before 10 and 0002 is 2. */
export function compareVersions(left: string, right: string): number {
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Whether two texts name the same version: `2` and `0002` do. */
export function sameVersion(left: string, right: string): boolean {
  return /^\d+$/.test(left) && /^\d+$/.test(right) && compareVersions(left, right) === 0;
}
