/**
 * Several steps of which each is worth doing though another has failed: one host with a bad lease must
 * not cut off all the others.
 */

/** Takes them in their order, and rejects with the first error when all have been tried. */
export async function attemptAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
