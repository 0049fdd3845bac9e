/** Is a spread as even as chance makes it? */

/** How far these counts are from being equal. */
export function chiSquared(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** By degrees of freedom (one less than there are counts): chance exceeds it once in a million times. */
export const ODDS_ONE_IN_A_MILLION: Record<number, number> = { 1: 23.93, 2: 27.63, 3: 30.66 };
