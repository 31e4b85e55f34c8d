// All that a verdict on one failure rests on, as one plain object: gathered first, kept with the verdict, judged by pure rules.
//
// Null always means "not known", never "no". What is known to be empty is an empty list, what is known to be so is true or
// false: the rules read every null against exonerating, so whoever fills this in writes null for what could not be had.

import { z } from 'zod';

const count = z.int().nonnegative();
const sha = z.string().min(1);
/** A time in ISO 8601, with its zone. */
const time = z.string().min(1);

/** What can be said of a test on the base branch; `new`: it never passed there. */
const TEST_STATES = ['broken', 'flaky', 'healthy', 'new', 'unknown'] as const;

const failingTest = z.object({
  /** The row of `tests`; null for one that has none (a fork's, one read from a log). */
  test_id: z.int().nullable(),
  suite: z.string(),
  name: z.string(),
  /** The file that holds it, as its report says it; null when no report does. */
  file: z.string().nullable(),
  /** What its monitor says of it on the base branch. */
  state: z.enum(TEST_STATES),
  /** Results on the base branch in the window of its monitor that failed, and all that ran there. */
  failed: count,
  runs: count,
  /** Whether it failed and passed on one commit of the base branch within the window. */
  base_mixed: z.boolean().nullable(),
});

const failure = z.object({
  /** The row of `errors`. */
  id: z.string(),
  fingerprint: z.string(),
  /** The job key; `workflow_path` is null for checks of others. `name` holds the part of the matrix. */
  job: z.object({ workflow_path: z.string().nullable(), event: z.string(), name: z.string() }),
  attempt: z.int().positive(),
  /** When the job ended; null when GitHub has not said it. */
  at: time.nullable(),
  head_sha: sha,
  /** What was tested: the head itself, or GitHub's merge of it into the base (`sha`: that merge commit, null when unknown). */
  sources: z.object({ kind: z.enum(['head', 'merge']), sha: sha.nullable() }),
  /** GitHub's word for how the job ended: `failure`, `cancelled`, `timed_out`, and so on; null when it has said none. */
  conclusion: z.string().nullable(),
  from_fork: z.boolean(),
  /** Who opened the pull request. */
  author: z.string().nullable(),
  /** Its number; null for a run that belongs to none. */
  pull_request: z.int().nullable(),
  /** The primary pattern; null when none matched. */
  pattern: z
    .object({ name: z.string(), category: z.string(), rank: z.enum(['cause', 'generic', 'consequence']) })
    .nullable(),
  log: z.enum(['fetched', 'missing', 'expired', 'none']),
  /** The step in which it broke. `is_service`: set-up, checkout, cache and the like. `ended`: GitHub heard it end by itself (a step that a lost runner left behind has no conclusion, or was cancelled). */
  step: z.object({
    name: z.string().nullable(),
    is_service: z.boolean().nullable(),
    ended: z.boolean().nullable(),
  }),
  /** Whether a step that runs code of the repository had begun by then; a job without any step ran none. */
  own_code_ran: z.boolean().nullable(),
  /** The words that say that the runner was lost, and who says them: GitHub on the check run, or a pattern that matched the log (which the job writes itself). */
  runner_lost: z.object({ words: z.string(), told_by: z.enum(['annotation', 'pattern']) }).nullable(),
  /** Files that the failure names: its location, the lock file for a `dependency`. Tests' files stand with the tests. Empty: it names none; null: not known. */
  files: z.array(z.string()).nullable(),
  /** Failing tests of this attempt by name, at most 50. Empty: the job is known to report none by name; null: not known (a report that can't be read or placed). */
  tests: z.array(failingTest).nullable(),
  /** Failing tests that are not in the list; null when nobody counted them. */
  tests_omitted: count.nullable(),
});

const ownAttempt = z.object({
  attempt: z.int().positive(),
  /** GitHub's word; null while it runs. */
  conclusion: z.string().nullable(),
  /** Whether all that failed here failed there as well. */
  same: z.boolean().nullable(),
});

/** How the job key ended on another commit; `none`: the commit is known to have no run of it (a filter by path), `other`: cancelled, skipped and the like. */
const RESULT_CONCLUSIONS = ['success', 'failure', 'other', 'none'] as const;

const result = z.object({
  sha,
  at: time.nullable(),
  /** Whether the commit lies before the base in the history of the base branch (or is the base). */
  before_base: z.boolean(),
  /** Null while it runs, and when it is not known. A commit without a result stands here with null, never is left out. */
  conclusion: z.enum(RESULT_CONCLUSIONS).nullable(),
  /** Whether *all* that failed here failed there as well: each failing test by name, where tests are known, else the same specific fingerprint. */
  same: z.boolean().nullable(),
  /** Whether attempts on that commit ended differently. */
  mixed: z.boolean(),
});

/** What may be missing. */
const MISSABLE = [
  'log',
  'base',
  'around',
  'own_attempts',
  'elsewhere',
  'changed_files',
  'annotations',
  'tests',
  'steps',
  'fingerprint',
] as const;

/** The evidence of one failure, version 1. */
export const verdictEvidence = z.object({
  version: z.literal(1),
  failure,
  /** What it followed from, when something says so: a sibling of the matrix failed, a newer run took its place, a job it needs failed. */
  follows: z
    .object({
      kind: z.enum(['sibling', 'superseded', 'needs']),
      job_name: z.string().nullable(),
      run_url: z.string().nullable(),
    })
    .nullable(),
  /** Other attempts of the same job key on the same sources. */
  own_attempts: z.array(ownAttempt),
  /** How telling the fingerprint is: in how many job keys of the repository it stood for different causes, and how many of its words are no masks. Null: not known. */
  specific: z.object({ is_specific: z.boolean(), job_keys: count, words: count }).nullable(),
  /** What the sources are compared with: the parent of the tested merge that is not the head, or the merge base; null when it can't be had. */
  base: z.object({ kind: z.enum(['merge_parent', 'merge_base']), sha, result: result.nullable() }).nullable(),
  /** The same job key on commits of the base branch around the base, without the base itself: at most 20, newest first; only runs that can be trusted. */
  around: z.array(result),
  /** Commits of the base branch within the window on which all that failed here failed and passed; null when it could not be counted. */
  base_flakes: count.nullable(),
  /** The same specific fingerprint on other pull requests. `trusted`: of a branch of this repository, by somebody who may write to it. */
  elsewhere: z.array(
    z.object({
      pull_request: z.int(),
      author: z.string().nullable(),
      at: time,
      run_url: z.string().nullable(),
      trusted: z.boolean(),
    }),
  ),
  /** Where the same job key passed before, on the base or on an earlier commit of the pull request. */
  earlier_pass: z.object({ sha, at: time.nullable(), where: z.enum(['base', 'pull_request']) }).nullable(),
  /** The name of the base branch, for the sentence. */
  base_branch: z.string().nullish(),
  /** How many files the pull request changes, and which of them the failure names (`filesTouched`); null when the whole list could not be had. */
  changed: z.object({ files: count.nullable(), touched: z.array(z.string()).nullable() }),
  /** What could not be had, and why, in words. */
  missing: z.array(z.object({ what: z.enum(MISSABLE), why: z.string() })),
});

/** The evidence of one failure. */
export type VerdictEvidence = z.infer<typeof verdictEvidence>;
/** How the job key ended on a commit of the base branch. */
export type BaseResult = z.infer<typeof result>;
/** A test that failed in the job. */
export type FailingTest = z.infer<typeof failingTest>;
/** The failure that the evidence is of. */
export type JudgedFailure = z.infer<typeof failure>;
