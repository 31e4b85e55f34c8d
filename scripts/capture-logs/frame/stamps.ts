// Puts times before the entries of a log, as the runner does (PagingLogger): seven digits of a second, one for each entry, none
// before the further lines of an entry that has several; a byte order mark begins the file.

/** A step of the job as the log has it. */
export interface Stage {
  readonly name: string;
  readonly failed: boolean;
  readonly entries: readonly string[];
  /** How long nothing came before the last entry. */
  readonly silentMinutes?: number;
}

/** A step of the job as GitHub's API lists it. */
export interface JobStep {
  readonly name: string;
  readonly number: number;
  readonly conclusion: 'success' | 'failure';
  readonly started_at: string;
  readonly completed_at: string;
}

const TICKS_OF_A_SECOND = 10_000_000n;
const TICKS_OF_A_MILLISECOND = 10_000n;

/** The log, and the job's steps; what begins with a step's first entry begins in the time of GitHub's step. */
export function stampStages(stages: readonly Stage[], seed: Buffer): { text: string; steps: JobStep[] } {
  const start = Date.UTC(2026, 2, 2 + ((seed[0] ?? 0) % 26), 6 + ((seed[1] ?? 0) % 12));
  let ticks = BigInt(start) * TICKS_OF_A_MILLISECOND + BigInt(seed.readUInt32BE(2)) * 8n;
  const lines: string[] = [];
  const steps = stages.map(({ name, failed, entries, silentMinutes = 0 }, stage): JobStep => {
    // From a tenth of a second to three.
    ticks += TICKS_OF_A_SECOND / 10n + BigInt((seed[stage % 32] ?? 0) * 113_000);
    const started = ticks;
    entries.forEach((entry, index) => {
      ticks += 300n + BigInt((seed[(stage + index) % 32] ?? 0) * 37);
      if (index === entries.length - 1) ticks += BigInt(silentMinutes * 60) * TICKS_OF_A_SECOND;
      // A script's own words come once its shell runs.
      if (entries[index - 1] === '##[endgroup]') ticks += 400_000n;
      lines.push(`${iso(ticks)}.${String(ticks % TICKS_OF_A_SECOND).padStart(7, '0')}Z ${entry}`);
    });
    const conclusion = failed ? 'failure' : 'success';
    return { name, number: stage + 1, conclusion, started_at: `${iso(started)}Z`, completed_at: `${iso(ticks)}Z` };
  });
  return { text: `\uFEFF${lines.join('\n')}\n`, steps };
}

function iso(ticks: bigint): string {
  return new Date(Number(ticks / TICKS_OF_A_MILLISECOND)).toISOString().slice(0, 19);
}
