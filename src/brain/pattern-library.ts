// Reads the patterns that failures are matched with, and keeps them for half a minute. The diagnose step uses it.

import { createHash } from 'node:crypto';
import type { Pattern } from '../model/failure.ts';
import type { Brain } from './client.ts';

/** The patterns of a project with everybody's, in the order that decides the primary match. */
export type PatternLibrary = (projectId: string) => Promise<readonly Pattern[]>;

interface Reading {
  readonly patterns: readonly Pattern[];
  readonly hash: string;
  readonly at: number;
}

const MAX_AGE_MS = 30_000;

/**
 * A library over the brain. The same patterns are the same array, across projects and readings, so that what was
 * compiled from them can be kept by it.
 */
export function openPatternLibrary(brain: Pick<Brain, 'call'>, now: () => number = Date.now): PatternLibrary {
  const readings = new Map<string, Reading>();
  return async (projectId) => {
    const kept = readings.get(projectId);
    if (kept !== undefined && now() - kept.at < MAX_AGE_MS) return kept.patterns;
    const answer = await brain.call('list_patterns', { project_id: projectId });
    const hash = createHash('sha256').update(JSON.stringify(answer)).digest('hex');
    const same = readings.values().find((reading) => reading.hash === hash);
    // The function builds exactly this shape, from columns whose checks are the same closed sets.
    const patterns = same?.patterns ?? (answer as unknown as readonly Pattern[]);
    readings.set(projectId, { patterns, hash, at: now() });
    return patterns;
  };
}
