// Asks GitHub about one thing that stays as it is for longer than it may, and puts the answer into the inbox as deliveries.
import type { ProbotOctokit } from 'probot';
import {
  type AskedPlace,
  type AskedRun,
  deploymentDelivery,
  deploymentStatusDelivery,
  jobDelivery,
  pullRequestDelivery,
  runDelivery,
} from '../asked/asked-delivery.ts';
import { storeAsked } from '../asked/store-asked.ts';
import type { Brain } from '../brain/client.ts';
import {
  countRuns,
  listChangedPulls,
  listJobs,
  listRuns,
  type Named,
  readDeployment,
  readRunUnlessSame,
} from '../github/present.ts';
import { Rejected } from '../model/errors.ts';

/** Where is asked, and with what. */
export interface Asking {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokit: ProbotOctokit;
  readonly place: AskedPlace;
}

/** What `take_sweep_subject` gives. */
export interface SweepSubject {
  readonly repository_id: number;
  readonly kind: string;
  readonly subject: string;
  readonly etag: string | null;
}

/**
 * Asks about a subject and returns how many deliveries are new. What GitHub does not say changes nothing: a run that is not found or not
 * listed is asked for again at its time. Throws what the requests and `storeAsked` throw.
 */
export async function askSubject(asked: SweepSubject, asking: Asking): Promise<number> {
  const { octokit, place, brain } = asking;
  const where = nameOf(place);
  if (asked.kind === 'run') return askRun(asked, asking);
  if (asked.kind === 'head') return storeRuns(await listRuns(octokit, { ...where, head_sha: asked.subject }), asking);
  const { deployment, statuses } = await readDeployment(octokit, { ...where, deployment_id: Number(asked.subject) });
  const told = statuses.map((status) => deploymentStatusDelivery(place, deployment, status));
  return storeAsked(brain, [deploymentDelivery(place, deployment), ...told]);
}

async function askRun({ repository_id, kind, subject, etag }: SweepSubject, asking: Asking): Promise<number> {
  const { octokit, place, brain } = asking;
  const found = await readRunUnlessSame(octokit, { ...nameOf(place), run_id: Number(subject), etag });
  if (found === null) return 0;
  const stored = await storeRuns([found.run], asking);
  // Kept once the answer is stored: else what was lost in between would never be told again.
  if (found.etag !== null) await brain.call('note_sweep_answer', { repository_id, kind, subject, etag: found.etag });
  return stored;
}

/** What a lost delivery told, as `take_sweep_request` gives it: all of a kind since a time. */
export interface SweepRequest {
  readonly kind: string;
  readonly since: string;
}

/** Asks for it and returns how many deliveries are new; null for a kind that GitHub has no list of. Throws as `askSubject` does. */
export async function askRequest({ kind, since }: SweepRequest, asking: Asking): Promise<number | null> {
  const { octokit, place, brain } = asking;
  const where = nameOf(place);
  if (kind === 'pull_request') {
    const pulls = await listChangedPulls(octokit, { ...where, since });
    return storeAsked(
      brain,
      pulls.map((pull) => pullRequestDelivery(place, pull)),
    );
  }
  if (kind !== 'workflow_run' && kind !== 'workflow_job') return null;
  const from = new Date(Date.parse(since) - RUN_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  return storeRuns(await listRuns(octokit, { ...where, created: `>=${from}` }), asking);
}

/** Has GitHub count the runs of a day that is over, and keeps the count. Throws as `askSubject` does. */
export async function askRunCount(
  { repository_id, day }: { readonly repository_id: number; readonly day: string },
  asking: Asking,
) {
  const told = await countRuns(asking.octokit, { ...nameOf(asking.place), day });
  await asking.brain.call('note_run_count', { repository_id, day, told });
}

/** A run that was told of at a time was made at most so long before: GitHub ends it then. docs/github.md#runs-jobs-and-attempts */
const RUN_MS = 6 * 3_600_000;

/** The jobs go first: a run's end without its jobs would be diagnosed as a workflow file that is not valid. */
async function storeRuns(runs: readonly AskedRun[], { octokit, place, brain }: Asking): Promise<number> {
  let stored = 0;
  for (const run of runs) {
    const attempt_number = run.run_attempt ?? 1;
    const jobs = await listJobs(octokit, { ...nameOf(place), run_id: run.id, attempt_number }).catch(orNone);
    stored += await storeAsked(brain, [...jobs.map((job) => jobDelivery(place, job)), runDelivery(place, run)]);
  }
  return stored;
}

/** A run that is listed may be gone a moment later. */
function orNone(error: unknown): readonly [] {
  if (error instanceof Rejected && error.code === '404') return [];
  throw error;
}

function nameOf({ repository }: AskedPlace): Named {
  return { owner: repository.owner.login, repo: repository.name };
}
