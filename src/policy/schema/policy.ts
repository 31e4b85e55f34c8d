// What a team writes into `.github/codered.yml`: the Definition of Done and how it is evaluated. Pure.

import { z } from 'zod';
import { numberWords, singleWords } from '../../text/issue-words.ts';
import { globRefusal, listedGlob } from '../globs/glob.ts';
import { COMMENT_CHOICES } from './policy-comment.ts';
import { placeRefusal } from './policy-extends.ts';
import { scoreRefusal, sourceWords } from './value-words.ts';

/** Where the policy lies in a repository. */
export const POLICY_PATH = '.github/codered.yml';

/** The criteria of a Definition of Done, in the order in which they are shown. */
export const CRITERION_KEYS = [
  'lint_pass',
  'type_check',
  'coverage_min',
  'coverage_diff_min',
  'e2e_pass',
  'lighthouse_min',
] as const;
export type CriterionKey = (typeof CRITERION_KEYS)[number];

/** Lighthouse's categories, by the names that its reports use: https://github.com/GoogleChrome/lighthouse/blob/main/docs/understanding-results.md */
export const LIGHTHOUSE_CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo', 'pwa'] as const;

/** Conclusions of GitHub that say neither passed nor failed; a policy may accept some of them as passed. */
export const NO_VERDICTS = ['skipped', 'neutral', 'cancelled', 'stale'] as const;
export type NoVerdict = (typeof NO_VERDICTS)[number];

/** Parts of a repository, worst first. */
export const ZONES = ['red', 'yellow', 'green'] as const;
export type Zone = (typeof ZONES)[number];

const globOf = (text: (value: string) => string, described: string) =>
  z
    .string()
    .check(({ value, issues }) => {
      const reason = globRefusal(text(value));
      if (reason !== null) issues.push({ code: 'custom', message: reason, input: value });
    })
    .describe(described);
const GLOB = 'a glob from the root of the repository: ** is any depth, * a run within a name, {a,b} either';
const glob = globOf((value) => value, GLOB);
const zoneGlob = globOf((value) => listedGlob(value).glob, `${GLOB}; ! before it takes out of those above`);
const share = z
  .number({ error: numberWords('should be a share from 0 to 1, so 80 % is 0.80') })
  .min(0, 'should be a share from 0 to 1')
  .max(1, 'should be a share from 0 to 1, so 80 % is 0.80')
  .describe('a share from 0 to 1, so 80 % is 0.80');
const score = z
  .number({ error: numberWords('should be a score from 0 to 100') })
  .min(0, 'should be a score from 0 to 100')
  .max(100, 'should be a score from 0 to 100')
  .check(({ value, issues }) => {
    const message = scoreRefusal(value);
    // Going on makes a union report this, and not that the other shapes don't fit either.
    if (message !== null) issues.push({ code: 'custom', message, input: value, continue: true });
  })
  .meta({ description: 'a score from 0 to 100, so 0.9 is 90', not: { exclusiveMinimum: 0, maximum: 1 } });
