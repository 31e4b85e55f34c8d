-- What a verdict rests on, as far as the database has it: gathered for all failures of a commit at once, put together in src/verdicts.
--
-- What is compared with what:
--   1. A job is known by (workflow path, event, name with its part of the matrix). On the base branch the same workflow path and name are
--      looked up among the runs for a push to it: nothing else runs there for every commit.
--   2. Only runs of the repository's own branches say something of others' failures. Whatever a fork did proves nothing.
--   3. Runs are put in order by GitHub's run numbers, which are given out as runs begin, not by when webhooks came.

create type codered.failing_run as (
  run_id text, run_number bigint, provider text, workflow_path text, event text, branch text, head_repository_id bigint,
  started_at timestamptz, html_url text, pull_request_number integer, author text, base_ref text, base_since timestamptz, head_sha text
);

create function codered.run_number(run_id text)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select case when run_number.run_id ~ '^[0-9]{1,18}$' then run_number.run_id::bigint end
$$;
comment on function codered.run_number(text) is 'GitHub''s number of a run, by which runs are in the order in which they began; null for what is none.';
revoke execute on function codered.run_number from public;
grant execute on function codered.run_number to service_role;

create function codered.weekday_hours(from_time timestamptz, until_time timestamptz)
returns double precision
language sql
immutable
set search_path = ''
as $$
  select case
    when greatest(from_time, until_time) - least(from_time, until_time) > interval '30 days' then 'infinity'::double precision
    else (
      select coalesce(sum(extract(epoch from
        least(greatest(from_time, until_time) at time zone 'utc', d.day + interval '1 day')
          - greatest(least(from_time, until_time) at time zone 'utc', d.day))) / 3600, 0)::double precision
      from generate_series(
        date_trunc('day', least(from_time, until_time) at time zone 'utc'), greatest(from_time, until_time) at time zone 'utc', interval '1 day') as d (day)
      where extract(isodow from d.day) < 6
    )
  end
$$;
comment on function codered.weekday_hours(timestamptz, timestamptz) is
  'How many hours lie between two times, whichever is first, without Saturdays and Sundays in UTC; infinity beyond thirty days.';
revoke execute on function codered.weekday_hours from public;
grant execute on function codered.weekday_hours to service_role;

create function codered.list_failing_runs(repository_id bigint, commit_sha text)
returns setof codered.failing_run
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  with own as materialized (
    select distinct c.provider, c.run_id
    from codered.ci_events c
    where c.repository_id = list_failing_runs.repository_id
      and c.commit_sha = list_failing_runs.commit_sha
      and exists (select from codered.errors e where e.ci_event_id = c.id)
  )
  select
    o.run_id, case when o.run_id ~ '^[0-9]{1,18}$' then o.run_id::bigint end, o.provider, i.workflow_path, coalesce(i.event, 'unknown'), i.branch, i.head_repository_id,
    i.started_at, i.html_url, pr.number, pr.author, pr.base_ref, pr.based_at, pr.head_sha
  from own o
  cross join lateral (
    -- One attempt that was told of says it for all.
    select
      max(a.workflow_path) as workflow_path,
      coalesce(
        max(a.event) filter (where a.event <> 'unknown'),
        max(a.trigger) filter (where a.trigger <> 'other' and a.source_delivery <> '' and a.event is null),
        max(a.trigger) filter (where a.trigger <> 'other')) as event,
      max(a.branch) as branch, max(a.head_repository_id) as head_repository_id, min(a.start_time) as started_at,
      max(a.html_url) as html_url
    from codered.ci_events a
    where a.provider = o.provider and a.repository_id = list_failing_runs.repository_id and a.run_id = o.run_id
  ) as i
  left join lateral (
    select p.*
    from codered.pull_requests p
    where p.repository_id = list_failing_runs.repository_id
      and p.head_ref = i.branch
      and p.head_repository_id = i.head_repository_id
    order by p.state = 'open' desc, p.head_sha = list_failing_runs.commit_sha desc, p.number desc
    limit 1
  ) as pr on true;
end
$$;
comment on function codered.list_failing_runs(bigint, text) is
  'The runs and checks of a commit that failures are kept of, each with the pull request of its branch. Only verdict_evidence calls it.';
