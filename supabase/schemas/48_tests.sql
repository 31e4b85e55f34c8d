-- Tests: what reports said of each, by day and now.

-- What a report says of one test that is known.
create type codered.test_outcome as (
  test_id integer, number integer, status text, is_flaky boolean, duration_ms integer, message text
);

create table codered.tests (
  id integer generated always as identity primary key,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  number integer not null,
  key uuid not null,
  suite text not null,
  name text not null,
  file_path text,
  last_seen_on date not null default current_date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  first_seen_sha text,
  constraint tests_key unique (repository_id, key),
  constraint tests_number_key unique (repository_id, number),
  constraint tests_number_check check (number between 1 and 100000)
);
comment on table codered.tests is 'A test is (repository_id, suite, name, file_path). Of the 100,000 that a repository may have, those go first that were not seen for 30 days.';
comment on column codered.tests.number is 'Its place in the bits of test_reports; given again once its test is gone for longer than bits are kept.';
comment on column codered.tests.first_seen_sha is 'The commit whose report told of it first; null where nobody wrote that down.';
comment on column codered.tests.key is 'codered.test_key of the three names, which are too long for an index.';
create index tests_name_idx on codered.tests (repository_id, md5(suite || name));
alter table codered.tests enable row level security;
create policy tests_read on codered.tests for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.tests to authenticated;
grant select, insert, update, delete on codered.tests to service_role;
create trigger tests_touch before update on codered.tests
  for each row execute function codered.touch_updated_at();

create table codered.test_reports (
  id bigint generated always as identity primary key,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  source text not null,
  ref text,
  artifact_id uuid references codered.artifacts (id) on delete set null,
  commit_sha text not null,
  on_default_branch boolean not null,
  from_fork boolean not null,
  day date not null,
  passed bit varying,
  skipped bit varying,
  cases integer not null default 0,
  omitted integer not null default 0,
  not_counted text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text,
  constraint test_reports_source_key unique (repository_id, ci_event_id, source)
);
comment on table codered.test_reports is 'Which artifacts were counted, each once, on the attempt in whose time it was made.';
comment on column codered.test_reports.source is 'artifact:<GitHub''s id>, or upload:<name>.';
comment on column codered.test_reports.name is 'The artifact''s: of one name are the reports of one job''s attempts.';
comment on column codered.test_reports.from_fork is 'A fork, or nobody knows whose it was: it makes no tests, counts for no day, moves no state, and proves no flake.';
comment on column codered.test_reports.passed is 'Bit n is 1 when the test of number n passed here; null after 14 days. skipped likewise.';
comment on column codered.test_reports.omitted is 'Cases of it that were not counted: it has too many, or the repository.';
comment on column codered.test_reports.not_counted is 'Why nothing of it counts; null when it does.';
create index test_reports_commit_idx on codered.test_reports (repository_id, commit_sha);
create index test_reports_ci_event_id_idx on codered.test_reports (ci_event_id);
create index test_reports_artifact_id_idx on codered.test_reports (artifact_id);
alter table codered.test_reports enable row level security;
create policy test_reports_read on codered.test_reports for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.test_reports to authenticated;
grant select, insert, update, delete on codered.test_reports to service_role;
create trigger test_reports_touch before update on codered.test_reports
  for each row execute function codered.touch_updated_at();

create table codered.test_days (
  test_id integer not null references codered.tests (id) on delete cascade,
  day date not null,
  on_default_branch boolean not null,
  passed integer not null default 0,
  failed integer not null default 0,
  flaky integer not null default 0,
  skipped integer not null default 0,
  seconds real not null default 0,
  constraint test_days_pkey primary key (test_id, day, on_default_branch)
);
comment on table codered.test_days is 'What a test did in a day in UTC that is over, on the default branch or elsewhere. A flaky result is one that passed in the end.';
create index test_days_day_idx on codered.test_days (day);
alter table codered.test_days enable row level security;
create policy test_days_read on codered.test_days for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_days to authenticated;
grant select, insert, update, delete on codered.test_days to service_role;

