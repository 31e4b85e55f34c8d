-- Tests have states that monitors turn (broken, flaky, healthy, new), and a fork's results move none of them. Old workers survive it.

create type codered.test_signs as (
  test_id integer, on_default_branch boolean, runs_7 integer, failed_7 integer, flaky_7 integer, runs_14 integer, failed_14 integer,
  flaky_14 integer, mixed_7 integer, mixed_14 integer, mixed_shas text[], streak integer, is_unbroken boolean, quiet_days integer
);

alter table codered.tests add column first_seen_sha text;
alter table codered.test_reports add column name text;
alter table codered.test_states
  add column state text not null default 'unknown',
  add column state_since timestamptz,
  add column state_evidence jsonb,
  add column failing_since timestamptz,
  add column failing_since_sha text,
  add column failing_since_run text,
  add constraint test_states_state_check check (state in ('broken', 'flaky', 'healthy', 'new', 'unknown'));
update codered.test_states s
set
  state = case when s.on_default_branch and s.first_passed_at is null then 'new' else 'unknown' end,
  failing_since = case when s.last_status in ('failed', 'errored') then s.changed_at end
where s.last_status in ('failed', 'errored') or (s.on_default_branch and s.first_passed_at is null);

drop function codered.number_tests(bigint,jsonb);

drop function codered.turn_states(codered.test_reports,codered.test_outcome[],timestamp with time zone);

comment on table codered.tests is 'A test is (repository_id, suite, name, file_path). Of the 100,000 that a repository may have, those go first that were not seen for 30 days.';

comment on column codered.tests.number is 'Its place in the bits of test_reports; given again once its test is gone for longer than bits are kept.';

comment on column codered.tests.first_seen_sha is 'The commit whose report told of it first; null where nobody wrote that down.';

comment on column codered.tests.key is 'codered.test_key of the three names, which are too long for an index.';

grant select on codered.tests to authenticated;

grant select, insert, update, delete on codered.tests to service_role;

comment on table codered.test_reports is 'Which artifacts were counted, each once, on the attempt in whose time it was made.';

comment on column codered.test_reports.source is 'artifact:<GitHub''s id>, or upload:<name>.';

comment on column codered.test_reports.name is 'The artifact''s: of one name are the reports of one job''s attempts.';

comment on column codered.test_reports.from_fork is 'A fork, or nobody knows whose it was: it makes no tests, counts for no day, moves no state, and proves no flake.';

comment on column codered.test_reports.passed is 'Bit n is 1 when the test of number n passed here; null after 14 days. skipped likewise.';

comment on column codered.test_reports.omitted is 'Cases of it that were not counted: it has too many, or the repository.';

comment on column codered.test_reports.not_counted is 'Why nothing of it counts; null when it does.';

grant select on codered.test_reports to authenticated;

grant select, insert, update, delete on codered.test_reports to service_role;

comment on table codered.test_states is 'Where a test stands on the default branch and elsewhere, by the newest run that reports it.';

comment on column codered.test_states.as_of is 'When the run that changed it last began; what older runs tell changes nothing.';

comment on column codered.test_states.first_passed_at is 'Null: it never passed there.';

comment on column codered.test_states.state is
  'What its monitors say (judge_tests). New is said of the default branch alone: it never passed there, wherever else it did.';

comment on column codered.test_states.state_since is 'When a monitor turned it on; null: none ever did.';

comment on column codered.test_states.state_evidence is 'What was counted then.';

comment on column codered.test_states.failing_since is 'When the first run began of those that failed since it passed last; null: it passed last. Its commit and GitHub''s id of it beside.';

grant select on codered.test_states to authenticated;

grant select, insert, update, delete on codered.test_states to service_role;

