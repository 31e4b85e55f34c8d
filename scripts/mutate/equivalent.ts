// The mutations that change nothing anybody could see, each with its reason: equivalent.json, which people write.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const list = z.array(
  z.strictObject({
    file: z.string(),
    /** The changed lines as they are, without the space around each: what a line's number would say, but it moves. */
    was: z.string(),
    now: z.string(),
    reason: z.string().min(20),
  }),
);

/** A known one; `was` and `now` as linesOf gives them. */
export type Equivalent = z.infer<typeof list>[number];

/** All of them. Throws when the file is malformed or names one twice. */
export function readEquivalents(): readonly Equivalent[] {
  const all = list.parse(JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8')));
  const twice = all.find((one, index) => all.findIndex((other) => isSame(one, other)) !== index);
  if (twice) throw new Error(`equivalent.json has it twice: ${twice.file}: ${twice.was}`);
  return all;
}

/** Whether two are about the same change of the same lines. */
export function isSame(one: Omit<Equivalent, 'reason'>, other: Omit<Equivalent, 'reason'>): boolean {
  return one.file === other.file && one.was === other.was && one.now === other.now;
}
