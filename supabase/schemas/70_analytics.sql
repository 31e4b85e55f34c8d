-- What the numbers say: delivery, causes of failures, flaky tests, slow workflows.
--
-- Weeks begin on Monday, 00:00 UTC. Each view is fast when it is asked for one project (flaky_tests: one repository) and weeks:
-- both conditions reach the tables below it. Deleted projects and repositories are left out everywhere.

create view codered.dora_weekly with (security_invoker = true) as
select
  d.project_id,
  date_trunc('week', d.finished_at at time zone 'utc')::date as week,
  (count(*) filter (where d.status = 'succeeded'))::integer as deployments,
  round(count(*) filter (where d.status = 'succeeded') / 7.0, 3) as deployment_frequency,
  percentile_cont(0.5) within group (order by lead.seconds) as lead_time_seconds_median,
  round(avg(case when d.status = 'succeeded' then 0 else 1 end), 3) as change_failure_rate,
  percentile_cont(0.5) within group (order by restore.seconds) as time_to_restore_seconds_median
from codered.deployments d
join codered.projects p on p.id = d.project_id and p.deleted_at is null
join codered.repositories r on r.id = d.repository_id and r.deleted_at is null
left join lateral (
  select greatest(0, extract(epoch from d.finished_at - min(change.begun_at)))::double precision as seconds
  from (
    select least(c.authored_at, c.pushed_at) as begun_at
    from codered.commits c
    where c.repository_id = d.repository_id and c.sha = d.commit_sha
    union all
    select least(pr.opened_at, c.authored_at, c.pushed_at)
    from codered.pull_requests pr
    left join codered.commits c on c.repository_id = pr.repository_id and c.sha = pr.head_sha
    where pr.repository_id = d.repository_id and (pr.merge_commit_sha = d.commit_sha or pr.head_sha = d.commit_sha)
  ) as change
  where d.status = 'succeeded'
    -- Once it is live it has arrived: deploying it again says nothing of how long changes take.
    and not exists (
      select from codered.deployments earlier
      where earlier.repository_id = d.repository_id
        and earlier.commit_sha = d.commit_sha
        and earlier.environment = 'prod'
        and earlier.status in ('succeeded', 'rolled_back')
        and (earlier.finished_at, earlier.id) < (d.finished_at, d.id)
    )
  having min(change.begun_at) is not null
) as lead on true
left join lateral (
  select extract(epoch from min(next.finished_at) - d.finished_at)::double precision as seconds
  from codered.deployments next
  where d.status <> 'succeeded'
    and next.repository_id = d.repository_id
    and next.environment_name = d.environment_name
    and next.status = 'succeeded'
    and next.finished_at > d.finished_at
) as restore on true
where d.environment = 'prod'
  and d.status in ('succeeded', 'failed', 'rolled_back')
  and d.finished_at is not null
group by d.project_id, date_trunc('week', d.finished_at at time zone 'utc')::date;
comment on view codered.dora_weekly is
  'DORA''s four metrics of a project in a week, over its deployments to prod by when they finished. A week in which none finished has no row.';
comment on column codered.dora_weekly.week is 'Its Monday; weeks are those of UTC.';
comment on column codered.dora_weekly.deployments is 'Deployments that succeeded and stayed; the same commit deployed again counts again.';
comment on column codered.dora_weekly.deployment_frequency is 'Deployments a day, over all seven days even while the week lasts.';
comment on column codered.dora_weekly.lead_time_seconds_median is
  'From the first that is known of a change (its commit, or the head and the opening of its pull request) to its first success in prod; null when no commit is known.';
comment on column codered.dora_weekly.change_failure_rate is '0 to 1: the share of the finished deployments that failed or were rolled back.';
comment on column codered.dora_weekly.time_to_restore_seconds_median is
  'From a failed or rolled back deployment to the next success in the same repository and environment, counted in the week of the failure; what was never restored is left out.';
grant select on codered.dora_weekly to authenticated, service_role;

create view codered.failure_causes_weekly with (security_invoker = true) as
select
  f.project_id,
  f.week,
  f.bug_pattern_id,
  b.name as pattern_name,
  b.category,
  sum(f.failures)::integer as failures,
  count(distinct f.ci_event_id)::integer as failed_runs,
  round(coalesce(sum(greatest(0, extract(epoch from j.completed_at - j.started_at))), 0) / 60, 1) as minutes_lost