-- Every report writes to each of its tests here. Half of a page is kept free, so that a new row finds its place beside the old one.
create table codered.test_today (
  test_id integer not null references codered.tests (id) on delete cascade,
  day date not null,
  on_default_branch boolean not null,
  passed integer not null default 0,
  failed integer not null default 0,
  flaky integer not null default 0,
  skipped integer not null default 0,
  seconds real not null default 0,
  constraint test_today_pkey primary key (test_id, day, on_default_branch)
) with (fillfactor = 40);
comment on table codered.test_today is 'The days of test_days that are not over, or not put there yet.';
alter table codered.test_today enable row level security;
create policy test_today_read on codered.test_today for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_today to authenticated;
grant select, insert, update, delete on codered.test_today to service_role;

create table codered.test_states (
  test_id integer not null references codered.tests (id) on delete cascade,
  on_default_branch boolean not null,
  last_status text not null,
  as_of timestamptz not null,
  changed_at timestamptz not null,
  first_passed_at timestamptz,
  state text not null default 'unknown',
  state_since timestamptz,
  state_evidence jsonb,
  failing_since timestamptz,
  failing_since_sha text,
  failing_since_run text,
  constraint test_states_pkey primary key (test_id, on_default_branch),
  constraint test_states_status_check check (last_status in ('passed', 'failed', 'errored', 'skipped')),
  constraint test_states_state_check check (state in ('broken', 'flaky', 'healthy', 'new', 'unknown'))
);
comment on table codered.test_states is 'Where a test stands on the default branch and elsewhere, by the newest run that reports it.';
comment on column codered.test_states.as_of is 'When the run that changed it last began; what older runs tell changes nothing.';
comment on column codered.test_states.first_passed_at is 'Null: it never passed there.';
comment on column codered.test_states.state is
  'What its monitors say (judge_tests). New is said of the default branch alone: it never passed there, wherever else it did.';
comment on column codered.test_states.state_since is 'When a monitor turned it on; null: none ever did.';
comment on column codered.test_states.state_evidence is 'What was counted then.';
comment on column codered.test_states.failing_since is 'When the first run began of those that failed since it passed last; null: it passed last. Its commit and GitHub''s id of it beside.';
alter table codered.test_states enable row level security;
create policy test_states_read on codered.test_states for select to authenticated using (
  test_id in (select t.id from codered.tests t where t.repository_id in (select codered.my_repositories())));
grant select on codered.test_states to authenticated;
grant select, insert, update, delete on codered.test_states to service_role;

create table codered.test_results (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  artifact_id uuid references codered.artifacts (id) on delete set null,
  commit_sha text not null,
  run_attempt integer not null,
  suite text not null,
  name text not null,
  file_path text,
  status text not null,
  duration_ms integer,
  message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  test_id integer references codered.tests (id) on delete cascade,
  test_report_id bigint references codered.test_reports (id) on delete cascade,
  is_flaky boolean not null default false,
  constraint test_results_status_check check (
    status in ('passed', 'failed', 'skipped', 'errored')
    or codered.refuse_value('test_results.status', status, 'passed, failed, skipped, errored')
  ),
  constraint test_results_duration_check check (duration_ms >= 0 or codered.refuse_value('test_results.duration_ms', duration_ms, '0 or more'))
);
comment on table codered.test_results is
  'Single results: what failed, what flaked, and a pass where it says something: of a test that failed on the same commit, or before. All others are counts of test_days.';
comment on column codered.test_results.is_flaky is 'It passed after it had failed, within one report.';
create index test_results_test_idx on codered.test_results (repository_id, suite, name, created_at desc);
create index test_results_ci_event_id_idx on codered.test_results (ci_event_id);
create index test_results_ci_job_id_idx on codered.test_results (ci_job_id);
create index test_results_artifact_id_idx on codered.test_results (artifact_id);
-- Failures are few, so this costs little where most results are written, and finds the flaky without reading the rest.
create index test_results_failed_idx on codered.test_results (repository_id, created_at) where status in ('failed', 'errored');
create index test_results_test_id_idx on codered.test_results (test_id, created_at desc);
create index test_results_report_idx on codered.test_results (test_report_id);
create index test_results_commit_idx on codered.test_results (test_id, commit_sha);
create index test_results_created_at_idx on codered.test_results (created_at);
alter table codered.test_results enable row level security;
create policy test_results_read on codered.test_results for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.test_results to authenticated;
grant select, insert, update, delete on codered.test_results to service_role;
create trigger test_results_touch before update on codered.test_results
  for each row execute function codered.touch_updated_at();