revoke execute on function codered.list_failing_runs from public;
grant execute on function codered.list_failing_runs to service_role;

create function codered.list_base_runs(repository_id bigint, base_ref text, around timestamptz)
returns table (id uuid, commit_sha text, run_number bigint, run_attempt integer, workflow_path text, start_time timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select b.id, b.commit_sha, case when b.run_id ~ '^[0-9]{1,18}$' then b.run_id::bigint end, b.run_attempt, b.workflow_path, b.start_time
  from (
    (
      select c.*
      from codered.ci_events c
      where c.repository_id = list_base_runs.repository_id and c.branch = list_base_runs.base_ref and c.start_time <= list_base_runs.around
      order by c.start_time desc
      limit 300
    )
    union all
    (
      select c.*
      from codered.ci_events c
      where c.repository_id = list_base_runs.repository_id and c.branch = list_base_runs.base_ref and c.start_time > list_base_runs.around
      order by c.start_time
      limit 300
    )
  ) as b
  where b.provider = 'github-actions'
    and b.trigger = 'push' and coalesce(b.event, 'push') = 'push'
    and b.head_repository_id = b.repository_id
    and case when b.run_id ~ '^[0-9]{1,18}$' then b.run_id::bigint end is not null;
end
$$;
comment on function codered.list_base_runs(bigint, text, timestamptz) is
  'The attempts of runs for pushes to a branch of the repository itself, up to 300 that began before a time and 300 after it. Only verdict_evidence calls it.';
revoke execute on function codered.list_base_runs from public;
grant execute on function codered.list_base_runs to service_role;

create function codered.list_base_commits(repository_id bigint, base_ref text, around timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('sha', x.commit_sha, 'place', x.place, 'at', x.at, 'pushed_at', c.pushed_at) order by x.place desc), '[]')
    from (
      select m.*, count(*) filter (where m.at <= list_base_commits.around) over (order by m.place desc) as before,
        count(*) filter (where m.at > list_base_commits.around) over (order by m.place) as after
      from (
        -- Where a commit was pushed twice, what was pushed first is its place.
        select b.commit_sha, min(b.run_number) as place, min(b.start_time) as at
        from codered.list_base_runs(list_base_commits.repository_id, list_base_commits.base_ref, list_base_commits.around) b
        group by b.commit_sha
      ) as m
    ) as x
    left join codered.commits c on c.repository_id = list_base_commits.repository_id and c.sha = x.commit_sha
    -- The nearest; some more, as not all runs of a head begin together.
    where x.before <= 30 and x.after <= 30
  );
end
$$;
comment on function codered.list_base_commits(bigint, text, timestamptz) is
  'The commits of a branch that have runs around a time, newest first; place: the number of the first run, by which they are in order. Only verdict_evidence calls it.';
revoke execute on function codered.list_base_commits from public;
grant execute on function codered.list_base_commits to service_role;

create function codered.list_pushes_without_runs(repository_id bigint, base_ref text, around timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A push of several commits does not say here which of them is the tip.
  return (
    select coalesce(jsonb_agg(jsonb_build_object('sha', x.sha, 'at', x.pushed_at) order by x.pushed_at desc), '[]')
    from (
      select p.pushed_at, case when count(*) = 1 then min(p.sha) end as sha
      from (
        select c.pushed_at, c.sha, c.ref
        from codered.commits c
        where c.repository_id = list_pushes_without_runs.repository_id
          and c.pushed_at between list_pushes_without_runs.around - interval '7 days' and list_pushes_without_runs.around + interval '1 minute'
        order by c.pushed_at desc
        limit 300
      ) as p
      where p.ref = 'refs/heads/' || list_pushes_without_runs.base_ref
      group by p.pushed_at
    ) as x
  );
end
$$;
comment on function codered.list_pushes_without_runs(bigint, text, timestamptz) is
  'The pushes to a branch in the seven days before a time, newest first, with the commit where there was one. Only verdict_evidence calls it.';
revoke execute on function codered.list_pushes_without_runs from public;
grant execute on function codered.list_pushes_without_runs to service_role;

create function codered.list_job_results(ci_event_ids uuid[], names text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  wanted constant jsonb := to_jsonb(list_job_results.names);
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_array(
      j.ci_event_id, j.name, j.status, j.conclusion, j.completed_at,
      case when j.status in ('failed', 'canceled') then (
        select e.fingerprint from codered.errors e where e.ci_job_id = j.id order by e.created_at desc limit 1) end,
      case when j.status in ('failed', 'canceled') then (
        select s.value ->> 'name' from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.value ->> 'conclusion' in ('failure', 'timed_out') order by s.place limit 1) end,
      j.started_at, j.html_url)), '[]')
    from unnest(list_job_results.ci_event_ids) as e (id)
    join codered.ci_jobs j on j.ci_event_id = e.id
    -- Looked up, whatever the planner thinks of how many there are.
    where wanted ? j.name
  );