from (
  -- One row for a job and a pattern first, so that a job that failed twice over is not counted as two.
  select
    e.project_id,
    date_trunc('week', e.created_at at time zone 'utc')::date as week,
    m.bug_pattern_id,
    e.ci_event_id,
    e.ci_job_id,
    count(*) as failures
  from codered.errors e
  join codered.projects p on p.id = e.project_id and p.deleted_at is null
  left join codered.ci_events run on run.id = e.ci_event_id
  left join codered.deployments d on d.id = e.deployment_id
  left join codered.repositories r on r.id = coalesce(run.repository_id, d.repository_id)
  left join codered.error_matches m on m.error_id = e.id and m.is_primary
  where r.deleted_at is null
  group by e.project_id, date_trunc('week', e.created_at at time zone 'utc')::date, m.bug_pattern_id, e.ci_event_id, e.ci_job_id
) as f
left join codered.ci_jobs j on j.id = f.ci_job_id
left join codered.bug_patterns b on b.id = f.bug_pattern_id
group by f.project_id, f.week, f.bug_pattern_id, b.name, b.category;
comment on view codered.failure_causes_weekly is
  'What broke in a project in a week, by the pattern that explains it best. Failures that no pattern explains are the row without one.';
comment on column codered.failure_causes_weekly.week is 'Its Monday in UTC, by when the failure was diagnosed.';
comment on column codered.failure_causes_weekly.bug_pattern_id is 'Null: no pattern matched. A pattern that was retired keeps its rows.';
comment on column codered.failure_causes_weekly.failures is 'Rows of errors.';
comment on column codered.failure_causes_weekly.failed_runs is 'CI events that they happened in; each attempt is one.';
comment on column codered.failure_causes_weekly.minutes_lost is 'Running time of the jobs that failed; a job with several failures counts once in each pattern''s row.';
grant select on codered.failure_causes_weekly to authenticated, service_role;

create view codered.flaky_tests with (security_invoker = true) as
select
  t.repository_id,
  r.project_id,
  t.suite,
  t.name,
  t.commits,
  results.runs,
  results.failures,
  t.last_failed_at
from (
  select f.repository_id, f.suite, f.name, count(*)::integer as commits, max(f.last_failed_at) as last_failed_at
  from (
    select
      x.repository_id, x.suite, x.name, x.commit_sha,
      max(x.created_at) filter (where x.is_flaky or x.status in ('failed', 'errored')) as last_failed_at
    from codered.test_results x
    left join codered.test_reports b on b.id = x.test_report_id
    where x.created_at >= now() - interval '30 days' and b.from_fork is not true
    group by x.repository_id, x.suite, x.name, x.commit_sha
    having bool_or(x.is_flaky)
      or (bool_or(x.status = 'passed') and bool_or(x.status in ('failed', 'errored')))
  ) as f
  group by f.repository_id, f.suite, f.name
) as t
join codered.repositories r on r.id = t.repository_id and r.deleted_at is null
join codered.projects p on p.id = r.project_id and p.deleted_at is null
cross join lateral (
  select coalesce(sum(c.runs), 0)::integer as runs, coalesce(sum(c.failures), 0)::integer as failures
  from (
    select d.passed + d.failed + d.flaky as runs, d.failed + d.flaky as failures
    from codered.tests own
    join codered.test_day_counts d on d.test_id = own.id and d.day >= (now() at time zone 'utc')::date - 30
    where own.repository_id = t.repository_id and md5(own.suite || own.name) = md5(t.suite || t.name)
      and own.suite = t.suite and own.name = t.name
    union all
    -- Rows that nobody counted by the day.
    select 1, (own.status <> 'passed')::integer
    from codered.test_results own
    where own.repository_id = t.repository_id and own.suite = t.suite and own.name = t.name
      and own.test_id is null and own.status <> 'skipped' and own.created_at >= now() - interval '30 days'
  ) as c
) as results;
comment on view codered.flaky_tests is 'Tests that in the last 30 days both passed and failed on one and the same commit, in whichever attempts, jobs or tries.';
comment on column codered.flaky_tests.commits is 'Commits on which it did both.';
comment on column codered.flaky_tests.runs is 'Its results of the last 30 days on all commits; skipped ones are none.';
comment on column codered.flaky_tests.failures is 'How many of them failed, could not be run, or passed only when tried again.';
grant select on codered.flaky_tests to authenticated, service_role;