const name = z.string().trim().min(1, 'must not be empty').max(255, 'is longer than 255 characters');
const workflow = name
  .regex(
    /^(?:\.github\/workflows\/)?[^/*?\\]+\.ya?ml$|^dynamic\/[^*?\\]+$/,
    'should be the file name of a workflow in .github/workflows, like ci.yml',
  )
  .optional();

const coverage = z.union(
  [
    share,
    z.strictObject({
      total: share.optional(),
      flags: z.record(name, share).optional().describe('by the artifact that carries the flag in its name'),
      paths: z.record(glob, share).optional().describe('by a glob over the files of the report'),
    }),
  ],
  { error: numberWords('should be a share from 0 to 1 (80 % is 0.80), or total, flags and paths with a share each') },
);
const lighthouse = z.union([score, z.partialRecord(z.enum(LIGHTHOUSE_CATEGORIES), score)], {
  error: numberWords(
    'should be a score from 0 to 100, or a score for some of performance, accessibility, best-practices, seo',
  ),
});

const dod = z
  .strictObject({
    coverage_min: coverage.optional().describe('least share of lines that the tests run'),
    coverage_diff_min: share.optional().describe('least share of the changed lines that the tests run'),
    e2e_pass: z.boolean().optional().describe('end-to-end tests ran, at least one, and all passed'),
    lighthouse_min: lighthouse.optional().describe('least Lighthouse score: performance, or by category'),
    lint_pass: z.boolean().optional().describe('the linter ran and found no error'),
    type_check: z.boolean().optional().describe('the type checker ran and found no error'),
  })
  .describe('the Definition of Done: each criterion that stands here has to be met');

const accept = z
  .array(z.enum(NO_VERDICTS))
  .optional()
  .describe('conclusions that are no verdict and shall count as passed all the same');
const source = z.union(
  [
    z.strictObject({
      job: name,
      workflow: workflow.describe(
        'file name of the workflow: where several have a job of that name, and where it runs for another event than push, pull_request and merge_group',
      ),
      accept,
    }),
    z.strictObject({
      check: name,
      app: name.optional().describe('slug of the App that the check run has to come from'),
      accept,
    }),
    z.strictObject({ status: name.describe('context of the commit status') }),
    z.strictObject({
      artifact: name,
      workflow: workflow.describe('file name of the workflow, as for a job'),
    }),
  ],
  { error: sourceWords('should be one of { job }, { check }, { status } or { artifact }, with its name') },
);
/** Where a criterion's measurement comes from. */
export type Source = z.infer<typeof source>;

const evidence = z
  .strictObject(
    Object.fromEntries(CRITERION_KEYS.map((key) => [key, source.optional()])) as Record<
      CriterionKey,
      z.ZodOptional<typeof source>
    >,
  )
  .describe('where each criterion is measured; found by job, check and artifact names when left out');

const when = z.strictObject({
  zones: z.array(z.enum(ZONES)).min(1, 'needs at least one of red, yellow, green'),
  dod,
});

const COMMENTS = `should be one of ${COMMENT_CHOICES.join(', ')}`;
const commentChoice = z.enum(COMMENT_CHOICES, { error: singleWords(COMMENTS) });
const comment = z.union(
  [
    commentChoice,
    z.strictObject({
      default: commentChoice.optional(),
      drafts: commentChoice.optional().describe('on pull requests that are drafts'),
      bots: commentChoice.optional().describe('on pull requests of bots'),
    }),
  ],
  { error: singleWords(`${COMMENTS}, or default, drafts and bots with one of them each`) },
);

const extended = z
  .string()
  .max(500, 'is longer than 500 characters')
  .check(({ value, issues }) => {
    const reason = placeRefusal(value);
    if (reason !== null) issues.push({ code: 'custom', message: reason, input: value });
  })
  .describe('owner/repo[@ref]:path of a policy of the same owner, on top of which this one counts');

/** The whole file. */
export const policySchema = z.strictObject({
  dod,
  evidence: evidence.optional(),
  deadline_minutes: z
    .int({ error: numberWords('should be a whole number of minutes') })
    .min(1, 'should be at least 1')
    .max(1440, 'should be at most 1440, which is a day')
    .default(60)
    .describe('how long a measurement is waited for until it counts as missing'),
  zones: z
    .partialRecord(z.enum(ZONES), z.array(zoneGlob))
    .optional()
    .describe('parts of the repository, by globs over the changed files'),
  when: z
    .union([when, z.array(when)], { error: 'should be { zones, dod } or a list of those' })
    .optional()
    .describe('what a change in some zones needs on top'),
  no_runs: z
    .strictObject({
      after_minutes: z
        .int({ error: numberWords('should be a whole number of minutes') })
        .min(1, 'should be at least 1')
        .max(1440, 'should be at most 1440, which is a day')
        .optional()
        .describe('how long a first workflow run on the commit is waited for; 10 unless the server has another number'),
      conclusion: z
        .enum(['action_required', 'failure', 'neutral', 'success'])
        .default('action_required')
        .describe('what the check run concludes then; neutral and success let the pull request be merged untested'),
    })
    .optional()
    .describe(
      'what holds where no workflow runs on a commit, as path filters, a skip instruction or a conflict have it',
    ),
  environments: z.array(name).optional().describe('deployments to these wait for the gate'),
  override: z
    .strictObject({
      roles: z.array(z.enum(['write', 'maintain', 'admin'])).optional(),
      teams: z.array(name).optional().describe('slugs of teams of the organisation'),
      agents: z.boolean().optional().describe('whether an agent may override for a person who may; false unless told'),
    })
    .optional()
    .describe('who may override a criterion; maintain and admin when left out'),
  merge_queue: z
    .enum(['full', 'trust_pr'])
    .default('full')
    .describe(
      'full: the commit of a merge queue is judged by its own runs; trust_pr: by those of the pull request when it holds the same files',
    ),
  extends: extended.optional(),
  mode: z
    .enum(['enforce', 'observe'])
    .optional()
    .describe('observe: everything is judged and shown, and nothing is held back; enforce unless told'),
  observe_days_after_installation: z
    .int({ error: numberWords('should be a whole number of days') })
    .min(1, 'should be at least 1')
    .max(90, 'should be at most 90')
    .optional()
    .describe('for so many days after the App was installed the mode is observe'),
  comment: comment.optional().describe('when a pull request gets a comment; on_failure unless told'),
  repositories_may: z
    .enum(['ask_for_more', 'ask_for_less'])
    .optional()
    .describe(
      'whether the policy of a repository that stands on top of this one may ask for less; ask_for_more unless told',
    ),
});

/** A policy that has been read and checked. */
export type Policy = z.infer<typeof policySchema>;
export type Dod = z.infer<typeof dod>;

/** With one of these keys a file needs no `dod`: it asks for nothing itself, or other files ask. */
export const WITHOUT_DOD = ['extends', 'mode', 'when'] as const;

/** The policy as JSON Schema (2020-12), for editors. */
export function policyJsonSchema(): object {
  const { required: _, ...schema } = z.toJSONSchema(policySchema, { io: 'input' });
  return {
    ...schema,
    anyOf: ['dod', ...WITHOUT_DOD].map((key) => ({ required: [key] })),
    title: 'CodeRed policy',
    description: `${POLICY_PATH}: what a pull request needs before it can be merged.`,
  };
}
