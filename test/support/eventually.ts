/** Waiting for another process: tries until it holds, and fails with the last reason. */
import { realSleep } from "./real-sleep.ts";

const PAUSE_MS = 50;

export async function eventually<T>(attempt: () => Promise<T> | T, withinMs = 90_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await realSleep(PAUSE_MS);
    }
  }
}
