/** Two loops that are one controller to whoever runs them: idle when both are. */
import type { RunningController } from "../client/control-loop.ts";

/** Named, paused and stepped as `main` is. */
export function joined(main: RunningController, other: RunningController): RunningController {
  return {
    name: main.name,
    queue: main.queue,
    get idle() {
      return main.idle && other.idle;
    },
  };
}
