// A time in the past, as somebody types it. Pure.
import { Misused } from './command.ts';

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** ISO 8601 of a time that `--since` names, or of so long before `nowMs` (90m, 12h, 3d). Throws `Misused` for anything else. */
export function readSince(text: string, nowMs: number): string {
  const unit = text.at(-1);
  const count = Number(text.slice(0, -1));
  if ((unit === 'm' || unit === 'h' || unit === 'd') && Number.isInteger(count) && count > 0 && count < 100_000)
    return new Date(nowMs - count * UNITS_MS[unit]).toISOString();
  const time = text.length <= 40 && text.includes('-') ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new Misused(`--since is "${text}"; allowed: a time such as 2026-11-30T08:00Z, or 90m, 12h, 3d.`);
  return new Date(time).toISOString();
}
