// A documented failure in one row, for the recipe files that hold many of them.
import type { Documented } from './recipe.ts';

/** Log's name, pattern, the step's script, the public page or source that has the words, and what the step printed. */
export type Row = [name: string, pattern: string, run: string, source: string, output: string[]];

export function toDocumented([name, pattern, run, source, output]: Row): Documented {
  return { name, pattern, job: 'build', source, step: { run }, output: `${output.join('\n')}\n`, exit: 1 };
}
