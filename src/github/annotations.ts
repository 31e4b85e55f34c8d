// Reads the annotations of a check run; a job of GitHub Actions is a check run of the same id. Steps may import it.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** One annotation; every text in it may come from a stranger. */
export interface Annotation {
  readonly path: string;
  /** 1-based. */
  readonly start_line: number;
  readonly end_line: number;
  /** notice, warning or failure; null when the writer gave none. */
  readonly annotation_level: string | null;
  readonly title: string;
  readonly message: string;
}

const PER_PAGE = 100;
const MAX_PAGES = 10;

/**
 * The annotations of one check run in GitHub's order, at most 1,000 of them; empty when the check run is not known. They
 * are partial evidence: Actions keeps 10 warnings and 10 errors a step. The runner's own "Process completed with exit
 * code" is left out, it says nothing that the conclusion does not.
 * https://docs.github.com/en/rest/checks/runs#list-check-run-annotations
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

type ListedAnnotation = Awaited<ReturnType<ProbotOctokit['rest']['checks']['listAnnotations']>>['data'][number];

function annotationOf({ path, start_line, end_line, annotation_level, title, message }: ListedAnnotation): Annotation {
  return { path, start_line, end_line, annotation_level, title: title ?? '', message: message ?? '' };
}

function isGeneric(message: string | null): boolean {
  return message?.startsWith('Process completed with exit code ') ?? false;
}
