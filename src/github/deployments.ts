// Answers for a deployment that GitHub holds back.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/**
 * Approves or rejects a deployment that GitHub holds back for our answer. Returns false when GitHub takes no answer any more
 * (HTTP 422): it has one, or the run is over. Throws what `githubError` returns. docs/github.md#deployments
 */
export async function answerDeployment(
  octokit: ProbotOctokit,
  answer: {
    owner: string;
    repo: string;
    run_id: number;
    environment_name: string;
    state: 'approved' | 'rejected';
    comment: string;
  },
): Promise<boolean> {
  const asked = `answer for ${answer.environment_name} of run ${answer.run_id} in ${answer.owner}/${answer.repo}`;
  try {
    await asking(asked, () => octokit.rest.actions.reviewCustomGatesForRun(answer));
    return true;
  } catch (error) {
    if (error instanceof Rejected && error.code === '422') return false;
    throw error;
  }
}