end
$$;
comment on function codered.list_job_results(uuid[], text[]) is
  'How jobs of these names ended in these attempts: [ci_event_id, name, status, conclusion, completed_at, fingerprint, failed step, started_at, html_url]. Only verdict_evidence calls it.';
revoke execute on function codered.list_job_results from public;
grant execute on function codered.list_job_results to service_role;

create function codered.list_fingerprint_history(repository_id bigint, wanted jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    with asked as materialized (
      select w.fingerprint, w.base_ref, w.at, (select r.project_id from codered.repositories r where r.id = list_fingerprint_history.repository_id) as project_id
      from jsonb_to_recordset(list_fingerprint_history.wanted) as w (fingerprint text, base_ref text, at timestamptz)
    ), newest as materialized (
      select a.fingerprint, a.base_ref, a.at as asked_at, n.ci_event_id, n.ci_job_id
      from asked a
      cross join lateral (
        select x.ci_event_id, x.ci_job_id
        from codered.errors x
        where x.project_id = a.project_id and x.fingerprint = a.fingerprint
        order by x.created_at desc
        -- One that stands in so many failures says nothing of any of them.
        limit 2001
      ) as n
    ), seen as materialized (
      select
        n.fingerprint, n.base_ref, n.asked_at,
        c.commit_sha, c.run_id, c.branch, c.trigger, c.event, c.head_repository_id, c.pull_request_numbers, c.html_url,
        c.provider, coalesce(c.workflow_path, c.workflow_name) as workflow, coalesce(j.name, '') as name,
        coalesce(j.completed_at, c.end_time, c.start_time) as at
      from newest n
      join codered.ci_events c on c.id = n.ci_event_id and c.repository_id = list_fingerprint_history.repository_id
      left join codered.ci_jobs j on j.id = n.ci_job_id
    ), counted as (
      select n.fingerprint, count(*) as rows from newest n group by n.fingerprint
    ), keys as (
      -- What breaks many jobs of one commit is one cause: each commit counts for one of its job keys.
      select k.fingerprint, count(distinct k.job_key) as job_keys
      from (
        select s.fingerprint, min(jsonb_build_array(s.workflow, coalesce(s.event, s.trigger), s.name)::text) as job_key
        from seen s
        group by s.fingerprint, s.commit_sha
      ) as k
      group by k.fingerprint
    ), on_base as materialized (
      select s.fingerprint, s.commit_sha, s.run_id, s.name
      from seen s
      where s.branch = s.base_ref
        and s.provider = 'github-actions'
        and s.trigger = 'push' and coalesce(s.event, 'push') = 'push'
        and s.head_repository_id = list_fingerprint_history.repository_id
        and s.at between s.asked_at - interval '14 days' and s.asked_at + interval '14 days'
    ), passed as (
      select distinct r.run_id || ':' || g.name as attempt_of
      from (select distinct o.run_id from on_base o) as r
      join codered.ci_events b
        on b.provider = 'github-actions' and b.repository_id = list_fingerprint_history.repository_id and b.run_id = r.run_id
      join codered.ci_jobs g on g.ci_event_id = b.id and g.status = 'succeeded' and g.conclusion = 'success'
    ), flakes as (
      select o.fingerprint, count(distinct o.commit_sha) as base_flakes
      from on_base o
      -- Looked up: runs have many jobs.
      where coalesce((select jsonb_object_agg(p.attempt_of, true) from passed p) ? (o.run_id || ':' || o.name), false)
      group by o.fingerprint
    ), others as (
      select
        o.fingerprint,
        jsonb_agg(jsonb_build_object('pull_request', o.number, 'author', o.author, 'at', o.at, 'run_url', o.html_url) order by o.at desc, o.number) as elsewhere
      from (
        select x.*, row_number() over (partition by x.fingerprint order by x.at desc, x.number) as place
        from (
          select distinct on (s.fingerprint, p.number) s.fingerprint, p.number, p.author, s.at, s.html_url
          from seen s
          join codered.pull_requests p
            on p.repository_id = list_fingerprint_history.repository_id and p.number = s.pull_request_numbers[1]
          where s.trigger = 'pull_request' and s.event is null
            and s.head_repository_id = list_fingerprint_history.repository_id
            and p.author is not null
            and s.at between s.asked_at - interval '4 days' and s.asked_at + interval '4 days'
            and codered.weekday_hours(s.at, s.asked_at) <= 24
          order by s.fingerprint, p.number, s.at desc
        ) as x
      ) as o
      where o.place <= 20
      group by o.fingerprint
    )
    select coalesce(jsonb_object_agg(a.fingerprint, jsonb_build_object(
      'rows', coalesce((select jsonb_object_agg(c.fingerprint, c.rows) from counted c) -> a.fingerprint, '0'),
      'job_keys', coalesce((select jsonb_object_agg(k.fingerprint, k.job_keys) from keys k) -> a.fingerprint, '0'),
      'base_flakes', coalesce((select jsonb_object_agg(f.fingerprint, f.base_flakes) from flakes f) -> a.fingerprint, '0'),
      'elsewhere', coalesce((select jsonb_object_agg(o.fingerprint, o.elsewhere) from others o) -> a.fingerprint, '[]'))), '{}')
    from asked a
  );
