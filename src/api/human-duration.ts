/**
 * Durations as `kubectl get` prints ages: two units at most, and the smaller one only while it
 * still tells something ("4m30s", then "12m"; "5h10m", then "9h").
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go (HumanDuration)
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;

  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return withRest(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;

  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return withRest(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;

  const days = Math.trunc(hours / 24);
  if (hours < 192) return withRest(days, "d", hours % 24, "h");
  if (hours < 24 * 365 * 2) return `${days}d`;

  const years = Math.trunc(days / 365);
  if (hours < 24 * 365 * 8) return withRest(years, "y", days % 365, "d");
  return `${years}y`;
}

function withRest(count: number, unit: string, rest: number, smallerUnit: string): string {
  return rest === 0 ? `${count}${unit}` : `${count}${unit}${rest}${smallerUnit}`;
}
