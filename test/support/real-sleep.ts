/** A pause in real time: only for polling other processes, never to hope that something has happened. */
export function realSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