create or replace function codered.number_tests(repository_id bigint, cases jsonb, commit_sha text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  most constant integer := 100000;
begin
  if (select count(*) from codered.tests t where t.repository_id = number_tests.repository_id)
      + jsonb_array_length(number_tests.cases) > most then
    delete from codered.tests t
    where t.repository_id = number_tests.repository_id and t.last_seen_on < (now() at time zone 'utc')::date - 30;
  end if;
  with wanted as materialized (
    select w.*, row_number() over (order by w.suite, w.name, w.key) as place
    from (
      select distinct on (k.key) k.key, c.told ->> 0 as suite, c.told ->> 1 as name, c.told ->> 2 as file_path
      from jsonb_array_elements(number_tests.cases) as c (told)
      cross join lateral (select codered.test_key(c.told ->> 0, c.told ->> 1, c.told ->> 2) as key) as k
      where not exists (
        select from codered.tests t where t.repository_id = number_tests.repository_id and t.key = k.key
      )
    ) as w
  ), free as (
    select g.number, row_number() over (order by g.number) as place
    from generate_series(1, most) as g (number)
    where not exists (
      select from codered.tests t where t.repository_id = number_tests.repository_id and t.number = g.number
    )
    order by g.number
    limit (select count(*) from wanted)
  )
  insert into codered.tests (repository_id, number, key, suite, name, file_path, first_seen_sha)
  select number_tests.repository_id, f.number, w.key, w.suite, w.name, w.file_path, number_tests.commit_sha
  from wanted w
  join free f using (place);
end
$$;

comment on function codered.number_tests(bigint, jsonb, text) is 'Makes rows of the tests that are not known yet, first seen on that commit, as many as have room. Called in SQL only.';

revoke execute on function codered.number_tests from public;

grant execute on function codered.number_tests to service_role;

create or replace function codered.outcomes_of(repository_id bigint, cases jsonb)
returns codered.test_outcome[]
language sql
stable
set search_path = ''
as $$
  select coalesce(array_agg((o.id, o.number, o.status, o.is_flaky, o.duration_ms, o.message)::codered.test_outcome), '{}')
  from (
    -- Of a name that comes several times the worst counts, and it proves no flake.
    select distinct on (t.id)
      t.id, t.number, c.told ->> 3 as status,
      coalesce((c.told ->> 6)::boolean, false) and count(*) over (partition by t.id) = 1 as is_flaky,
      (c.told ->> 4)::integer as duration_ms, c.told ->> 5 as message
    from jsonb_array_elements(outcomes_of.cases) as c (told)
    join codered.tests t
      on t.repository_id = outcomes_of.repository_id and t.key = codered.test_key(c.told ->> 0, c.told ->> 1, c.told ->> 2)
    order by t.id, array_position(array['errored', 'failed', 'passed', 'skipped'], c.told ->> 3)
  ) as o
$$;

comment on function codered.outcomes_of(bigint, jsonb) is 'The cases [[suite, name, file_path, status, duration_ms, message, is_flaky]] of tests that are known, each test once. Called in SQL only.';

revoke execute on function codered.outcomes_of from public;

grant execute on function codered.outcomes_of to service_role;

create or replace function codered.count_outcomes(report codered.test_reports, outcomes codered.test_outcome[])
returns void
language sql
set search_path = ''
as $$
  insert into codered.test_today as d (test_id, day, on_default_branch, passed, failed, flaky, skipped, seconds)
  select
    o.test_id, report.day, report.on_default_branch,
    (o.status = 'passed' and not o.is_flaky)::integer, (o.status in ('failed', 'errored'))::integer,
    (o.status = 'passed' and o.is_flaky)::integer, (o.status = 'skipped')::integer, coalesce(o.duration_ms, 0) / 1000.0
  from unnest(outcomes) as o
  where not report.from_fork
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped, seconds = d.seconds + excluded.seconds;
  update codered.tests t
  set last_seen_on = (now() at time zone 'utc')::date
  from unnest(outcomes) as o
  where t.id = o.test_id and t.last_seen_on < (now() at time zone 'utc')::date and not report.from_fork;
$$;

comment on function codered.count_outcomes(codered.test_reports, codered.test_outcome[]) is 'Adds the outcomes of a report to its day, unless it is a fork''s. Called in SQL only.';

revoke execute on function codered.count_outcomes from public;

grant execute on function codered.count_outcomes to service_role;

create or replace function codered.turn_states(report codered.test_reports, outcomes codered.test_outcome[], made codered.ci_events)
returns void
language sql
set search_path = ''
as $$
  insert into codered.test_states as s (
    test_id, on_default_branch, last_status, as_of, changed_at, first_passed_at, state, failing_since, failing_since_sha, failing_since_run
  )
  select
    o.test_id, report.on_default_branch, o.status, r.began, r.began, case when o.status = 'passed' then r.began end,
    case when report.on_default_branch and o.status <> 'passed' then 'new' else 'unknown' end,
    case when o.is_bad then r.began end, case when o.is_bad then made.commit_sha end, case when o.is_bad then made.run_id end
  from (select b.*, b.status in ('failed', 'errored') as is_bad from unnest(outcomes) as b) as o
  cross join (select coalesce(made.start_time, made.created_at) as began) as r
  where not report.from_fork
  on conflict (test_id, on_default_branch) do update
  set
    last_status = case when excluded.as_of >= s.as_of and excluded.last_status <> 'skipped' then excluded.last_status else s.last_status end,
    changed_at = case when excluded.as_of >= s.as_of and excluded.last_status <> 'skipped' then excluded.as_of else s.changed_at end,
    as_of = greatest(s.as_of, excluded.as_of),
    first_passed_at = least(s.first_passed_at, excluded.first_passed_at),
    state = case when s.state = 'new' and excluded.first_passed_at is not null then 'unknown' else s.state end,
    state_since = case when s.state = 'new' and excluded.first_passed_at is not null then excluded.as_of else s.state_since end,
    (failing_since, failing_since_sha, failing_since_run) = (
      select
        case when n.was then s.failing_since when n.starts then excluded.failing_since end,
        case when n.was then s.failing_since_sha when n.starts then excluded.failing_since_sha end,
        case when n.was then s.failing_since_run when n.starts then excluded.failing_since_run end
      from (
        select
          (excluded.as_of < s.as_of or excluded.last_status <> 'passed') and s.failing_since is not null as was,
          excluded.as_of >= s.as_of as starts
      ) as n
    )
  where (excluded.as_of >= s.as_of and excluded.last_status not in (s.last_status, 'skipped'))
    or excluded.first_passed_at < coalesce(s.first_passed_at, 'infinity');
$$;

comment on function codered.turn_states(codered.test_reports, codered.test_outcome[], codered.ci_events) is
  'Moves where tests stand to what a run says of them, unless it is a fork''s. A test that was skipped stays where it was. Called in SQL only.';

revoke execute on function codered.turn_states from public;

grant execute on function codered.turn_states to service_role;

create or replace function codered.uncount_report(report codered.test_reports)
returns void
language sql
set search_path = ''
as $$
  with gone as (
    delete from codered.test_results x where x.test_report_id = report.id returning x.test_id, x.status, x.is_flaky
  ), counted as (
    select
      t.id as test_id,
      (codered.has_bit(report.passed, t.number) and not coalesce(bool_or(g.is_flaky), false))::integer as passed,
      coalesce(bool_or(g.status in ('failed', 'errored')), false)::integer as failed,
      coalesce(bool_or(g.is_flaky), false)::integer as flaky,
      codered.has_bit(report.skipped, t.number)::integer as skipped
    from codered.tests t
    left join gone g on g.test_id = t.id
    where t.repository_id = report.repository_id
      and (g.test_id is not null or codered.has_bit(report.passed, t.number) or codered.has_bit(report.skipped, t.number))
    group by t.id
  )
  insert into codered.test_today as d (test_id, day, on_default_branch, passed, failed, flaky, skipped)
  select c.test_id, report.day, report.on_default_branch, -c.passed, -c.failed, -c.flaky, -c.skipped
  from counted c
  where not report.from_fork
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped;
$$;

comment on function codered.uncount_report(codered.test_reports) is 'Takes back what a report that another has replaced was counted for, but its seconds. Called in SQL only.';

revoke execute on function codered.uncount_report from public;

grant execute on function codered.uncount_report to service_role;

create or replace function codered.place_test_report(event codered.ci_events, github_artifact_id bigint, name text)
returns codered.test_reports
language sql
stable
set search_path = ''
as $$
  select p
  from codered.repositories r
  left join lateral (
    select a.id, a.made_at, j.made_in
    from codered.artifacts a
    join codered.ci_events own on own.id = a.ci_event_id and own.provider = event.provider
      and own.repository_id = event.repository_id and own.run_id = event.run_id
    join codered.list_artifact_ages(event.repository_id, event.run_id, event.run_attempt) j on j.artifact_id = a.id
    where case
      when place_test_report.github_artifact_id is null
        then a.github_artifact_id is null and a.ci_event_id = event.id and a.file_name = place_test_report.name
      else a.github_artifact_id = place_test_report.github_artifact_id
    end
    limit 1
  ) as found on true
  left join codered.ci_events made on made.provider = event.provider and made.repository_id = event.repository_id
    and made.run_id = event.run_id and made.run_attempt = found.made_in
  cross join lateral (
    select
      null::bigint as id, event.repository_id, coalesce(made.id, event.id) as ci_event_id,
      coalesce('artifact:' || place_test_report.github_artifact_id, 'upload:' || place_test_report.name) as source, null::text as ref,
      found.id as artifact_id, event.commit_sha,
      coalesce(event.branch = r.default_branch and event.trigger in ('push', 'schedule', 'manual')
        and coalesce(event.head_repository_id, r.id) = r.id, false) as on_default_branch,
      event.head_repository_id is distinct from event.repository_id as from_fork,
      (least(coalesce(made.start_time, made.created_at, now()), now()) at time zone 'utc')::date as day,
      null::bit varying as passed, null::bit varying as skipped, 0 as cases, 0 as omitted,
      case
        when found.id is null then 'the artifact is not kept'
        when made.id is null then 'the attempt that made it is not known'
        when place_test_report.github_artifact_id is not null and found.made_at is null then 'when it was made is not known'
      end as not_counted,
      now() as created_at, now() as updated_at, left(place_test_report.name, 1000) as name
  ) as told
  cross join lateral (
    select row(
      told.id, told.repository_id, told.ci_event_id, told.source, told.ref, told.artifact_id, told.commit_sha, told.on_default_branch,
      told.from_fork, told.day, told.passed, told.skipped, told.cases, told.omitted, told.not_counted, told.created_at, told.updated_at,
      told.name)::codered.test_reports as p
  ) as placed
  where r.id = event.repository_id
$$;

comment on function codered.place_test_report(codered.ci_events, bigint, text) is 'Where an artifact of the event''s run is to be counted, as a report without its cases; not_counted says why nowhere. Called in SQL only.';

revoke execute on function codered.place_test_report from public;

grant execute on function codered.place_test_report to service_role;

create or replace function codered.state_by_signs(state codered.test_states, signs codered.test_signs)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when state.on_default_branch and state.first_passed_at is null then 'new'
    when state.failing_since is not null and signs.is_unbroken and signs.streak >= 3 then 'broken'
    when signs.runs_7 >= 100 and signs.mixed_7 >= 2 and signs.mixed_7 * 100 >= signs.runs_7 then 'flaky'
    when signs.runs_7 < 100 and signs.runs_14 >= 100 and signs.mixed_14 >= 2 and signs.mixed_14 * 100 >= signs.runs_14 then 'flaky'
    when signs.quiet_days >= 7 then 'healthy'
    when state.state = 'flaky' and signs.runs_14 > 0 then 'flaky'
    else 'unknown'
  end
$$;

comment on function codered.state_by_signs(codered.test_states, codered.test_signs) is
  'The state of a test in one branch kind: new (the default branch: never passed there), broken (failed in all of at least 3 runs, elsewhere branches, since it passed last), flaky (2 sources with mixed results that are 1 % of at least 100 results in 7 days, in 14 where 7 have fewer; until it is healthy, or has not run for 14 days), healthy (the 7 newest of its days with runs, in 14, were quiet), else unknown. Called in SQL only.';

revoke execute on function codered.state_by_signs from public;

grant execute on function codered.state_by_signs to service_role;

create or replace function codered.signs_of_tests(test_ids integer[])
returns setof codered.test_signs
language sql
stable
set search_path = ''
as $$
  with own as materialized (
    select s.test_id, s.on_default_branch, s.failing_since, d.today
    from codered.test_states s
    cross join (select (now() at time zone 'utc')::date as today) as d
    where s.test_id = any (signs_of_tests.test_ids)
  ), days as (
    -- A day may be in two rows.
    select
      o.test_id, o.on_default_branch, o.today - c.day as age, sum(c.passed + c.failed + c.flaky) as runs, sum(c.failed) as failed,
      sum(c.flaky) as flaky,
      row_number() over (partition by o.test_id, o.on_default_branch order by c.day desc) as place
    from own o
    join codered.test_day_counts c on c.test_id = o.test_id and c.on_default_branch = o.on_default_branch and c.day > o.today - 14
    group by o.test_id, o.on_default_branch, o.today, c.day
    having sum(c.passed + c.failed + c.flaky) > 0
  ), counted as (
    select
      d.test_id, d.on_default_branch, sum(d.runs) as runs_14, sum(d.failed) as failed_14, sum(d.flaky) as flaky_14,
      coalesce(sum(d.runs) filter (where d.age < 7), 0) as runs_7, coalesce(sum(d.failed) filter (where d.age < 7), 0) as failed_7,
      coalesce(sum(d.flaky) filter (where d.age < 7), 0) as flaky_7,
      count(*) filter (where d.place <= 7 and d.failed = 0 and d.flaky = 0) as quiet_days
    from days d
    group by d.test_id, d.on_default_branch
  ), told as materialized (
    select o.test_id, o.on_default_branch, o.failing_since, x.*, o.today - x.day as age
    from own o
    cross join lateral (
      -- As many as show what a test does, and no more however often it fails.
      select
        x.commit_sha, x.is_flaky, x.status in ('failed', 'errored') as is_bad, r.name, r.day, e.run_id, e.branch, e.workflow_path,
        coalesce(e.start_time, e.created_at) as began
      from codered.test_results x
      join codered.test_reports r
        on r.id = x.test_report_id and not r.from_fork and r.on_default_branch = o.on_default_branch and r.day > o.today - 14
      join codered.ci_events e on e.id = r.ci_event_id
      where x.test_id = o.test_id and x.created_at > now() - interval '15 days'
      order by x.created_at desc
      limit 400
    ) as x
  ), mixed as (
    -- Nothing but the attempt differs: on the default branch one commit and workflow, elsewhere one run, since GitHub merges anew for each.
    select t.test_id, t.on_default_branch, t.commit_sha, min(t.age) as age, min(t.branch) as branch
    from told t
    group by t.test_id, t.on_default_branch, t.commit_sha, t.name, t.workflow_path, case when not t.on_default_branch then t.run_id end
    having bool_or(t.is_flaky) or (bool_or(t.is_bad) and not bool_and(t.is_bad))
  ), sources as (
    -- A pull request counts once.
    select
      m.test_id, m.on_default_branch, min(m.age) as age, min(m.commit_sha) as commit_sha
    from mixed m
    group by m.test_id, m.on_default_branch, case when m.on_default_branch then m.commit_sha else coalesce(m.branch, m.commit_sha) end
  ), flaked as (
    select
      s.test_id, s.on_default_branch, count(*) as mixed_14, count(*) filter (where s.age < 7) as mixed_7,
      (array_agg(s.commit_sha order by s.age, s.commit_sha))[:5] as mixed_shas
    from sources s
    group by s.test_id, s.on_default_branch
  ), streaks as (
    select
      t.test_id, t.on_default_branch, bool_and(t.is_bad) as is_unbroken,
      count(distinct case when t.on_default_branch then t.run_id else coalesce(t.branch, t.commit_sha) end) as streak
    from told t
    where t.began >= t.failing_since
    group by t.test_id, t.on_default_branch
  )
  select
    o.test_id, o.on_default_branch, coalesce(c.runs_7, 0)::integer, coalesce(c.failed_7, 0)::integer, coalesce(c.flaky_7, 0)::integer,
    coalesce(c.runs_14, 0)::integer, coalesce(c.failed_14, 0)::integer, coalesce(c.flaky_14, 0)::integer,
    coalesce(f.mixed_7, 0)::integer, coalesce(f.mixed_14, 0)::integer, coalesce(f.mixed_shas, '{}'), coalesce(k.streak, 0)::integer,
    coalesce(k.is_unbroken, false), coalesce(c.quiet_days, 0)::integer
  from own o
  left join counted c on c.test_id = o.test_id and c.on_default_branch = o.on_default_branch
  left join flaked f on f.test_id = o.test_id and f.on_default_branch = o.on_default_branch
  left join streaks k on k.test_id = o.test_id and k.on_default_branch = o.on_default_branch
$$;

comment on function codered.signs_of_tests(integer[]) is
  'What tests did in the last 7 and 14 days in UTC, by branch kind, forks left out: results that are no skips, sources with mixed results (commits of the default branch; elsewhere branches, so that a pull request counts once) and up to 5 of their commits, in how many runs (elsewhere branches) each failed since it passed last and whether it failed in all of them, and how many of the 7 newest days with runs were quiet. Called in SQL only.';

revoke execute on function codered.signs_of_tests from public;

grant execute on function codered.signs_of_tests to service_role;

create or replace function codered.turn_monitors(test_ids integer[])
returns integer
language sql
set search_path = ''
as $$
  with judged as (
    select g.*, codered.state_by_signs(s, g) as state, s.failing_since_sha, s.failing_since_run
    from codered.signs_of_tests(turn_monitors.test_ids) as g
    join codered.test_states s on s.test_id = g.test_id and s.on_default_branch = g.on_default_branch
  ), turned as (
    update codered.test_states s
    set
      state = j.state, state_since = now(),
      state_evidence = jsonb_build_object(
        'before', s.state, 'days', d.days, 'runs', case d.days when 7 then j.runs_7 else j.runs_14 end,
        'failed', case d.days when 7 then j.failed_7 else j.failed_14 end, 'flaky', case d.days when 7 then j.flaky_7 else j.flaky_14 end,
        'mixed', case d.days when 7 then j.mixed_7 else j.mixed_14 end, 'mixed_shas', j.mixed_shas, 'quiet_days', j.quiet_days)
        || case
          when j.state = 'broken' then jsonb_build_object(
            'failed_in_a_row', j.streak, 'since_sha', j.failing_since_sha, 'since_run', j.failing_since_run)
          else '{}'
        end
    from judged j
    cross join lateral (select case when j.runs_7 >= 100 then 7 else 14 end as days) as d
    where s.test_id = j.test_id and s.on_default_branch = j.on_default_branch and s.state <> j.state
    returning 1
  )
  select count(*)::integer from turned
$$;

comment on function codered.turn_monitors(integer[]) is 'Judges tests anew and writes down which state changed, with what was counted. Returns how many changed. Called in SQL only.';

revoke execute on function codered.turn_monitors from public;

grant execute on function codered.turn_monitors to service_role;

create or replace function codered.tests_concerned(report codered.test_reports)
returns integer[]
language sql
stable
set search_path = ''
as $$
  select array(
    select distinct x.test_id
    from codered.test_results x
    join codered.test_states s on s.test_id = x.test_id and s.on_default_branch = report.on_default_branch
    where x.test_report_id = report.id and not report.from_fork
      -- What is known to be broken and fails again changes nothing, nor does what never passed.
      and not (s.state in ('broken', 'new') and x.status in ('failed', 'errored'))
  )
$$;

comment on function codered.tests_concerned(codered.test_reports) is
  'The tests whose state a report may have changed: those that it kept a row of. Called in SQL only.';

revoke execute on function codered.tests_concerned from public;

grant execute on function codered.tests_concerned to service_role;

create or replace function codered.record_test_results(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  event codered.ci_events;
  made codered.ci_events;
  report codered.test_reports;
  known codered.test_reports;
  outcomes codered.test_outcome[];
  one record;
  recorded integer := 0;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_test_results.ci_event_id and e.repository_id = record_test_results.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_test_results.ci_event_id::text);
  end if;
  -- One report of a repository after the other: numbers are given, and days moved.
  perform pg_advisory_xact_lock(hashtextextended('codered.tests', event.repository_id));
  perform codered.close_test_days(event.repository_id);
  for one in
    select t.*
    from jsonb_to_recordset(record_test_results.artifacts) as t (
      github_artifact_id bigint, name text, ref text, omitted integer, cases jsonb
    )
  loop
    report := codered.place_test_report(event, one.github_artifact_id, one.name);
    select r.* into known
    from codered.test_reports r
    where r.repository_id = report.repository_id and r.ci_event_id = report.ci_event_id and r.source = report.source;
    if found then
      continue when known.ref is not distinct from one.ref;
      perform codered.uncount_report(known);
      delete from codered.test_reports r where r.id = known.id;
    end if;
    select e.* into made from codered.ci_events e where e.id = report.ci_event_id;
    if report.not_counted is null then
      if not report.from_fork then
        perform codered.number_tests(event.repository_id, one.cases, report.commit_sha);
      end if;
      outcomes := codered.outcomes_of(event.repository_id, one.cases);
    else
      outcomes := '{}';
    end if;
    insert into codered.test_reports (
      repository_id, ci_event_id, source, ref, artifact_id, commit_sha, on_default_branch, from_fork, day, not_counted, name, cases,
      omitted, passed, skipped
    )
    values (
      report.repository_id, report.ci_event_id, report.source, one.ref, report.artifact_id, report.commit_sha, report.on_default_branch,
      report.from_fork, report.day, report.not_counted, report.name, cardinality(outcomes),
      coalesce(one.omitted, 0) + jsonb_array_length(one.cases) - cardinality(outcomes),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'passed')),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'skipped')))
    returning * into report;
    perform codered.count_outcomes(report, outcomes);
    perform codered.keep_results(report, outcomes);
    perform codered.turn_states(report, outcomes, made);
    perform codered.turn_monitors(codered.tests_concerned(report));
    recorded := recorded + cardinality(outcomes);
  end loop;
  return recorded;
