-- Monitors: which tests are broken, flaky, healthy, or new, by what reports said of them; each turns itself on and off.
--
-- Their numbers are the starting values that LUCI Analysis publishes (luci-go, test_variants.proto): two sources with mixed results, one
-- percent of a hundred, a week, or two where it ran less.

create type codered.test_signs as (
  test_id integer, on_default_branch boolean, runs_7 integer, failed_7 integer, flaky_7 integer, runs_14 integer, failed_14 integer,
  flaky_14 integer, mixed_7 integer, mixed_14 integer, mixed_shas text[], streak integer, is_unbroken boolean, quiet_days integer
);

create function codered.signs_of_tests(test_ids integer[])
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

create function codered.state_by_signs(state codered.test_states, signs codered.test_signs)
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

create function codered.turn_monitors(test_ids integer[])
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

create function codered.tests_concerned(report codered.test_reports)
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

create function codered.turn_quiet_tests(after_test integer, batch integer)
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

create function codered.test_histories(repository_id bigint, test_ids integer[])
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
