// The database that story tests hand on to each other: nothing of one story may be there in the next.

import { expect, test } from 'vitest';
import { borrowBrain, openTestBrain } from './support/brain.ts';
import { rowsOf } from './support/brain-rows.ts';
import { commitFact, jobFact, pullRequestFact, runFact, tell } from './support/fact-rows.ts';

test('what was told to a borrowed brain is gone when it is borrowed again, and what the migrations bring is there', async () => {
  const fresh = await openTestBrain('embedded');
  const expected = await rowsOf(fresh);
  await fresh.close();
  const first = await borrowBrain();
  const files = ['.github/codered.yml', 'specs/shop.md'];
  const ref = 'refs/heads/main';
  await tell(first, { pull_requests: [pullRequestFact()], commits: [commitFact({ ref, files })] });
  await tell(first, { ci_events: [runFact()], ci_jobs: [jobFact()] });
  await first.close();
  const second = await borrowBrain();
  expect(await rowsOf(second)).toEqual(expected);
});
