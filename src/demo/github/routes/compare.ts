// The stand-in's comparisons of a commit with a branch.

import { type Answer, notFound, type RepositoryCall, type RepositoryRoutes } from './route.ts';

/** The one route under `/compare`. */
export const compareRoutes: RepositoryRoutes = {
  'GET /repos/{owner}/{repo}/compare/{basehead}': { needs: ['contents:read'], answer: compare },
};

/** Knows the commits of pull requests alone: each left its base where the pull request says, and changes the files that it changes. */
function compare({ inside, contract, parameters }: RepositoryCall): Answer {
  const [, head = ''] = String(parameters.basehead).split('...');
  const former = inside.pullsOfCommit.get(head) ?? new Set();
  const pull = [...inside.pulls.values()].find((one) => one.head.sha === head || former.has(one.number));
  if (pull === undefined) return notFound();
  const example = contract.example('commit-comparison');
  const [file] = Array.isArray(example.files) ? example.files : [];
  const files = (inside.pullFiles.get(pull.number) ?? []).map(
    ({ filename, previousFilename, status, additions, deletions }) => ({
      ...(typeof file === 'object' && file !== null && !Array.isArray(file) ? file : {}),
      ...{ filename, status, additions, deletions, changes: additions + deletions },
      ...(previousFilename === undefined ? {} : { previous_filename: previousFilename }),
    }),
  );
  const base = example.merge_base_commit;
  const merge_base_commit = {
    ...(typeof base === 'object' && base !== null && !Array.isArray(base) ? base : {}),
    sha: pull.base.sha,
  };
  return { status: 200, body: { ...example, merge_base_commit, files } };
}