create view codered.test_day_counts with (security_invoker = true) as
select * from codered.test_days
union all
select * from codered.test_today;
comment on view codered.test_day_counts is 'What each test did each day in UTC, today too; a day may be in two rows, which are to be added.';
grant select on codered.test_day_counts to authenticated, service_role;

create function codered.test_key(suite text, name text, file_path text)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
as $$
  select md5(json_build_array(suite, name, file_path)::text)::uuid
$$;
comment on function codered.test_key(text, text, text) is 'What a test is known by. Called in SQL only.';
revoke execute on function codered.test_key from public;
grant execute on function codered.test_key to service_role;

create function codered.close_test_days(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  with moved as (
    delete from codered.test_today d
    using codered.tests t
    where t.id = d.test_id and t.repository_id = close_test_days.repository_id and d.day < (now() at time zone 'utc')::date
    returning d.*
  )
  insert into codered.test_days as d
  select * from moved
  on conflict (test_id, day, on_default_branch) do update
  set
    passed = d.passed + excluded.passed, failed = d.failed + excluded.failed, flaky = d.flaky + excluded.flaky,
    skipped = d.skipped + excluded.skipped, seconds = d.seconds + excluded.seconds;
  -- Who passed beside whom is asked for two weeks at the most.
  update codered.test_reports r
  set passed = null, skipped = null
  where r.repository_id = close_test_days.repository_id and r.passed is not null
    and r.created_at < now() - interval '14 days';
$$;
comment on function codered.close_test_days(bigint) is 'Moves the days that are over from test_today to test_days. Called in SQL only.';
revoke execute on function codered.close_test_days from public;
grant execute on function codered.close_test_days to service_role;

create function codered.bits_of(numbers integer[])
returns bit varying
language sql
immutable
set search_path = ''
as $$
  select string_agg(case when n.number is null then '0' else '1' end, '' order by g.number)::bit varying
  from generate_series(1, (select max(m.number) from unnest(bits_of.numbers) as m (number))) as g (number)
  left join (select distinct d.number from unnest(bits_of.numbers) as d (number)) as n using (number)
$$;
comment on function codered.bits_of(integer[]) is 'Bit n is 1 for each number n; null for none. Called in SQL only.';
revoke execute on function codered.bits_of from public;
grant execute on function codered.bits_of to service_role;

create function codered.has_bit(bits bit varying, number integer)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case when number <= length(bits) then get_bit(bits, number - 1) = 1 else false end
$$;
comment on function codered.has_bit(bit varying, integer) is 'Whether bits_of was given the number; false for null. Called in SQL only.';
revoke execute on function codered.has_bit from public;
grant execute on function codered.has_bit to service_role;

create function codered.number_tests(repository_id bigint, cases jsonb, commit_sha text)
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

create function codered.outcomes_of(repository_id bigint, cases jsonb)
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

create function codered.count_outcomes(report codered.test_reports, outcomes codered.test_outcome[])
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

create function codered.keep_results(report codered.test_reports, outcomes codered.test_outcome[])
returns void
language sql
set search_path = ''
as $$
  with bad as materialized (
    select o.* from unnest(outcomes) as o where o.status in ('failed', 'errored') order by o.test_id limit 1000
  ), red as materialized (
    -- Tests that failed on this commit, in whichever report.
    select distinct x.test_id
    from codered.test_results x
    where x.test_id = any (select o.test_id from unnest(outcomes) as o where o.status = 'passed')
      and x.commit_sha = report.commit_sha
      and x.repository_id = report.repository_id
      and x.status in ('failed', 'errored')
  ), good as materialized (
    select o.*
    from unnest(outcomes) as o
    left join codered.test_states s on s.test_id = o.test_id and s.on_default_branch = report.on_default_branch
    where o.status = 'passed'
      and (o.is_flaky or s.last_status in ('failed', 'errored') or o.test_id in (select r.test_id from red r))
    order by o.test_id
    limit 1000
  ), before as materialized (
    -- Where it had passed on this commit when it fails now.
    select distinct on (b.test_id) b.test_id, r.id, r.ci_event_id, r.artifact_id, e.run_attempt
    from bad b
    join codered.test_reports r
      on r.repository_id = report.repository_id and r.commit_sha = report.commit_sha and r.id <> report.id
      and codered.has_bit(r.passed, b.number)
    join codered.ci_events e on e.id = r.ci_event_id
    where not exists (
      select from codered.test_results x where x.test_report_id = r.id and x.test_id = b.test_id
    )
    order by b.test_id, r.id
  ), kept as (
    select
      o.test_id, report.id as report_id, report.ci_event_id, report.artifact_id, e.run_attempt, o.status, o.is_flaky, o.duration_ms, o.message
    from (select * from bad union all select * from good) as o
    join codered.ci_events e on e.id = report.ci_event_id
    union all
    select b.test_id, b.id, b.ci_event_id, b.artifact_id, b.run_attempt, 'passed', false, null, null
    from before b
  )
  insert into codered.test_results (
    repository_id, ci_event_id, artifact_id, commit_sha, run_attempt, suite, name, file_path, status, duration_ms, message,
    test_id, test_report_id, is_flaky
  )
  select
    report.repository_id, k.ci_event_id, k.artifact_id, report.commit_sha, k.run_attempt, t.suite, t.name, t.file_path, k.status,
    k.duration_ms, k.message, k.test_id, k.report_id, k.is_flaky
  from kept k
  join codered.tests t on t.id = k.test_id
$$;
comment on function codered.keep_results(codered.test_reports, codered.test_outcome[]) is 'Writes the rows of test_results that a report gives reason for, at most 1,000 that are bad and 1,000 that are good. Called in SQL only.';
revoke execute on function codered.keep_results from public;
grant execute on function codered.keep_results to service_role;

create function codered.turn_states(report codered.test_reports, outcomes codered.test_outcome[], made codered.ci_events)
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

create function codered.uncount_report(report codered.test_reports)
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

create function codered.record_test_results(repository_id bigint, ci_event_id uuid, artifacts jsonb)
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
  perform codered.queue_verdicts_after_runs(array[event.id]);
  return recorded;
end
$$;
comment on function codered.record_test_results(bigint, uuid, jsonb) is
  'Counts the cases of artifacts of a workflow run ([{github_artifact_id, name, ref, omitted, cases: [[suite, name, file_path, status, duration_ms, message, is_flaky]]}]) for their tests, each artifact once on the attempt in whose time it was made; another ref under the same name and attempt replaces the former. record_evidence or record_uploaded_evidence comes before. Returns how many tests were counted. CR004.';
revoke execute on function codered.record_test_results from public;
grant execute on function codered.record_test_results to service_role;

create function codered.record_uploaded_tests(repository_id bigint, run_id text, run_attempt integer, tests jsonb)
returns integer
language sql
set search_path = ''
as $$
  select codered.record_test_results(e.repository_id, e.id, jsonb_build_array(record_uploaded_tests.tests))
  from codered.ci_events e
  where e.provider = 'github-actions'
    and e.repository_id = record_uploaded_tests.repository_id
    and e.run_id = record_uploaded_tests.run_id
    and e.run_attempt = record_uploaded_tests.run_attempt
$$;
comment on function codered.record_uploaded_tests(bigint, text, integer, jsonb) is
  'The same of what a job of this attempt uploaded (record_uploaded_evidence comes before); null for a run that is not known.';
revoke execute on function codered.record_uploaded_tests from public;
grant execute on function codered.record_uploaded_tests to service_role;

create function codered.place_test_report(event codered.ci_events, github_artifact_id bigint, name text)
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