end
$$;

comment on function codered.record_test_results(bigint, uuid, jsonb) is
  'Counts the cases of artifacts of a workflow run ([{github_artifact_id, name, ref, omitted, cases: [[suite, name, file_path, status, duration_ms, message, is_flaky]]}]) for their tests, each artifact once on the attempt in whose time it was made; another ref under the same name and attempt replaces the former. record_evidence or record_uploaded_evidence comes before. Returns how many tests were counted. CR004.';

revoke execute on function codered.record_test_results from public;

grant execute on function codered.record_test_results to service_role;

create or replace function codered.turn_quiet_tests(after_test integer, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  ids integer[];
begin
  if (turn_quiet_tests.batch >= 1) is not true then
    perform codered.refuse_value('turn_quiet_tests.batch', coalesce(turn_quiet_tests.batch::text, 'null'), '1 or more');
  end if;
  ids := array(
    select t.id from codered.tests t where t.id > turn_quiet_tests.after_test order by t.id limit turn_quiet_tests.batch
  );
  perform codered.turn_monitors(ids);
  return (select max(i.id) from unnest(ids) as i (id));
end
$$;

comment on function codered.turn_quiet_tests(integer, integer) is
  'Judges the next tests after that one anew, as many as batch, as a day that is over leaves them: what was quiet long enough, and what does not run any more. Returns the last of them; null when there are none.';

revoke execute on function codered.turn_quiet_tests from public;

grant execute on function codered.turn_quiet_tests to service_role;

create or replace function codered.test_histories(repository_id bigint, test_ids integer[])
returns table (
  test_id integer, state text, state_since timestamptz, on_default_branch boolean, window_days integer, failed integer, flaky integer,
  runs integer, failing_since timestamptz, since_sha text, since_run text, base_flakes integer, base_mixed boolean,
  first_seen_sha text, first_seen_at timestamptz)
language sql
stable
set search_path = ''
as $$
  with own as materialized (
    select t.* from codered.tests t where t.repository_id = test_histories.repository_id and t.id = any (test_histories.test_ids)
  ), signs as materialized (
    select g.* from codered.signs_of_tests(array(select o.id from own o)) as g
  )
  select
    o.id,
    case
      when base.first_passed_at is null then 'new'
      when base.state = 'broken' then 'broken'
      when 'flaky' in (base.state, elsewhere.state) then 'flaky'
      else base.state
    end,
    told.state_since, k.is_base, d.days,
    case d.days when 7 then g.failed_7 else coalesce(g.failed_14, 0) end, case d.days when 7 then g.flaky_7 else coalesce(g.flaky_14, 0) end,
    case d.days when 7 then g.runs_7 else coalesce(g.runs_14, 0) end,
    told.failing_since, told.failing_since_sha, told.failing_since_run,
    coalesce(on_base.mixed_14, 0), coalesce(on_base.mixed_14, 0) > 0, o.first_seen_sha, o.created_at
  from own o
  left join codered.test_states base on base.test_id = o.id and base.on_default_branch
  left join codered.test_states elsewhere on elsewhere.test_id = o.id and not elsewhere.on_default_branch
  left join signs on_base on on_base.test_id = o.id and on_base.on_default_branch
  -- Counts are those of the branch kind that the state is of.
  cross join lateral (
    select coalesce(base.state in ('broken', 'flaky') or (elsewhere.state is distinct from 'flaky' and on_base.runs_14 > 0), false) as is_base
  ) as k
  left join signs g on g.test_id = o.id and g.on_default_branch = k.is_base
  left join codered.test_states told on told.test_id = o.id and told.on_default_branch = k.is_base
  cross join lateral (select case when g.runs_7 >= 100 then 7 else 14 end as days) as d
$$;

comment on function codered.test_histories(bigint, integer[]) is
  'Of those of the tests that are this repository''s: the state (new: never passed on the default branch, before all others), since when, on which branch kind it was counted, and there over window_days how often it failed, passed only when tried again (flaky), and ran; since when, which commit and run it fails; base_flakes: commits of the default branch on which it both failed and passed in 14 days with nothing changed but the attempt; the commit that told of it first. Forks count for nothing.';

revoke execute on function codered.test_histories from public;

grant execute on function codered.test_histories to service_role;