create view codered.slowest_workflows with (security_invoker = true) as
select
  e.project_id,
  e.repository_id,
  e.workflow_name,
  count(*)::integer as runs,
  percentile_cont(0.5) within group (order by e.duration_seconds) as p50_seconds,
  percentile_cont(0.95) within group (order by e.duration_seconds) as p95_seconds
from codered.ci_events e
join codered.projects p on p.id = e.project_id and p.deleted_at is null
join codered.repositories r on r.id = e.repository_id and r.deleted_at is null
where e.status = 'succeeded'
  and e.conclusion is distinct from 'skipped'
  -- Without it duration_seconds is 0.
  and e.end_time is not null
  and e.start_time >= now() - interval '30 days'
group by e.project_id, e.repository_id, e.workflow_name;
comment on view codered.slowest_workflows is
  'How long each workflow took when it succeeded, in the last 30 days by when it began; order it by p95_seconds. Each attempt is a run, a skipped one is none.';
grant select on codered.slowest_workflows to authenticated, service_role;

create function codered.project_cost(project_id uuid, since timestamptz default null, until timestamptz default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  from_time constant timestamptz := coalesce(project_cost.since, date_trunc('month', coalesce(project_cost.until, now()), 'UTC'));
  to_time constant timestamptz := coalesce(project_cost.until, now());
begin
  perform codered.require_project(project_cost.project_id);
  if from_time > to_time or from_time < to_time - interval '366 days' then
    perform codered.refuse_value('since', from_time::text, 'at most 366 days before until');
  end if;
  return (
    with calls as (
      select coalesce(r.model_id, r.model) as model, r.tokens_prompt as tokens_in, r.tokens_completion as tokens_out,
        r.approx_cost_usd as cost_usd
      from codered.agent_runs r
      where r.project_id = project_cost.project_id and r.created_at >= from_time and r.created_at < to_time and not r.is_self_reported
      union all
      select g.model_id, g.tokens_in, g.tokens_out, g.cost_usd
      from codered.runs w
      join codered.gate_executions g on g.run_id = w.id
      where w.project_id = project_cost.project_id and g.created_at >= from_time and g.created_at < to_time
        and g.model_id is not null and g.status <> 'pending'
    ), told as (
      select count(*) as calls, coalesce(sum(r.approx_cost_usd), 0) as cost_usd
      from codered.agent_runs r
      where r.project_id = project_cost.project_id and r.created_at >= from_time and r.created_at < to_time and r.is_self_reported
    ), models as (
      select c.model, count(*) as calls, coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out,
        coalesce(sum(c.cost_usd), 0) as cost_usd, count(*) filter (where c.cost_usd is null) as without_price
      from calls c
      group by c.model
    ), dearest as (
      select m.* from models m order by m.cost_usd desc, m.model collate "C" limit 200
    )
    select jsonb_build_object(
      'project_id', project_cost.project_id, 'since', from_time, 'until', to_time,
      'total_cost_usd', (select coalesce(sum(m.cost_usd), 0) from models m),
      'calls', (select coalesce(sum(m.calls), 0) from models m),
      'self_reported', (select jsonb_build_object('calls', t.calls, 'cost_usd', t.cost_usd) from told t),
      'models', (
        select coalesce(jsonb_agg(to_jsonb(d) order by d.cost_usd desc, d.model collate "C"), '[]') from dearest d))
  );
end
$$;
comment on function codered.project_cost(uuid, timestamptz, timestamptz) is
  'What models cost a project from one time to another (left out: since the month began in UTC, until now), over the calls of agents and the stages of runs that the caller may see: {project_id, since, until, total_cost_usd, calls, self_reported, models}, what agents only told of apart in self_reported, the dearest 200 models with tokens and with how many calls have no known price. Refuses CR002 (more than 366 days), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.project_cost from public;
grant execute on function codered.project_cost to authenticated, service_role;
