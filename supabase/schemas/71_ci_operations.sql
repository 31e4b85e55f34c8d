-- What people read of CI: tests, deployments, the four measures of delivery, and what failures are known by.

create function codered.list_tests(
  project_id uuid, repository text default null, status text default null, query text default null, batch integer default 50,
  after_test integer default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_tests.project_id);
  perform codered.check_batch('batch', list_tests.batch);
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', t.id, 'repository', t.owner || '/' || t.repository_name, 'suite', t.suite, 'name', t.name, 'file_path', t.file_path,
        'last_seen_on', t.last_seen_on, 'on_default_branch', t.last_status, 'changed_at', t.changed_at,
        'elsewhere', (select s.last_status from codered.test_states s where s.test_id = t.id and not s.on_default_branch))
        || codered.count_test_days(t.id)
      order by t.id), '[]')
    from (
      select x.*, r.owner, r.name as repository_name, s.last_status, s.changed_at
      from codered.repositories r
      join codered.tests x on x.repository_id = r.id
      left join codered.test_states s on s.test_id = x.id and s.on_default_branch
      where r.project_id = list_tests.project_id
        and r.deleted_at is null
        and (list_tests.repository is null or lower(r.owner || '/' || r.name) = lower(list_tests.repository))
        and (list_tests.status is null or s.last_status = list_tests.status)
        and (list_tests.query is null or strpos(lower(x.suite || ' ' || x.name), lower(list_tests.query)) > 0)
        and (list_tests.after_test is null or x.id > list_tests.after_test)
      order by x.id
      limit list_tests.batch + 1
    ) as t
  );
end
$$;
comment on function codered.list_tests(uuid, text, text, text, integer, integer) is
  'The tests of a project, or of a repository (owner/name), a last status on the default branch, or with words in suite or name, in the order in which they became known, with what they did in 30 days: one more than batch when there are more. Names are a stranger''s. Refuses CR002, CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_tests from public;
grant execute on function codered.list_tests to authenticated, service_role;

create function codered.count_test_days(test_id integer)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'passed', coalesce(sum(d.passed), 0), 'failed', coalesce(sum(d.failed), 0), 'flaky', coalesce(sum(d.flaky), 0),
    'skipped', coalesce(sum(d.skipped), 0), 'seconds', coalesce(sum(d.seconds), 0))
  from codered.test_day_counts d
  where d.test_id = count_test_days.test_id and d.day >= (now() at time zone 'utc')::date - 30
$$;
comment on function codered.count_test_days(integer) is
  'What a test did in the last 30 days: {passed, failed, flaky, skipped, seconds}; flaky: it passed in the end.';
revoke execute on function codered.count_test_days from public;
grant execute on function codered.count_test_days to authenticated, service_role;

create function codered.read_test(test_id integer)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  answer jsonb;
begin
  select
    jsonb_build_object(
      'id', t.id, 'repository', r.owner || '/' || r.name, 'suite', t.suite, 'name', t.name, 'file_path', t.file_path,
      'last_seen_on', t.last_seen_on,
      'states', coalesce((
        select jsonb_agg(to_jsonb(s) order by s.on_default_branch desc) from codered.test_states s where s.test_id = t.id
      ), '[]'),
      'days', coalesce((
        select jsonb_agg(to_jsonb(d) order by d.day desc, d.on_default_branch desc)
        from (
          select c.day, c.on_default_branch, sum(c.passed) as passed, sum(c.failed) as failed, sum(c.flaky) as flaky,
            sum(c.skipped) as skipped, sum(c.seconds) as seconds
          from codered.test_day_counts c
          where c.test_id = t.id and c.day >= (now() at time zone 'utc')::date - 30
          group by c.day, c.on_default_branch
        ) as d
      ), '[]'),
      'results', coalesce((
        select jsonb_agg(to_jsonb(x) order by x.created_at desc, x.id)
        from (
          select q.id, q.status, q.is_flaky, q.commit_sha, q.run_attempt, q.duration_ms, left(q.message, 2000) as message, q.created_at
          from codered.test_results q
          where q.test_id = t.id
          order by q.created_at desc, q.id
          limit 20
        ) as x
      ), '[]'))
      || codered.count_test_days(t.id)
  into answer
  from codered.tests t
  join codered.repositories r on r.id = t.repository_id and r.deleted_at is null
  where t.id = read_test.test_id;
  if not found then
    perform codered.refuse_missing('test', read_test.test_id::text);
  end if;
  return answer;
end
$$;
comment on function codered.read_test(integer) is
  'A test: where it stands on the default branch and elsewhere, what it did on each day of the last 30, and its 20 newest results that are kept singly. Refuses CR004.';
revoke execute on function codered.read_test from public;
grant execute on function codered.read_test to authenticated, service_role;

