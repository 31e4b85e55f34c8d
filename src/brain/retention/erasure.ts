// What is kept of a repository or an organisation, and taking it away batch by batch. daily-retention.ts and commands/ import it.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { asJson } from '../../model/json.ts';
import type { Brain } from '../client.ts';
import { erasedObjects } from './erased-objects.ts';

/** As the SQL function `erasure_of` gives it, and takes it back. */
const scope = z.looseObject({
  repositories: z.array(z.int()),
  names: z.array(z.string()),
  projects: z.array(z.string()),
  installations: z.array(z.int()),
  logins: z.array(z.string()),
  /** CodeRed still sees it; not given for what is due by the policy. */
  is_installed: z.boolean().default(false),
});
export type ErasureScope = z.output<typeof scope>;

const counts = z.array(z.object({ step: z.int(), table_name: z.string(), rows: z.int() }));
export type ErasureCount = z.output<typeof counts>[number];

type Caller = Pick<Brain, 'call'>;

/** The repository `owner/name`; null when the brain knows none. Throws what `brain.call` throws, as all of these do. */
export async function scopeOfRepository(brain: Caller, full_name: string): Promise<ErasureScope | null> {
  return scope.nullable().parse(await brain.call('erasure_of_repository', { full_name }));
}

/** The organisation or user with that login; null when the brain knows none. */
export async function scopeOfOrganisation(brain: Caller, login: string): Promise<ErasureScope | null> {
  return scope.nullable().parse(await brain.call('erasure_of_org', { login }));
}

/** All that is gone for longer than the policy `repositories` keeps it; null when nothing is. */
export async function scopeDue(brain: Caller): Promise<ErasureScope | null> {
  const due = scope.parse(await brain.call('erasure_due', {}));
  return due.repositories.length + due.installations.length > 0 ? due : null;
}

/** How many rows would go, in the order in which they do; tables that lose none are left out. */
export async function countErasure(brain: Caller, of: ErasureScope): Promise<ErasureCount[]> {
  const all = counts.parse(await brain.call('erasure_counts', { scope: asJson(of) }));
  return all.filter(({ rows }) => rows > 0);
}

export interface EraseOptions {
  /** Heeded between two batches. */
  readonly stop: AbortSignal;
  /** Between two batches, so that workers on one connection get their turn. */
  readonly pauseMs: number;
  readonly batchRows?: number;
  readonly onBatch?: (soFar: { readonly table_name: string; readonly rows: number }) => void;
}

/** By table how many rows went; `objects` in storage. `is_done` false: stopped before the end, and to be called again. */
export interface Erased {
  readonly rows: Readonly<Record<string, number>>;
  readonly objects: number;
  readonly is_done: boolean;
}

const MOST_ROUNDS = 3;

/**
 * Takes away all of a scope but the audit. What lies in storage goes before the rows that point at it, so that nothing is
 * left there that nobody knows of. Done twice, it finds nothing.
 */
export async function erase(
  brain: Pick<Brain, 'call' | 'objects'>,
  of: ErasureScope,
  options: EraseOptions,
): Promise<Erased> {
  const { stop, pauseMs, batchRows: batch = 500, onBatch = () => {} } = options;
  const rows: Record<string, number> = {};
  const objects = await erasedObjects(brain, of, stop);
  const eraseStep = async (step: number, table_name: string) => {
    while (!stop.aborted) {
      const found: number = await brain.call('erase_rows', { scope: asJson(of), step, batch });
      if (found === 0) break;
      rows[table_name] = (rows[table_name] ?? 0) + found;
      onBatch({ table_name, rows: rows[table_name] });
      await wait(pauseMs, undefined, { signal: stop }).catch(() => {});
    }
  };
  // Work that was under way may have left something behind what was gone through already.
  for (let round = 0; round < MOST_ROUNDS && !stop.aborted; round += 1) {
    const left = await countErasure(brain, of);
    if (left.length === 0) break;
    for (const { step, table_name } of left) await eraseStep(step, table_name);
  }
  if (stop.aborted) return { rows, objects, is_done: false };
  await brain.call('finish_erasure', { scope: asJson(of), counts: asJson(rows) });
  return { rows, objects, is_done: true };
}
