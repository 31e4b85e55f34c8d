// The stand-in's records of pushes against rules.

import type { JsonObject } from '../contract/json-value.ts';
import type { Repository, RuleSuite } from '../state/records.ts';
import { type Answer, notFound, numberParameter, page, type RepositoryCall, type RepositoryRoutes } from './route.ts';

const needs = ['administration:read'];
const SUITES = 'GET /repos/{owner}/{repo}/rulesets/rule-suites';
const PERIOD_HOURS: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 168, month: 720 };

/** The routes under `/rulesets/rule-suites`. */
export const ruleSuiteRoutes: RepositoryRoutes = {
  [SUITES]: { needs, answer: listSuites },
  [`${SUITES}/{rule_suite_id}`]: { needs, answer: getSuite },
};

/** Newest first; refs, actors and evaluated results are not filtered by. */
function listSuites(call: RepositoryCall): Answer {
  const { time_period: period, rule_suite_result: result } = call.parameters;
  const since = Date.now() - (PERIOD_HOURS[String(period)] ?? 24) * 3_600_000;
  const suites = [...call.inside.ruleSuites.values()]
    .filter((suite) => Date.parse(suite.pushedAt) >= since)
    .filter((suite) => result === 'all' || suite.result === result)
    .sort((one, other) => Date.parse(other.pushedAt) - Date.parse(one.pushedAt) || other.id - one.id);
  const { items, headers } = page(call, suites);
  return { status: 200, body: items.map((suite) => suiteJson(suite, call.inside.repository)), headers };
}

function getSuite(call: RepositoryCall): Answer {
  const suite = call.inside.ruleSuites.get(numberParameter(call, 'rule_suite_id'));
  if (suite === undefined) return notFound();
  const rule_evaluations = suite.evaluations.map(({ rule, result, enforcement }) => ({
    rule_source: { type: 'ruleset', id: 1, name: 'main' },
    enforcement,
    result,
    rule_type: rule,
    details: result === 'pass' ? null : `The rule ${rule} is not met.`,
  }));
  return { status: 200, body: { ...suiteJson(suite, call.inside.repository), rule_evaluations } };
}

/** Unlike the single one, the list leaves out an actor that is none. */
function suiteJson({ id, actor, before, after, ref, pushedAt, result }: RuleSuite, repository: Repository): JsonObject {
  return {
    id,
    ...(actor === null ? {} : { actor_id: actor.id, actor_name: actor.login }),
    before_sha: before,
    after_sha: after,
    ref,
    repository_id: repository.id,
    repository_name: repository.name,
    pushed_at: pushedAt,
    result,
  };
}
