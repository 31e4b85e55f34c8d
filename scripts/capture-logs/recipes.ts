// Reads all recipes, and makes the log of one that documentation has.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobLog } from './job-log.ts';
import type { Captured, Documented } from './recipe.ts';

export interface Recipes {
  readonly captured: readonly Captured[];
  readonly documented: readonly Documented[];
}

/** In the order of the files' names. */
export async function readRecipes(): Promise<Recipes> {
  const folder = join(import.meta.dirname, 'recipes');
  const all: { captured: Captured[]; documented: Documented[] } = { captured: [], documented: [] };
  for (const file of readdirSync(folder).sort()) {
    const module: { captured?: Captured[]; documented?: Documented[] } = await import(join(folder, file));
    all.captured.push(...(module.captured ?? []));
    all.documented.push(...(module.documented ?? []));
  }
  return all;
}

/** The job that a documented failure stands for. */
export function documentedJob(recipe: Documented): JobLog {
  return {
    name: recipe.name,
    job: recipe.job,
    steps: [{ step: recipe.step, output: recipe.output, exit: recipe.exit, silentMinutes: recipe.silentMinutes ?? 0 }],
    noTearDown: recipe.noTearDown ?? false,
    setUpFailure: recipe.beforeSteps ? recipe.output : null,
    needs: [],
  };
}