end
$$;
comment on function codered.list_fingerprint_history(bigint, jsonb) is
  'Where else fingerprints ([{fingerprint, base_ref, at}]) stand: in how many job keys (each commit counts for one), on how many commits of the base branch each failed and passed within 14 days, and on which pull requests of the repository''s own branches within 24 weekday hours. rows: at most 2,001 of each are looked at. Called in SQL only.';
revoke execute on function codered.list_fingerprint_history from public;
grant execute on function codered.list_fingerprint_history to service_role;

create function codered.list_failing_tests(repository_id bigint, ci_event_ids uuid[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(a.id, jsonb_build_object(
      'reports', r.reports, 'omitted', r.omitted, 'tests', t.tests)), '{}')
    from unnest(list_failing_tests.ci_event_ids) as a (id)
    cross join lateral (
      select count(*) as reports, coalesce(sum(p.omitted), 0) + count(*) filter (where p.not_counted is not null) as omitted
      from codered.test_reports p
      where p.ci_event_id = a.id
    ) as r
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_array(x.test_id, x.suite, x.name, x.file_path)), '[]') as tests
      from (
        select distinct on (y.test_id) y.test_id, y.suite, y.name, y.file_path
        from codered.test_results y
        where y.ci_event_id = a.id and y.status in ('failed', 'errored') and y.test_id is not null
        order by y.test_id
        -- One more than an object holds.
        limit 51
      ) as x
    ) as t
    where r.reports > 0
  );
end
$$;
comment on function codered.list_failing_tests(bigint, uuid[]) is
  'What the reports of attempts say: how many there are, how much of them is not counted, and up to 51 failing tests as [test_id, suite, name, file_path]. Only verdict_evidence calls it.';
revoke execute on function codered.list_failing_tests from public;
grant execute on function codered.list_failing_tests to service_role;

