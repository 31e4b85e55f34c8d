// Reads and writes the App's own check runs, and reads the annotations of any check run.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import type { CheckAnnotation, RequestedCheckRun } from '../model/publication.ts';
import { asking, madeId } from './github-error.ts';

/** GitHub takes at most 50 annotations a request and adds them to those that are there: docs/github.md#annotations */
export const ANNOTATIONS_PER_REQUEST = 50;

type CheckRunData = RestEndpointMethodTypes['checks']['get']['response']['data'];

/** A check run as it stands on GitHub, under GitHub's names for its fields. Title and summary are null when none was written. */
export type StandingCheckRun = Readonly<
  Pick<CheckRunData, 'id' | 'external_id' | 'status' | 'conclusion'> &
    Pick<CheckRunData['output'], 'title' | 'summary' | 'annotations_count'>
>;

/** What one request sends. GitHub adds the `annotations` to those that the check run has already. */
export type CheckRunContent = Pick<RequestedCheckRun, 'status' | 'conclusion' | 'title' | 'summary'> & {
  readonly annotations: readonly CheckAnnotation[];
};

/** Returns the check run with that id, or null when there is none (HTTP 404). Throws what `githubError` returns. */
export async function readCheckRun(
  octokit: ProbotOctokit,
  place: { owner: string; repo: string; check_run_id: number },
): Promise<StandingCheckRun | null> {
  try {
    const asked = `read check run ${place.check_run_id} in ${place.owner}/${place.repo}`;
    const { data } = await asking(asked, () => octokit.rest.checks.get(place));
    return standingOf(data);
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return null;
    throw error;
  }
}

/**
 * Returns the App's check runs on a commit that have this name and `external_id`, newest first. Completed ones, and ones that a
 * newer one replaced, are among them. Throws what `githubError` returns.
 */
export async function findOwnCheckRuns(
  octokit: ProbotOctokit,
  search: { owner: string; repo: string; head_sha: string; name: string; appId: number; external_id: string },
): Promise<StandingCheckRun[]> {
  const { owner, repo, head_sha, name, appId, external_id } = search;
  const found: StandingCheckRun[] = [];
  await asking(`list the check runs of ${owner}/${repo}@${head_sha}`, async () => {
    const pages = octokit.paginate.iterator(octokit.rest.checks.listForRef, {
      owner,
      repo,
      ref: head_sha,
      check_name: name,
      app_id: appId,
      filter: 'all',
      per_page: 100,
    });
    for await (const { data } of pages) {
      found.push(...data.map(standingOf).filter((run) => run.external_id === external_id));
    }
  });
  return found.sort((a, b) => b.id - a.id);
}

/**
 * Makes a check run and returns its id. The request is sent once: when its answer is lost (`Transient`), search for `external_id`
 * with `findOwnCheckRuns` before making another.
 */
export async function createCheckRun(
  octokit: ProbotOctokit,
  place: { owner: string; repo: string; name: string; head_sha: string; external_id: string },
  content: CheckRunContent,
): Promise<number> {
  const asked = `create check run "${place.name}" on ${place.owner}/${place.repo}@${place.head_sha}`;
  return madeId(await asking(asked, () => octokit.rest.checks.create({ ...place, ...sent(content) })), asked);
}

/** Changes a check run to this content. Throws `Rejected` with code 404 when the check run does not exist any more. */
export async function updateCheckRun(
  octokit: ProbotOctokit,
  place: { owner: string; repo: string; check_run_id: number },
  content: CheckRunContent,
): Promise<void> {
  const asked = `update check run ${place.check_run_id} in ${place.owner}/${place.repo}`;
  await asking(asked, () => octokit.rest.checks.update({ ...place, ...sent(content) }));
}

function sent({ status, conclusion, title, summary, annotations }: CheckRunContent) {
  const output = { title, summary, annotations: annotations.map((annotation) => ({ ...annotation })) };
  // GitHub finishes a check run that is sent a conclusion whatever its status, so an unfinished one gets none.
  return status === 'completed' && conclusion !== null ? { status, conclusion, output } : { status, output };
}

function standingOf(data: CheckRunData): StandingCheckRun {
  const { id, external_id, status, conclusion, output } = data;
  const { title, summary, annotations_count } = output;
  return { id, external_id, status, conclusion, title, summary, annotations_count };
}

type ListedAnnotation = RestEndpointMethodTypes['checks']['listAnnotations']['response']['data'][number];

/** One annotation, its lines counted from 1; every text in it may come from a stranger. */
export interface Annotation
  extends Readonly<Pick<ListedAnnotation, 'path' | 'start_line' | 'end_line' | 'annotation_level'>> {
  /** Empty when the writer gave none; so is `message`. */
  readonly title: string;
  readonly message: string;
}

const PER_PAGE = 100;
const MAX_PAGES = 10;

/**
 * Returns the annotations of one check run in GitHub's order, at most 1,000; empty when GitHub does not know the check run. The
 * list may lack some: Actions keeps 10 warnings and 10 errors a step. The runner's own "Process completed with exit code" is left
 * out, because the conclusion says the same.
 * docs/github.md#annotations
 */
export async function readAnnotations(
  octokit: ProbotOctokit,
  place: { owner: string; repo: string; check_run_id: number },
): Promise<Annotation[]> {
  const found: Annotation[] = [];
  try {
    await asking(
      `list the annotations of check run ${place.check_run_id} in ${place.owner}/${place.repo}`,
      async () => {
        for (let page = 1; page <= MAX_PAGES; page += 1) {
          const { data } = await octokit.rest.checks.listAnnotations({ ...place, per_page: PER_PAGE, page });
          found.push(...data.filter(({ message }) => !isGeneric(message)).map(annotationOf));
          if (data.length < PER_PAGE) break;
        }
      },
    );
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return [];
    throw error;
  }
  return found;
}

function annotationOf({ path, start_line, end_line, annotation_level, title, message }: ListedAnnotation): Annotation {
  return { path, start_line, end_line, annotation_level, title: title ?? '', message: message ?? '' };
}

function isGeneric(message: string | null): boolean {
  return message?.startsWith('Process completed with exit code ') ?? false;
}
