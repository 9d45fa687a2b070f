/**
 * What processes of this machine take, as the kernel counts it.
 *
 * @module
 */
/** Clock ticks of the kernel's tables a second: always 100 on Linux. */
const ticks = 100;

/** Processor time of a process and all its threads so far, those that ended included, milliseconds. */
export function cpuOf(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name may hold anything, but ends with the last parenthesis.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * 1000 / ticks;
}

/** Processor time of some processes together. */
export function cpuOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** Anonymous memory of a process, MiB. */
export function anonymousOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The most anonymous memory that a process has while `work` goes on, MiB, looked at every few milliseconds. */
export async function peakMemory(pid: number, work: () => Promise<void>): Promise<number> {
  let peak = anonymousOf(pid);
  const timer = setInterval(() => peak = Math.max(peak, anonymousOf(pid)), 5);
  try {
    await work();
    return peak;
  } finally {
    clearInterval(timer);
  }
}