create function codered.list_test_past(test_ids integer[], at timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(t.id, jsonb_build_object(
      'state', coalesce(to_jsonb(s) ->> 'state', 'unknown'), 'failed', n.failed, 'runs', n.runs, 'mixed', m.commits)), '{}')
    from unnest(list_test_past.test_ids) as t (id)
    left join codered.test_states s on s.test_id = t.id and s.on_default_branch
    cross join lateral (
      select
        coalesce(sum(greatest(d.failed + d.flaky, 0)), 0) as failed, coalesce(sum(greatest(d.passed + d.failed + d.flaky, 0)), 0) as runs
      from codered.test_day_counts d
      where d.test_id = t.id and d.on_default_branch
        and d.day between (list_test_past.at at time zone 'utc')::date - 14 and (list_test_past.at at time zone 'utc')::date + 14
    ) as n
    cross join lateral (
      select count(*) as commits
      from (
        select x.commit_sha
        from (
          select y.commit_sha, y.status, y.is_flaky, y.test_report_id
          from codered.test_results y
          where y.test_id = t.id
            and y.created_at between list_test_past.at - interval '14 days' and list_test_past.at + interval '14 days'
          order by y.created_at desc
          limit 500
        ) as x
        join codered.test_reports p on p.id = x.test_report_id and p.on_default_branch and not p.from_fork
        group by x.commit_sha
        having bool_or(x.is_flaky) or (bool_or(x.status = 'passed') and bool_or(x.status in ('failed', 'errored')))
      ) as c
    ) as m
  );
end
$$;
comment on function codered.list_test_past(integer[], timestamptz) is
  'What tests did on the default branch within 14 days of a time: results that failed (or passed at last), all results, and commits on which both was seen. Only verdict_evidence calls it.';
revoke execute on function codered.list_test_past from public;
grant execute on function codered.list_test_past to service_role;

create function codered.list_earlier_passes(run codered.failing_run, repository_id bigint, names text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('name', x.name, 'sha', x.commit_sha, 'at', x.completed_at)), '[]')
    from (
      select distinct on (j.name) j.name, c.commit_sha, j.completed_at
      from (
        select e.id, e.commit_sha, e.run_id, e.workflow_path, e.head_repository_id, e.trigger, e.event
        from codered.ci_events e
        where e.repository_id = list_earlier_passes.repository_id and e.branch = run.branch and e.start_time <= run.started_at
        order by e.start_time desc
        limit 200
      ) as c
      join codered.ci_jobs j on j.ci_event_id = c.id and j.status = 'succeeded' and j.conclusion = 'success'
      where c.workflow_path = run.workflow_path
        and c.head_repository_id = run.head_repository_id
        and coalesce(c.event, c.trigger) = run.event
        and case when c.run_id ~ '^[0-9]{1,18}$' then c.run_id::bigint end < run.run_number
        and j.name = any (list_earlier_passes.names)
      order by j.name, case when c.run_id ~ '^[0-9]{1,18}$' then c.run_id::bigint end desc
    ) as x
  );
end
$$;
comment on function codered.list_earlier_passes(codered.failing_run, bigint, text[]) is
  'Where jobs passed last before a run, among the runs of its workflow on its branch. Only verdict_evidence calls it.';
revoke execute on function codered.list_earlier_passes from public;
grant execute on function codered.list_earlier_passes to service_role;

