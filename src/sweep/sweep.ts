// Finds what stays as it is for longer than it may, and what lost deliveries told, and asks GitHub how it stands: installation by
// installation, so many questions each. What is left of them goes to counting the runs of days that are over.
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import type { AskedPlace } from '../asked/asked-delivery.ts';
import type { Brain } from '../brain/client.ts';
import { readRepositoryById } from '../github/present.ts';
import { asError, Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { askRequest, askRunCount, askSubject } from './ask-subject.ts';

export interface SweepDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly appId: number;
  /** Signs in to an installation; its requests are for the sweep. */
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** What is asked about of one installation in one turn; each may take some requests. */
  readonly mostOfOne: number;
  readonly stop: AbortSignal;
}

/** What a turn did. */
export interface Swept {
  readonly found: number;
  readonly asked: number;
  /** Deliveries that were made of the answers, and that the inbox did not have. */
  readonly stored: number;
}

/** So many of each kind are found in a turn. */
const FOUND_MOST = 500;
/** Days of repositories whose known runs are counted again in a turn. */
const RECOUNTED = 200;

/**
 * One turn. What one installation refuses (a permission, a suspension, a rate limit) is logged, and the others go on. Throws what
 * `brain.call` throws.
 */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const { brain, log, stop } = deps;
  const found = await brain.call('find_sweep_subjects', { batch: FOUND_MOST });
  let [asked, stored] = [0, 0];
  for (const { installation_id } of await brain.call('sweep_installations', {})) {
    if (stop.aborted) break;
    const done = await sweepInstallation(installation_id, deps);
    asked += done.asked;
    stored += done.stored;
  }
  await brain.call('recount_runs', { batch: RECOUNTED });
  if (asked > 0) log.info({ found, asked, stored }, 'GitHub was asked how it stands with what nothing told of');
  return { found, asked, stored };
}

type Done = Pick<Swept, 'asked' | 'stored'>;

async function sweepInstallation(installation_id: number, deps: SweepDeps): Promise<Done> {
  const { brain, mostOfOne, stop } = deps;
  const done = { asked: 0, stored: 0 };
  try {
    const octokit = await deps.octokitFor(installation_id);
    const placeOf = keepPlaces(octokit, installation_id, deps.appId);
    while (done.asked < mostOfOne && !stop.aborted) {
      const next =
        (await takeSubject(installation_id, brain)) ??
        (await takeRequest(installation_id, deps)) ??
        (await takeRunCount(installation_id, brain));
      if (next === null) break;
      done.asked += 1;
      done.stored += await unlessRefused(
        async () => next.ask({ brain, octokit, place: await placeOf(next.repository_id) }),
        deps,
      );
    }
  } catch (thrown) {
    tell(asError(thrown), installation_id, deps.log);
  }
  return done;
}

interface Next {
  readonly repository_id: number;
  readonly ask: (asking: Parameters<typeof askSubject>[1]) => Promise<number>;
}

async function takeSubject(installation_id: number, brain: SweepDeps['brain']): Promise<Next | null> {
  const [subject] = await brain.call('take_sweep_subject', { installation_id });
  if (subject === undefined) return null;
  return { repository_id: subject.repository_id, ask: (asking) => askSubject(subject, asking) };
}

async function takeRequest(installation_id: number, { brain, log }: SweepDeps): Promise<Next | null> {
  const [request] = await brain.call('take_sweep_request', { installation_id });
  if (request === undefined) return null;
  const { id, repository_id, kind } = request;
  const ask: Next['ask'] = async (asking) => {
    const stored = await askRequest(request, asking);
    if (stored === null)
      log.warn({ kind, repository_id }, 'what a lost delivery told can not be asked for: GitHub has no list of it');
    await brain.call('finish_sweep_request', { id });
    return stored ?? 0;
  };
  return { repository_id, ask };
}

async function takeRunCount(installation_id: number, brain: SweepDeps['brain']): Promise<Next | null> {
  const [due] = await brain.call('take_run_count', { installation_id });
  if (due === undefined) return null;
  return { repository_id: due.repository_id, ask: (asking) => askRunCount(due, asking).then(() => 0) };
}

/**
 * What is refused about one thing, such as that it is not there, ends nothing and holds up nothing else: it is asked for again at its
 * time, and given up in the end.
 */
async function unlessRefused(ask: () => Promise<number>, { log }: SweepDeps): Promise<number> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Rejected) || error.code === 'installation_gone') throw error;
    const isAbsent = error.code === '404' || error.code === '410';
    log[isAbsent ? 'debug' : 'warn']({ err: error }, 'GitHub does not say what was asked for; it is asked for again');
    return 0;
  }
}

/** Each repository is looked up once a turn, by its id: it may have another name by now. */
function keepPlaces(octokit: ProbotOctokit, installation_id: number, app_id: number) {
  const known = new Map<number, AskedPlace>();
  return async (repositoryId: number): Promise<AskedPlace> => {
    const place = known.get(repositoryId) ?? {
      ...{ app_id, installation_id },
      repository: await readRepositoryById(octokit, repositoryId),
    };
    known.set(repositoryId, place);
    return place;
  };
}

function tell(error: Error, installation_id: number, log: SweepDeps['log']): void {
  const isExpected = error instanceof Transient && (error.isExpected || error.retryAfterMs !== null);
  const level = isExpected ? 'debug' : 'warn';
  const hint = error instanceof Misconfigured ? '; nothing else of it is asked for in this turn' : '';
  log[level]({ err: error, installation_id }, `the sweep of an installation was cut short${hint}`);
}
