// How much of what rests on history is known.
import { z } from 'zod';
import { id, operation, READS } from '../declared/operation.ts';

/** Of a span: how many runs are known of those that GitHub counts, and since which day; null where GitHub was not asked. */
export const completeness = z
  .object({ have: z.int(), of: z.int(), known_since: z.string() })
  .nullable()
  .describe(
    'Of the runs that GitHub counts on the days it was asked about, how many are known with their end; null: not known, GitHub was not asked',
  );
export type Completeness = z.output<typeof completeness>;

/** Of a project, over the days that GitHub is asked about. */
export const READ_COMPLETENESS = operation({
  name: 'read_completeness',
  summary: 'Says how many of the runs that GitHub counts in the last 35 days are known here.',
  scope: 'read',
  hints: READS,
  input: z.strictObject({ project_id: id }),
  output: z.object({ completeness }),
  run: 'read_completeness',
  finish: (answer) => ({ completeness: answer }),
});