create function codered.list_failures_of_commit(repository_id bigint, commit_sha text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', f.id, 'fingerprint', f.fingerprint, 'message', f.message, 'file_path', f.file_path, 'runner_lost', f.runner_lost,
      'ci_event_id', f.ci_event_id, 'provider', f.provider, 'run_id', f.run_id, 'run_attempt', f.run_attempt, 'workflow_name', f.workflow_name,
      'html_url', f.html_url, 'attempt_status', f.attempt_status, 'job_id', f.job_id, 'name', f.name, 'conclusion', f.conclusion, 'at', f.at,
      'log_state', f.log_state, 'steps', f.steps,
      'pattern', m.pattern, 'line_text', m.line_text, 'files', m.files,
      'said', jsonb_build_array(f.verdict, f.verdict_reason, (
        select v.rule from codered.verdicts v where v.error_id = f.id order by v.created_at desc limit 1)))), '[]')
    from (
      select
        e.id, e.fingerprint, left(e.message, 1000) as message, e.file_path, e.runner_lost, e.verdict, e.verdict_reason,
        c.id as ci_event_id, c.provider, c.run_id, c.run_attempt, c.workflow_name, c.html_url, c.status as attempt_status, j.job_id,
        coalesce(j.name, c.workflow_name) as name, coalesce(j.conclusion, c.conclusion) as conclusion,
        coalesce(j.completed_at, c.end_time) as at, coalesce(j.log_state, 'none') as log_state,
        coalesce((
          select jsonb_agg(jsonb_build_array(s.value -> 'number', s.value -> 'name', s.value -> 'status', s.value -> 'conclusion') order by s.place)
          from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        ), '[]') as steps
      from codered.ci_events c
      join codered.errors e on e.ci_event_id = c.id
      left join codered.ci_jobs j on j.id = e.ci_job_id
      where c.repository_id = list_failures_of_commit.repository_id and c.commit_sha = list_failures_of_commit.commit_sha
      order by c.run_attempt desc, c.run_id, j.name, e.fingerprint
      limit 1000
    ) as f
    left join lateral (
      select
        (jsonb_agg(jsonb_build_object('name', p.name, 'category', p.category, 'rank', coalesce(x.rank, p.rank))) filter (where x.is_primary)) -> 0 as pattern,
        left(max(x.line_text) filter (where x.is_primary), 1000) as line_text,
        array_agg(distinct x.file_path) filter (where x.file_path is not null) as files
      from codered.error_matches x
      join codered.bug_patterns p on p.id = x.bug_pattern_id
      where x.error_id = f.id and (x.is_primary or x.cause_position is not null)
    ) as m on true
  );
end
$$;
comment on function codered.list_failures_of_commit(bigint, text) is
  'The failures of a commit''s runs in all their attempts, newest attempts first, at most 1,000. Only verdict_evidence calls it.';
revoke execute on function codered.list_failures_of_commit from public;
grant execute on function codered.list_failures_of_commit to service_role;

create function codered.list_base_attempts(repository_id bigint, commit_sha text, runs codered.failing_run[], bases jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    with places as (
      select distinct b.key as base_ref, n.sha
      from jsonb_each(list_base_attempts.bases) as b
      cross join lateral unnest(list_base_attempts.runs) as r
      cross join lateral (
        (select k.value ->> 'sha' as sha from jsonb_array_elements(b.value -> 'commits') as k
          where (k.value ->> 'place')::bigint < r.run_number order by (k.value ->> 'place')::bigint desc limit 21)
        union all
        (select k.value ->> 'sha' from jsonb_array_elements(b.value -> 'commits') as k
          where (k.value ->> 'place')::bigint > r.run_number order by (k.value ->> 'place')::bigint limit 20)
        union all
        select h.merge_base_sha
        from codered.pull_request_heads h
        where h.repository_id = list_base_attempts.repository_id and h.pull_request_number = r.pull_request_number and h.sha = list_base_attempts.commit_sha
          and h.merge_base_sha is not null
      ) as n
      where b.key = r.base_ref
    ), told as materialized (
      select c.id, p.base_ref, c.commit_sha, c.run_id, case when c.run_id ~ '^[0-9]{1,18}$' then c.run_id::bigint end as run_number, c.run_attempt, c.workflow_path, c.status
      from places p
      join codered.ci_events c on c.repository_id = list_base_attempts.repository_id and c.commit_sha = p.sha
      where c.provider = 'github-actions' and c.branch = p.base_ref
        and c.trigger = 'push' and coalesce(c.event, 'push') = 'push'
        and c.head_repository_id = list_base_attempts.repository_id
        and c.workflow_path in (select r.workflow_path from unnest(list_base_attempts.runs) as r)
    )
    select coalesce(jsonb_agg(jsonb_build_array(t.id, t.base_ref, t.commit_sha, t.run_number, t.run_attempt, t.workflow_path, t.status)), '[]')
    from told t
  );
end
$$;
comment on function codered.list_base_attempts(bigint, text, codered.failing_run[], jsonb) is
  'The attempts of the same workflows on at most 41 commits of the base around each run, also those that came much later: [id, base_ref, sha, run number, attempt, workflow path, status]. Only verdict_evidence calls it.';
