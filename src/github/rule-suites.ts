// Asks who bypassed the rules of a repository's refs. The gate's bypass step imports it.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Misconfigured, Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** One push that GitHub let past a rule. */
export interface BypassingPush {
  readonly id: number;
  /** A login, a bot's too; null for a push with a deploy key, and where GitHub tells none that can be kept. */
  readonly actor: string | null;
  /** What the ref was at after it. */
  readonly after_sha: string;
  /** Full, such as `refs/heads/main`. */
  readonly ref: string;
  /** ISO 8601. */
  readonly pushed_at: string;
}

/** What GitHub lists. */
export interface ListedPushes {
  readonly pushes: readonly BypassingPush[];
  /** How many more there are that are not as GitHub describes them: one of these hides no other. */
  readonly malformed: number;
}

/** What the brain can keep. */
const storable = (most: number) => z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'));

const list = z.array(z.unknown());
/** The API reference requires no field of these. */
const listedSuite = z.object({
  id: z.int().positive(),
  actor_name: storable(200).nullish().catch(null),
  after_sha: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/),
  ref: storable(1000),
  pushed_at: z.iso.datetime({ offset: true }),
});
const evaluatedSuite = z.object({ rule_evaluations: list.nullish() });
const evaluation = z.object({ rule_type: z.string(), result: z.string(), enforcement: z.string() });

/**
 * The newest 100 pushes of the past week that bypassed some rule, but for what is malformed. Null when the App may not ask:
 * it takes the permission Administration (read), and a plan that has rulesets. Throws what `githubError` says otherwise.
 * docs/github.md#rule-suites
 */
export async function listBypassingPushes(
  octokit: ProbotOctokit,
  { owner, repo }: { owner: string; repo: string },
): Promise<ListedPushes | null> {
  const filter = { time_period: 'week', rule_suite_result: 'bypass', per_page: 100 } as const;
  try {
    return await asking(`list the bypassed rules of ${owner}/${repo}`, async () => {
      const { data } = await octokit.rest.repos.getRepoRuleSuites({ owner, repo, ...filter });
      const told: readonly unknown[] = list.parse(data);
      const pushes = told.flatMap(pushOf);
      return { pushes, malformed: told.length - pushes.length };
    });
  } catch (error) {
    if (lacksPermission(error) || isRefusal(error, '403', '404')) return null;
    throw error;
  }
}

/**
 * Whether what was bypassed is a required check that was not green. False when GitHub has the record no more.
 * docs/github.md#rule-suites
 */
export async function isPastRequiredCheck(
  octokit: ProbotOctokit,
  { owner, repo, rule_suite_id }: { owner: string; repo: string; rule_suite_id: number },
): Promise<boolean> {
  try {
    return await asking(`read the bypass ${rule_suite_id} of ${owner}/${repo}`, async () => {
      const { data } = await octokit.rest.repos.getRepoRuleSuite({ owner, repo, rule_suite_id });
      // A rule that is only tried out (`evaluate`) holds nobody up.
      return (evaluatedSuite.parse(data).rule_evaluations ?? []).some((told) => {
        const { data: rule } = evaluation.safeParse(told);
        return (
          rule?.rule_type === 'required_status_checks' && rule.result === 'fail' && rule.enforcement !== 'evaluate'
        );
      });
    });
  } catch (error) {
    if (isRefusal(error, '404')) return false;
    throw error;
  }
}

/** None of a suite that is malformed. */
function pushOf(told: unknown): readonly BypassingPush[] {
  const { data } = listedSuite.safeParse(told);
  if (data === undefined) return [];
  const { actor_name, ...push } = data;
  return [{ ...push, actor: actor_name ?? null }];
}

/** Also of the class is a key of the App that GitHub does not take: that is no answer to this question. */
function lacksPermission(error: unknown): boolean {
  const cause = error instanceof Misconfigured ? error.cause : null;
  return cause instanceof Error && 'status' in cause && cause.status === 403;
}

function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Rejected && codes.includes(error.code ?? '');
}
