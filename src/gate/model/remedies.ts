// What to do about a criterion that cannot be evaluated: what the verdict itself knows, else by the code of what is wrong. The
// reason beside it says where. Pure.

import type { CriterionVerdict, FailCode } from './verdict.ts';

/** Of what is not to be trusted the reason says itself who has to look; what was measured and is too little has no recipe. */
const REMEDIES: Readonly<Partial<Record<FailCode, string>>> = {
  ARTIFACT_UNREADABLE:
    'have the tool write that report again and upload it whole, or name another artifact under evidence in the policy',
  ARTIFACTS_DISAGREE: 'let one job make the report, or upload reports that name lines: those can be joined',
  NOTHING_MEASURED: 'see what the tool is told to measure, and that its paths are those of the repository',
  EVIDENCE_MISSING: 'see that what makes it runs for this commit and is over well, then run it again',
  EVIDENCE_STALE: 'run all jobs of that workflow again, so that the report is made anew',
  NO_VERDICT: 'have it run, or name that outcome under accept in the policy',
};

/** Where the cause is known: a remedy by the code alone would say the contrary of the reason. */
export const REMEDY = {
  otherName: 'have one of that name run for this commit, or name the one that is meant under evidence in the policy',
  otherPlace: 'name the place that it is of under evidence in the policy',
  notPlain: 'name the job that does it under evidence in the policy, or add one',
  otherArtifact:
    'have a job upload it under that name, or name the artifact that is meant under evidence in the policy',
  noArtifact: 'have a job upload the report as an artifact, also when its tests fail (if: always())',
  otherKind:
    'name the artifact that holds such a report under evidence in the policy, or upload it in a format that CodeRed reads',
  endToEnd:
    'have Playwright write JSON or JUnit beside its HTML report (reporter), or Cypress mochawesome’s JSON, or either CTRF; TRX and Allure are not read',
  runs: 'see why that job takes so long, or let it run in a workflow of its own',
  waits: 'give that job its runner or its approval, or let it run in a workflow of its own',
  slow: 'see why it takes so long, or set a longer deadline_minutes in the policy',
  unknownWorkflow: 'run that workflow again, so that GitHub tells of it anew',
  part: 'have each part upload its report, also when its tests fail (if: always()), then run the jobs that failed again',
  overrideLines: 'have somebody look at it and override it: /codered override coverage_diff_min and why',
  linesUnknown:
    'make the pull request smaller, or have somebody look at it and override it: /codered override coverage_diff_min and why',
  namesLines: 'have the tool write one of the formats that name lines',
  fewerGlobs: 'ask for fewer shares, or with simpler globs',
  category: 'have Lighthouse measure that category (onlyCategories), or leave it out of the policy',
  otherFailed: 'mend that job first, or have this one run',
  skippedStep: 'have that step run, or name the job that does the work under evidence in the policy',
  fitsGlob: 'write the glob from the root of the repository, and have the reports name files from there',
  smaller: 'upload the report alone, without what is not read',
} as const;

/** How reasons begin why an artifact could not be had whole, which writing the report again would not mend. */
const UNREADABLE: readonly (readonly [begins: string, remedy: string])[] = [
  ['it has expired', 'run the job that makes it again'],
  ['GitHub no longer has it', 'run the job that makes it again'],
  ['it belongs to commit', 'have it made by a run on this commit'],
  ['it is larger than', REMEDY.smaller],
  ['its SHA-256', 'run the job that makes it again'],
  ['the run has more than', 'put several files into one artifact'],
  ['the quota of', 'upload less, or wait until the quota has room again'],
];

/** What to do about an artifact that cannot be read, by the reason `why`; undefined: the advice for its code is right. */
export function remedyOfUnreadable(why: string | null): string | undefined {
  return UNREADABLE.find(([begins]) => why?.startsWith(begins) === true)?.[1];
}

/** What to do, in words of our own, without a full stop; null when the criterion was evaluated, or there is no advice. */
export function remedyOf({
  state,
  fail_codes,
  remedy,
}: Pick<CriterionVerdict, 'state' | 'fail_codes' | 'remedy'>): string | null {
  if (state !== 'error' && state !== 'missing') return null;
  return remedy ?? fail_codes.map((code) => REMEDIES[code] ?? null).find((known) => known !== null) ?? null;
}
