// What processes have used, as Linux counts it. What else the machine does changes their processor time little, unlike the clock.
import { readdirSync, readFileSync } from 'node:fs';

/** Of a second; the same on every architecture that Linux runs on today. */
const TICKS_A_SECOND = 100;

/** Seconds that a process and all that it has started have used so far, those that are gone included. Not a number anywhere but on Linux. */
export function processorSeconds(pid: number): number {
  const found = familyOf(pid);
  return found.length === 0 ? Number.NaN : found.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_SECOND;
}

/** Megabytes of memory that a process and each of those that it has started hold, its own first. Empty anywhere but on Linux. */
export function residentMegabytes(pid: number): number[] {
  const family = familyOf(pid).toSorted((a, b) => Number(b.pid === pid) - Number(a.pid === pid));
  return family.map((one) => residentKilobytes(one.pid) / 1_000);
}

function residentKilobytes(pid: number): number {
  try {
    return 1.024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function familyOf(pid: number): ProcessStat[] {
  const stats = allStats();
  const family = new Set([pid]);
  // A child may stand before its parent, hence once more until nobody is added.
  for (let known = 0; known < family.size; ) {
    known = family.size;
    for (const { pid: child, parent } of stats) if (family.has(parent)) family.add(child);
  }
  return stats.filter((one) => family.has(one.pid));
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own and that of its children that are gone. */
  readonly ticks: number;
}

function allStats(): ProcessStat[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
  } catch {
    return [];
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: behind the name in brackets, which may hold spaces, stand state, parent and numbers. */
function statOf(pid: number): ProcessStat[] {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const times = fields.slice(11, 15).map(Number);
    return [{ pid, parent: Number(fields[1]), ticks: times.reduce((sum, time) => sum + time, 0) }];
  } catch {
    return [];
  }
}
