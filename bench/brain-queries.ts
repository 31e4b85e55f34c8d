// What people ask of the brain, with the parameters that bench/brain.ts asks it with: each a statement that gives 200 sets of
// parameters, all of what one member may see, and the query itself.

export interface BrainQuery {
  readonly title: string;
  /** A name for the prepared statement. */
  readonly name: string;
  readonly text: string;
  /** Gives one column, `parameters` (text[]), in at most 200 rows; the owner runs it, $1 is the member. */
  readonly parameters: string;
}

/** The member's projects, and 20 moments of the last half year: 200 pairs. */
const projectAndMoment = `
  with mine as (
    select p.id from codered.projects p join codered.memberships m on m.org_id = p.org_id where m.user_id = $1 order by p.slug
  )
  select array[mine.id::text, (now() - interval '9 days' * n)::text] as parameters from mine, generate_series(0, 19) as n`;

/** Rows of a table that are the member's projects', drawn by lot but the same ones every time. */
const ofMyProjects = (id: string, from: string) => `
  select array[${id}] as parameters
  from ${from}
  join codered.projects p on p.id = t.project_id
  join codered.memberships m on m.org_id = p.org_id
  where m.user_id = $1
  order by md5(t.id::text)
  limit 200`;

export const brainQueries: readonly BrainQuery[] = [
  {
    title: 'latest runs of a project',
    name: 'latest_runs',
    parameters: projectAndMoment,
    text: `
      select e.id, e.workflow_name, e.run_id, e.run_attempt, e.branch, e.commit_sha, e.status, e.conclusion, e.trigger, e.start_time,
        e.duration_seconds, e.pull_request_numbers, e.html_url
      from codered.ci_events e
      where e.project_id = $1 and e.start_time <= $2
      order by e.start_time desc
      limit 50`,
  },
  {
    title: 'one run with its gates',
    name: 'run_with_gates',
    parameters: ofMyProjects('t.id::text', '(select * from codered.runs where user_id is null or user_id = $1) as t'),
    text: `
      select r.display_name, r.status as run_status, r.result, ge.gate_id, ge.gate_name, ge.phase, ge.status, ge.agent_slug, ge.model_id,
        ge.attempt_number, ge.tokens_in, ge.tokens_out, ge.cost_usd, ge.duration_ms, ge.validation_results, ge.fail_codes, ge.started_at,
        ge.completed_at
      from codered.runs r
      left join codered.gate_executions ge on ge.run_id = r.id
      where r.id = $1
      order by ge.gate_order, ge.attempt_number desc`,
  },
  {
    title: 'failures of a pull request',
    name: 'pull_request_failures',
    parameters: `
      select array[pr.repository_id::text, pr.number::text] as parameters
      from codered.pull_requests pr
      join codered.repositories r on r.id = pr.repository_id
      join codered.projects p on p.id = r.project_id
      join codered.memberships m on m.org_id = p.org_id
      where m.user_id = $1
        and exists (
          select from codered.ci_events e
          join codered.errors on errors.ci_event_id = e.id
          where e.repository_id = pr.repository_id and e.commit_sha = pr.head_sha
        )
      order by md5(pr.head_sha)
      limit 200`,
    text: `
      select e.workflow_name, e.run_attempt, e.html_url, x.message, x.verdict, x.fingerprint, x.excerpt, x.occurrences, b.name as pattern_name,
        b.root_cause, b.recommended_fix, m.line_number, m.line_text
      from codered.pull_requests pr
      join codered.ci_events e on e.repository_id = pr.repository_id and e.commit_sha = pr.head_sha
      join codered.errors x on x.ci_event_id = e.id
      left join codered.error_matches m on m.error_id = x.id and m.is_primary
      left join codered.bug_patterns b on b.id = m.bug_pattern_id
      where pr.repository_id = $1 and pr.number = $2
      order by e.start_time, x.created_at`,
  },
  {
    title: 'DORA for 90 days',
    name: 'dora',
    parameters: projectAndMoment,
    text: `
      select week, deployments, deployment_frequency, lead_time_seconds_median, change_failure_rate, time_to_restore_seconds_median
      from codered.dora_weekly
      where project_id = $1 and week between $2::timestamptz::date - 90 and $2::timestamptz::date
      order by week`,
  },
  {
    title: 'top causes for 30 days',
    name: 'top_causes',
    parameters: projectAndMoment,
    text: `
      select bug_pattern_id, pattern_name, category, sum(failures) as failures, sum(failed_runs) as failed_runs, sum(minutes_lost) as minutes_lost
      from codered.failure_causes_weekly
      where project_id = $1 and week between $2::timestamptz::date - 30 and $2::timestamptz::date
      group by bug_pattern_id, pattern_name, category
      order by failures desc
      limit 10`,
  },
  {
    title: 'task timeline',
    name: 'task_timeline',
    parameters: ofMyProjects('t.id::text', 'codered.tasks t'),
    text: `
      select id, event_type, payload, user_id, created_at
      from codered.events
      where task_id = $1
      order by created_at desc
      limit 50`,
  },
  {
    title: 'artifact browser, of a project',
    name: 'artifacts_of_project',
    parameters: projectAndMoment,
    text: `
      select a.id, a.file_name, a.content_type, a.content_hash, a.size_bytes, a.gate_id, a.artifact_type, a.created_at, r.display_name, r.project_slug
      from codered.artifacts a
      left join codered.runs r on r.id = a.run_id
      where a.project_id = $1 and a.created_at <= $2
      order by a.created_at desc
      limit 50`,
  },
  {
    title: 'artifact browser, of a user',
    name: 'artifacts_of_user',
    parameters: `select array[$1::text, (now() - interval '1 day' * n)::text] as parameters from generate_series(0, 199) as n`,
    text: `
      select a.id, a.file_name, a.content_type, a.content_hash, a.size_bytes, a.gate_id, a.artifact_type, a.created_at, r.display_name, r.project_slug
      from codered.artifacts a
      left join codered.runs r on r.id = a.run_id
      where a.user_id = $1 and a.created_at <= $2
      order by a.created_at desc
      limit 50`,
  },
  {
    title: 'slowest workflows of a project',
    name: 'slowest',
    parameters: projectAndMoment,
    text: `
      select workflow_name, runs, p50_seconds, p95_seconds
      from codered.slowest_workflows
      where project_id = $1 and $2::timestamptz is not null
      order by p95_seconds desc`,
  },
];