revoke execute on function codered.list_base_attempts from public;
grant execute on function codered.list_base_attempts to service_role;

create function codered.describe_failing_run(run codered.failing_run, repository_id bigint, commit_sha text, names text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return to_jsonb(run) || jsonb_build_object(
        'tested_sha', describe_failing_run.commit_sha,
        'head', (
          select to_jsonb(k)
          from (
            select h.merge_parent_sha, h.merge_base_sha, h.changed_files, h.sources_asked_at, p.merge_commit_sha, p.state
            from codered.pull_requests p
            left join codered.pull_request_heads h
              on h.repository_id = p.repository_id and h.pull_request_number = p.number and h.sha = describe_failing_run.commit_sha
            where p.repository_id = describe_failing_run.repository_id and p.number = run.pull_request_number
          ) as k
        ),
        'superseded_by', (
          -- A newer run of the same workflow on the same branch.
          select jsonb_build_object('at', n.start_time, 'url', n.html_url)
          from (
            select c.*
            from codered.ci_events c
            where c.repository_id = describe_failing_run.repository_id and c.branch = run.branch and c.start_time >= run.started_at
            order by c.start_time
            limit 200
          ) as n
          where n.workflow_path = run.workflow_path and n.head_repository_id = run.head_repository_id
            and coalesce(n.event, n.trigger) = run.event and case when n.run_id ~ '^[0-9]{1,18}$' then n.run_id::bigint end > run.run_number
          order by case when n.run_id ~ '^[0-9]{1,18}$' then n.run_id::bigint end
          limit 1
        ),
        'passes', codered.list_earlier_passes(run, describe_failing_run.repository_id, describe_failing_run.names));
end
$$;
comment on function codered.describe_failing_run(codered.failing_run, bigint, text, text[]) is
  'A run with what GitHub was asked of its head, the run that took its place, and where its jobs passed before. Only verdict_evidence calls it.';
revoke execute on function codered.describe_failing_run from public;
grant execute on function codered.describe_failing_run to service_role;

create function codered.verdict_evidence(repository_id bigint, commit_sha text)
returns json
language plpgsql
stable
set search_path = ''
-- What is asked for differs from call to call, the way to it never does; a plan made for an empty table must not read a full one.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  place codered.repositories;
  found_runs codered.failing_run[];
  failures jsonb;
  names text[];
  bases jsonb;
  base_attempts jsonb;
  attempts jsonb;
  attempt_ids uuid[];
  base_ids uuid[];
  tests jsonb;
  first_at timestamptz;
begin
  select r.* into place from codered.repositories r where r.id = verdict_evidence.repository_id and r.deleted_at is null;
  if not found then
    return null;
  end if;
  found_runs := array(select f from codered.list_failing_runs(place.id, verdict_evidence.commit_sha) as f);
  if cardinality(found_runs) = 0 then
    return json_build_object('repository', json_build_object(
      'id', place.id, 'owner', place.owner, 'name', place.name, 'installation_id', place.installation_id, 'default_branch', place.default_branch), 'runs', '[]'::json, 'failures', '[]'::json);
  end if;
  failures := codered.list_failures_of_commit(place.id, verdict_evidence.commit_sha);
  names := array(select distinct f.value ->> 'name' from jsonb_array_elements(failures) as f);
  select min(r.started_at) into first_at from unnest(found_runs) as r;

  select coalesce(jsonb_object_agg(b.base_ref, jsonb_build_object(
    'commits', codered.list_base_commits(place.id, b.base_ref, first_at),
    'pushes', codered.list_pushes_without_runs(place.id, b.base_ref, (select max(r.started_at) from unnest(found_runs) as r)))), '{}')
  into bases
  from (select distinct r.base_ref from unnest(found_runs) as r where r.base_ref is not null and first_at is not null) as b;

  base_attempts := codered.list_base_attempts(place.id, verdict_evidence.commit_sha, found_runs, bases);
  base_ids := array(select (a.value ->> 0)::uuid from jsonb_array_elements(base_attempts) as a);

  select
    coalesce(jsonb_agg(jsonb_build_array(a.id, a.run_id, a.run_attempt, a.status, a.conclusion)), '[]'), coalesce(array_agg(a.id), '{}')
  into attempts, attempt_ids
  from unnest(found_runs) as r
  join codered.ci_events a on a.provider = r.provider and a.repository_id = place.id and a.run_id = r.run_id;

  tests := codered.list_failing_tests(place.id, attempt_ids || base_ids);

  return json_build_object(
    'repository', json_build_object('id', place.id, 'owner', place.owner, 'name', place.name, 'installation_id', place.installation_id, 'default_branch', place.default_branch),
    'runs', (
      select json_agg(codered.describe_failing_run(r, place.id, verdict_evidence.commit_sha, names))
      from unnest(found_runs) as r
    ),
    'failures', failures,
    'bases', bases,
    'base_attempts', base_attempts,
    'base_jobs', codered.list_job_results(base_ids, names),
    'attempts', attempts,
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_array(j.ci_event_id, j.name, j.status, j.conclusion, j.completed_at, (
          select e.fingerprint from codered.errors e where e.ci_job_id = j.id order by e.created_at desc limit 1),
        case when j.status in ('failed', 'canceled') then (
          select s.value ->> 'name' from jsonb_array_elements(j.steps) with ordinality as s (value, place)
          where s.value ->> 'conclusion' in ('failure', 'timed_out') order by s.place limit 1) end,
        j.started_at, j.html_url)), '[]')
      from codered.ci_jobs j
      where j.ci_event_id = any (attempt_ids)
    ),
    'fingerprints', (
      select codered.list_fingerprint_history(place.id, coalesce(jsonb_agg(to_jsonb(x)), '[]'))
      from (
        select f.value ->> 'fingerprint' as fingerprint, min(r.base_ref) as base_ref,
          coalesce(min((f.value ->> 'at')::timestamptz), min(r.started_at), now()) as at
        from jsonb_array_elements(failures) as f
        join unnest(found_runs) as r on r.run_id = f.value ->> 'run_id' and r.provider = f.value ->> 'provider'
        group by 1
      ) as x
    ),
    'tests', tests,
    'test_past', codered.list_test_past(array(
      select distinct (t.value ->> 0)::integer
      from unnest(attempt_ids) as a (id)
      cross join lateral jsonb_array_elements(tests -> a.id::text -> 'tests') as t
    ), coalesce(first_at, now()))
  );
