// Reads a job's log at GitHub for somebody who may read the repository.
import { setImmediate } from 'node:timers/promises';
import type { Brain } from '../brain/client.ts';
import { type CleanLine, createLineCleaner } from '../diagnose/log/clean-log.ts';
import { readJobLog } from '../github/runs.ts';
import { Rejected } from '../model/errors.ts';
import type { Asker, LogPlace } from '../operations/declared/ask-github.ts';
import { type OctokitFor, repositoryAt } from './installed-repository.ts';
import { mayRead } from './person-at-github.ts';

/** So much of a log is read: a person waits for it. */
const MOST_BYTES = 32 * 1024 * 1024;
const IDLE_MS = 10_000;

/** As `AskGithub.readLog` says. Throws what `githubError` returns besides. */
export async function readLog(
  { userId }: Asker,
  { repository, installation_id, job_id }: LogPlace,
  onLine: (line: CleanLine) => boolean,
  {
    brain,
    octokitFor,
    maxBytes = MOST_BYTES,
  }: { readonly brain: Pick<Brain, 'call'>; readonly octokitFor: OctokitFor; readonly maxBytes?: number },
): Promise<{ isWhole: boolean }> {
  const [owner = '', name = ''] = repository.split('/');
  const at = await repositoryAt({ owner, name, installation_id }, octokitFor);
  if (!(await mayRead(brain, at, userId)))
    throw new Rejected(`There is no repository ${repository} that you may read.`, { code: 'CR004' });
  const { repo, octokit } = at;
  const log = await readJobLog(octokit, { owner, repo, job_id, maxBytes, idleMs: IDLE_MS });
  if (log.state === 'expired') throw new Rejected('GitHub no longer keeps the log of this job.', { code: 'CR015' });
  if (log.state === 'missing') {
    const words = `GitHub has no log of job ${job_id}: it appears some seconds after the job is over, and some jobs have none.`;
    throw new Rejected(words, { code: 'CR003' });
  }
  let isWanted = true;
  const cleaner = createLineCleaner((line) => {
    isWanted &&= onLine(line);
  });
  for await (const chunk of log.stream) {
    cleaner.write(chunk);
    if (!isWanted) return { isWhole: true };
    // Other requests have their turn between two pieces, however fast they come.
    await setImmediate();
  }
  cleaner.end();
  return { isWhole: !log.truncated() };
}