create function codered.list_flaky_tests(
  project_id uuid, repository text default null, batch integer default 50, after_commits integer default null,
  after_repository text default null, after_suite text default null, after_name text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_flaky_tests.project_id);
  perform codered.check_batch('batch', list_flaky_tests.batch);
  perform codered.check_place('after_name', num_nulls(list_flaky_tests.after_commits, list_flaky_tests.after_repository,
    list_flaky_tests.after_suite, list_flaky_tests.after_name), 4);
  return (
    select coalesce(jsonb_agg(to_jsonb(f) order by f.commits desc, f.repository collate "C", f.suite collate "C", f.name collate "C"), '[]')
    from (
      select r.owner || '/' || r.name as repository, t.suite, t.name, t.commits, t.runs, t.failures, t.last_failed_at
      from codered.repositories r
      join codered.flaky_tests t on t.repository_id = r.id
      where r.project_id = list_flaky_tests.project_id
        and r.deleted_at is null
        and (list_flaky_tests.repository is null or lower(r.owner || '/' || r.name) = lower(list_flaky_tests.repository))
        and (
          list_flaky_tests.after_name is null
          or (-t.commits, (r.owner || '/' || r.name) collate "C", t.suite collate "C", t.name collate "C")
            > (-list_flaky_tests.after_commits, list_flaky_tests.after_repository collate "C",
              list_flaky_tests.after_suite collate "C", list_flaky_tests.after_name collate "C")
        )
      order by t.commits desc, (r.owner || '/' || r.name) collate "C", t.suite collate "C", t.name collate "C"
      limit list_flaky_tests.batch + 1
    ) as f
  );
end
$$;
comment on function codered.list_flaky_tests(uuid, text, integer, integer, text, text, text) is
  'The tests of a project, or of a repository (owner/name), that in the last 30 days both passed and failed on one and the same commit, those that did so on most commits first: one more than batch when there are more. Names are a stranger''s. Refuses CR002, CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_flaky_tests from public;
grant execute on function codered.list_flaky_tests to authenticated, service_role;

create function codered.list_deployments(
  project_id uuid, repository text default null, environment text default null, status text default null, commit_sha text default null,
  batch integer default 50, before_started_at timestamptz default null, before_deployment uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_deployments.project_id);
  perform codered.check_batch('batch', list_deployments.batch);
  perform codered.check_place('before_deployment', num_nulls(list_deployments.before_started_at, list_deployments.before_deployment), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(d) order by d.started_at desc, d.id desc), '[]')
    from (
      select x.*, r.owner || '/' || r.name as repository
      from codered.deployments x
      join codered.repositories r on r.id = x.repository_id and r.deleted_at is null
      where x.project_id = list_deployments.project_id
        and (list_deployments.repository is null or lower(r.owner || '/' || r.name) = lower(list_deployments.repository))
        and (list_deployments.environment is null or x.environment = list_deployments.environment)
        and (list_deployments.status is null or x.status = list_deployments.status)
        and (list_deployments.commit_sha is null or x.commit_sha = list_deployments.commit_sha)
        and (
          list_deployments.before_deployment is null
          or (x.started_at, x.id) < (list_deployments.before_started_at, list_deployments.before_deployment)
        )
      order by x.started_at desc, x.id desc
      limit list_deployments.batch + 1
    ) as d
  );
end
$$;
comment on function codered.list_deployments(uuid, text, text, text, text, integer, timestamptz, uuid) is
  'The deployments of a project, or of a repository (owner/name), environment (dev, staging, prod), status or commit, newest first: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_deployments from public;
grant execute on function codered.list_deployments to authenticated, service_role;