end
$$;
comment on function codered.verdict_evidence(bigint, text) is
  'All that is known of the failures of a commit, and of what they are compared with, for src/verdicts; null for a repository that is unknown or gone.';
revoke execute on function codered.verdict_evidence from public;
grant execute on function codered.verdict_evidence to service_role;

create function codered.note_sources(repository_id bigint, pull_request_number integer, sha text, told jsonb)
returns void
language sql
set search_path = ''
as $$
  -- One that only a list named has no row yet; nothing is told of when it came.
  insert into codered.pull_request_heads as h (
    repository_id, pull_request_number, sha, told_at, merge_parent_sha, merge_base_sha, changed_files, sources_asked_at
  )
  select
    p.repository_id, p.number, note_sources.sha, '-infinity', told ->> 'merge_parent_sha', told ->> 'merge_base_sha',
    case
      when jsonb_typeof(told -> 'changed_files') = 'array' then array(select f.value from jsonb_array_elements_text(told -> 'changed_files') as f)
    end,
    now()
  from codered.pull_requests p
  where p.repository_id = note_sources.repository_id and p.number = note_sources.pull_request_number
  on conflict (repository_id, pull_request_number, sha) do update
  set
    merge_parent_sha = coalesce(excluded.merge_parent_sha, h.merge_parent_sha),
    merge_base_sha = coalesce(excluded.merge_base_sha, h.merge_base_sha),
    changed_files = coalesce(excluded.changed_files, h.changed_files),
    sources_asked_at = excluded.sources_asked_at
$$;
comment on function codered.note_sources(bigint, integer, text, jsonb) is
  'Keeps what GitHub said of a head of a pull request: {merge_parent_sha, merge_base_sha, changed_files}; what is left out stays.';
revoke execute on function codered.note_sources from public;
grant execute on function codered.note_sources to service_role;
