// Asks who bypassed the rules of a repository's refs.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Misconfigured, Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** One push that GitHub let past a rule. */
export interface BypassingPush {
  readonly id: number;
  /** The login of a person or a bot; null for a push with a deploy key, and when GitHub names nobody that we can store. */
  readonly actor: string | null;
  /** The commit that the ref pointed at after the push. */
  readonly after_sha: string;
  /** The full name, such as `refs/heads/main`. */
  readonly ref: string;
  /** ISO 8601. */
  readonly pushed_at: string;
}

/** The pushes that GitHub lists. */
export interface ListedPushes {
  readonly pushes: readonly BypassingPush[];
  /** How many entries were left out because they are not as GitHub's description says. */
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
 * Returns the newest 100 pushes of the past week that bypassed a rule; malformed entries are only counted. Null when the App may
 * not ask: that needs the permission Administration (read) and a plan that has rulesets. Throws what `githubError` returns.
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
      const listed: readonly unknown[] = list.parse(data);
      const pushes = listed.flatMap(pushOf);
      return { pushes, malformed: listed.length - pushes.length };
    });
  } catch (error) {
    if (lacksPermission(error) || isRefusal(error, '403', '404')) return null;
    throw error;
  }
}

/**
 * Returns whether the push bypassed a required check that was not green. False when GitHub no longer has the record (HTTP 404).
 * Throws what `githubError` returns.
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
      return (evaluatedSuite.parse(data).rule_evaluations ?? []).some((entry) => {
        const { data: rule } = evaluation.safeParse(entry);
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
function pushOf(entry: unknown): readonly BypassingPush[] {
  const { data } = listedSuite.safeParse(entry);
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
