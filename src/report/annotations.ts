// Turns failures that name a file and a line, and problems of a new policy, into annotations on the diff. Pure.

import type { PolicyProblem } from '../model/gate.ts';
import type { CheckAnnotation } from '../model/publication.ts';
import type { FurtherCause, OtherLines, PullRequestReport, ReportFailure } from '../model/pull-request.ts';
import { POLICY_PATH } from '../policy/schema/policy.ts';
import { oneLine, shorten } from '../text/outside-text.ts';
import { compareNames, isNotYours } from './failures/failures.ts';

const TITLE_BYTES = 200;
const MESSAGE_BYTES = 4096;
const MESSAGE_LINE_BYTES = 1000;
/** A stranger's file may have thousands. */
const PROBLEMS_SHOWN = 20;
/** Five requests' worth, for what else broke: each of 256 jobs may name 19 such causes, and GitHub stops who writes too much. */
const FILLED_UP_TO = 250;
const PATH_CHARACTERS = 500;
const LAST_LINE = 2 ** 31 - 1;

/**
 * One annotation for each place of a failure, as many as there are; up to 250 of them in all also for what else broke in the same
 * jobs and for the first three others of a kind; and for the first problems of a policy that the pull request brings. Sorted by
 * path and line: GitHub takes 50 a request
 * (docs/github.md#annotations). Paths that are not plainly inside the repository are left out, and so is what is not the author's.
 */
export function annotationsOf(report: PullRequestReport): CheckAnnotation[] {
  const failures = [...report.jobs, ...report.deployments].flatMap(({ failure }) =>
    failure === null || isNotYours({ failure }) ? [] : failure,
  );
  const first = onePerPlace(failures.flatMap(annotationOf));
  const others = onePerPlace(
    failures.flatMap((failure) => [...ofOthers(failure), ...failure.further_causes.flatMap(ofCause)]),
  );
  const ofFailures = onePerPlace([...first, ...others.slice(0, Math.max(0, FILLED_UP_TO - first.length))]);
  return [...ofFailures, ...report.proposed_problems.slice(0, PROBLEMS_SHOWN).map(policyAnnotation)].toSorted(
    comparePlaces,
  );
}

function onePerPlace(all: readonly CheckAnnotation[]): CheckAnnotation[] {
  const byPlace = Map.groupBy(all, ({ path, start_line, title }) => JSON.stringify([path, start_line, title]));
  return [...byPlace.values()]
    .flatMap((same) => same.toSorted((a, b) => compareNames(a.message, b.message)).slice(0, 1))
    .toSorted(comparePlaces);
}

function comparePlaces(a: CheckAnnotation, b: CheckAnnotation): number {
  return compareNames(a.path, b.path) || a.start_line - b.start_line || compareNames(a.title, b.title);
}

function policyAnnotation({ line, column, path, message, is_warning }: PolicyProblem): CheckAnnotation {
  const where = path === '' ? `column ${column}` : `column ${column}, ${path}`;
  const at = Math.min(line, LAST_LINE);
  return {
    path: POLICY_PATH,
    start_line: at,
    end_line: at,
    annotation_level: is_warning === true ? 'warning' : 'failure',
    title: is_warning === true ? 'policy' : 'broken policy',
    message: oneLine(`${where}: ${message}`, MESSAGE_LINE_BYTES),
  };
}

function ofCause({ line_text, ...cause }: FurtherCause): CheckAnnotation[] {
  const failure = { ...cause, message: line_text };
  return [...annotationOf(failure), ...ofOthers(failure)];
}

/** Of the others of its kind those that are named. */
function ofOthers(failure: Pinned): CheckAnnotation[] {
  return failure.other_lines.flatMap(({ text, file_path = null, line = null }) =>
    annotationOf({ ...failure, message: text, file_path, line, others: 0 }),
  );
}

type Pinned = OtherLines &
  Pick<ReportFailure, 'file_path' | 'line' | 'pattern' | 'message'> &
  Partial<Pick<ReportFailure, 'is_elsewhere'>>;

function annotationOf(failure: Pinned): CheckAnnotation[] {
  const { file_path, line, pattern } = failure;
  const path = file_path === null ? null : repositoryPath(file_path);
  if (path === null || line === null || !Number.isInteger(line) || line < 1 || line > LAST_LINE) return [];
  return [
    {
      path,
      start_line: line,
      end_line: line,
      annotation_level: pattern?.severity === 'warning' || pattern?.severity === 'info' ? 'warning' : 'failure',
      title: oneLine(pattern?.name ?? '', TITLE_BYTES) || 'unknown failure',
      message: messageOf(failure),
    },
  ];
}

// Runners on Windows write paths with backslashes; git does not.
function repositoryPath(path: string): string | null {
  const normal = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const parts = normal.split('/');
  if (normal.length > PATH_CHARACTERS || !normal.isWellFormed() || /[\u0000-\u001f\u007f]|^[a-z]+:/i.test(normal))
    return null;
  return parts.some((part) => part === '' || part === '.' || part === '..') ? null : normal;
}

function messageOf({ message, pattern, others, is_elsewhere }: Pinned): string {
  const more = others > 0 ? [`And ${others.toLocaleString('en-US')} more of this kind.`] : [];
  const advice = pattern
    ? [...more, `${is_elsewhere ? 'Possible' : 'Root'} cause: ${pattern.root_cause}`, `Fix: ${pattern.recommended_fix}`]
    : [];
  const lines = [message, ...advice].map((line) => oneLine(line, MESSAGE_LINE_BYTES)).filter((line) => line !== '');
  return shorten(lines.join('\n'), MESSAGE_BYTES) || 'no message';
}
