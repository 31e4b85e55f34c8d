// The stored files of what is erased: artifacts, and documents of specs.
import { z } from 'zod';
import { asJson } from '../../model/json.ts';
import type { Brain } from '../client.ts';

const BATCH = 500;

const paths = z.array(z.string());

/**
 * Removes what rows of the scope point at, and whatever lies in the folders of projects that go whole; returns how many.
 * Where there is no place for objects there is nothing. Throws Misconfigured when the place refuses, and Transient when it
 * fails.
 */
export async function erasedObjects(
  brain: Pick<Brain, 'call' | 'objects'>,
  scope: { readonly projects: readonly string[] },
  stop: AbortSignal,
): Promise<number> {
  const { objects } = brain;
  if (objects === null) return 0;
  let removed = 0;
  let after = '';
  while (!stop.aborted) {
    const found = paths.parse(await brain.call('erasable_objects', { scope: asJson(scope), after, batch: BATCH }));
    if (found.length > 0) removed += await objects.remove(found);
    after = found.at(-1) ?? after;
    if (found.length < BATCH) break;
  }
  for (const project of scope.projects) {
    if (!stop.aborted) removed += await objects.removeFolder(project, stop);
  }
  return removed;
}
