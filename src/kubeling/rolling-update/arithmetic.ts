/**
 * How far a rolling update may move: never more pods than desired plus the surge, never fewer ready than
 * desired minus what may be unavailable. Pure.
 *
 * In Kubernetes: scaleUp and scaleDown in pkg/kubectl/rolling_updater.go (up to 1.17)
 */
export interface Bounds {
  /** How many pods there are to be in the end. */
  desired: number;
  /** How many there may be beyond that on the way. */
  maxSurge: number;
  /** How many must stay available. */
  minAvailable: number;
}

/** How many pods each controller asks for. */
export interface Sizes {
  old: number;
  new: number;
}

export function boundsOf(desired: number, maxSurge: number, maxUnavailable: number): Bounds {
  return { desired, maxSurge, minAvailable: Math.max(0, desired - maxUnavailable) };
}

/** The size the new controller may have now; undefined where it cannot grow. */
export function nextUp(sizes: Sizes, { desired, maxSurge }: Bounds): number | undefined {
  if (sizes.new === desired) return undefined;
  const room = desired + maxSurge - (sizes.old + sizes.new);
  const increment = sizes.old === 0 ? desired - sizes.new : room;
  return increment <= 0 ? undefined : Math.min(sizes.new + increment, desired);
}

/** The size the old controller may have now, with so many of the new pods ready; undefined: it must wait. */
export function nextDown(
  sizes: Sizes,
  newReady: number,
  { desired, minAvailable }: Bounds,
): number | undefined {
  if (sizes.old === 0) return undefined;
  const newUnready = sizes.new - newReady;
  const decrement = sizes.old + sizes.new - minAvailable - newUnready;
  if (decrement <= 0) return undefined;
  if (sizes.new === desired && newReady === desired) return 0;
  return Math.max(0, sizes.old - decrement);
}

export function isDone(sizes: Sizes, { desired }: Bounds): boolean {
  return sizes.new === desired && sizes.old === 0;
}
