// What `codered patterns list` shows: how often each pattern matched in the organisation of a repository.
import { z } from 'zod';
import { type BrainLog, openBrain } from '../../brain/client.ts';
import { readBrainSettings } from '../../config/settings.ts';
import type { CommandContext } from '../terminal/command.ts';
import { printable } from '../terminal/printable.ts';

const rows = z.array(
  z.object({
    name: z.string(),
    category: z.string(),
    rank: z.string(),
    is_own: z.boolean(),
    is_enabled: z.boolean(),
    matched: z.number(),
    told: z.number(),
    in_green_logs: z.number(),
    last_matched_at: z.string().nullable(),
  }),
);
type Row = z.infer<typeof rows>[number];

/** What is wanted. */
export interface ListOptions {
  readonly owner: string;
  readonly name: string;
  /** Also those of everybody that never matched. */
  readonly all: boolean;
  readonly json: boolean;
}

/** Prints them; 1 where the repository is not known. */
export async function listPatterns(
  { owner, name, all, json }: ListOptions,
  { env, out, err }: Pick<CommandContext, 'env' | 'out' | 'err'>,
): Promise<0 | 1> {
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    const repository_id = await brain.call('find_repository', { owner, name });
    if (repository_id === null) {
      err(`The database knows no repository ${owner}/${name}.`);
      return 1;
    }
    const patterns = rows.parse(await brain.call('list_pattern_use', { repository_id }));
    const shown = patterns.filter((row) => all || row.is_own || !row.is_enabled || row.matched > 0);
    if (json) for (const row of shown) out(JSON.stringify(row));
    else for (const line of table(shown, patterns.length - shown.length)) out(line);
    return 0;
  } finally {
    await brain.close();
  }
}

function table(shown: readonly Row[], left: number): string[] {
  const head = ['  told  matched  green logs  last match  pattern'];
  const lines = shown.map(({ told, matched, in_green_logs, last_matched_at, ...row }) => {
    const figures = [
      pad(told, 6),
      pad(matched, 9),
      pad(in_green_logs, 12),
      pad(last_matched_at?.slice(0, 10) ?? '–', 12),
    ];
    const notes = [
      row.category,
      ...(row.rank === 'cause' ? [] : [row.rank]),
      ...(row.is_own ? ['own'] : []),
      ...(row.is_enabled ? [] : ['switched off']),
    ];
    return `${figures.join('')}  ${printable(row.name)} (${notes.join(', ')})`;
  });
  const rest = left === 0 ? [] : [`${left.toLocaleString('en-US')} others have not matched yet; --all lists them.`];
  return [...(lines.length === 0 ? [] : [...head, ...lines]), ...rest];
}

function pad(value: number | string, width: number): string {
  return (typeof value === 'number' ? value.toLocaleString('en-US') : value).padStart(width);
}