create function codered.read_deployment(deployment_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  answer jsonb;
begin
  select
    to_jsonb(d) || jsonb_build_object(
      'repository', r.owner || '/' || r.name,
      'run', (
        select jsonb_build_object('workflow_name', e.workflow_name, 'status', e.status, 'html_url', e.html_url)
        from codered.ci_events e where e.id = d.ci_event_id
      ),
      'statuses', coalesce((
        select jsonb_agg(to_jsonb(s) order by s.created_at desc, s.status_id desc)
        from (
          select t.* from codered.deployment_statuses t where t.deployment_id = d.id order by t.created_at desc, t.status_id desc limit 100
        ) as s
      ), '[]'))
  into answer
  from codered.deployments d
  join codered.repositories r on r.id = d.repository_id and r.deleted_at is null
  where d.id = read_deployment.deployment_id;
  if not found then
    perform codered.refuse_missing('deployment', read_deployment.deployment_id::text);
  end if;
  return answer;
end
$$;
comment on function codered.read_deployment(uuid) is
  'A deployment with the run that made it and its 100 newest statuses as GitHub sent them. Refuses CR004.';
revoke execute on function codered.read_deployment from public;
grant execute on function codered.read_deployment to authenticated, service_role;

create function codered.read_dora(project_id uuid, weeks integer default 12)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(read_dora.project_id);
  if (read_dora.weeks between 1 and 104) is not true then
    perform codered.refuse_value('weeks', coalesce(read_dora.weeks::text, 'null'), '1 to 104');
  end if;
  return (
    select coalesce(
      jsonb_agg(
        to_jsonb(w) - 'project_id'
          || jsonb_build_object('completeness', codered.completeness(w.project_id, w.week::timestamp at time zone 'utc',
            (w.week + 7)::timestamp at time zone 'utc'))
        order by w.week desc),
      '[]')
    from codered.dora_weekly w
    where w.project_id = read_dora.project_id
      and w.week > date_trunc('week', now() at time zone 'utc')::date - 7 * read_dora.weeks
  );
end
$$;
comment on function codered.read_dora(uuid, integer) is
  'dora_weekly of a project, newest week first, over so many weeks with the one that runs, each with how complete its runs are (completeness). Refuses CR002 (weeks 1 to 104), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.read_dora from public;
grant execute on function codered.read_dora to authenticated, service_role;

create function codered.list_bug_patterns(
  project_id uuid default null, category text default null, query text default null, batch integer default 50,
  after_name text default null, after_pattern uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if list_bug_patterns.project_id is not null then
    perform codered.require_project(list_bug_patterns.project_id);
  end if;
  perform codered.check_batch('batch', list_bug_patterns.batch);
  perform codered.check_place('after_pattern', num_nulls(list_bug_patterns.after_name, list_bug_patterns.after_pattern), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.name collate "C", p.id), '[]')
    from (
      select b.*
      from codered.bug_patterns b
      where b.deleted_at is null
        and (b.project_id is null or b.project_id = list_bug_patterns.project_id)
        and (list_bug_patterns.category is null or b.category = list_bug_patterns.category)
        and (list_bug_patterns.query is null or strpos(lower(b.name || ' ' || b.root_cause), lower(list_bug_patterns.query)) > 0)
        and (
          list_bug_patterns.after_pattern is null
          or (b.name collate "C", b.id) > (list_bug_patterns.after_name collate "C", list_bug_patterns.after_pattern)
        )
      order by b.name collate "C", b.id
      limit list_bug_patterns.batch + 1
    ) as p
  );
end
$$;
comment on function codered.list_bug_patterns(uuid, text, text, integer, text, uuid) is
  'The patterns that failures are known by: everybody''s, and with a project its own too, by name: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_bug_patterns from public;
grant execute on function codered.list_bug_patterns to authenticated, service_role;

create function codered.read_bug_pattern(pattern_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  pattern codered.bug_patterns;
begin
  select b.* into pattern from codered.bug_patterns b where b.id = read_bug_pattern.pattern_id and b.deleted_at is null;
  if not found then
    perform codered.refuse_missing('pattern', read_bug_pattern.pattern_id::text);
  end if;
  return to_jsonb(pattern);
end
$$;
comment on function codered.read_bug_pattern(uuid) is
  'A pattern: how a failure is known by it, its cause and fix, how many failures it matched and when the last. Refuses CR004.';
revoke execute on function codered.read_bug_pattern from public;
grant execute on function codered.read_bug_pattern to authenticated, service_role;

create function codered.find_similar_patterns(query_embedding jsonb, match_count integer default 10, filter_type text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  place constant text := (
    select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
  );
  answer jsonb;
begin
  if place is null then
    perform codered.refuse_state('pgvector', 'missing', 'a database with the extension vector');
  end if;
  if jsonb_typeof(find_similar_patterns.query_embedding) is distinct from 'array'
    or jsonb_array_length(find_similar_patterns.query_embedding) <> 1536
    or find_similar_patterns.query_embedding @? 'strict $[*] ? (@.type() != "number")'
    -- Nothing is like a vector without a direction.
    or not find_similar_patterns.query_embedding @? 'strict $[*] ? (@ != 0)'
  then
    perform codered.refuse_value('query_embedding', left(coalesce(find_similar_patterns.query_embedding::text, 'null'), 80), '1536 numbers, not all of them 0');
  end if;
  execute format(
    -- Numbers whose squares are too small or too large to be told leave a likeness that is no number.
    'select coalesce(jsonb_agg(to_jsonb(m)), ''[]'') from codered.match_patterns($1::%I.vector, $2, $3) as m where m.similarity <> ''NaN''', place)
    into answer
    using find_similar_patterns.query_embedding::text, find_similar_patterns.match_count, find_similar_patterns.filter_type;
  return answer;
end
$$;
comment on function codered.find_similar_patterns(jsonb, integer, text) is
  'As match_patterns, with the vector as a JSON array of numbers, and in words where the database has no pgvector (CR003). Refuses CR002, also for a vector of zeros.';
revoke execute on function codered.find_similar_patterns from public;
grant execute on function codered.find_similar_patterns to authenticated, service_role;

create function codered.read_completeness(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(read_completeness.project_id);
  return codered.completeness(read_completeness.project_id, now() - interval '36 days', now());
end
$$;
comment on function codered.read_completeness(uuid) is
  'completeness of a project over the days that GitHub is asked about. Refuses CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.read_completeness from public;
grant execute on function codered.read_completeness to authenticated, service_role;
