-- What verdicts on failures rest on: read for all failures of a commit, recorded, and asked for again when it changes. Old workers survive it.

create or replace function codered.queue_verdicts(repository_id bigint, shas text[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  waiting integer;
  queued integer;
begin
  if cardinality(shas) = 0 then
    return 0;
  end if;
  select count(*) into waiting
  from codered.follow_ups f
  where f.repository_id = queue_verdicts.repository_id and f.status = 'queued' and f.is_scheduled and f.dedupe_key like 'verdict:%';
  with wanted as (
    select r.project_id, r.id, s.sha, (waiting + row_number() over (order by s.place) - 1) / 25 as minutes
    from unnest(queue_verdicts.shas) with ordinality as s (sha, place)
    join codered.repositories r on r.id = queue_verdicts.repository_id and r.deleted_at is null
    where not exists (
      select
      from codered.follow_ups f
      where f.dedupe_key in ('verdict:' || r.id || ':' || s.sha, 'report:' || r.id || ':' || s.sha) and f.status = 'queued'
    )
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_follow_up(
    w.project_id, 'report', jsonb_build_object('repository_id', w.id, 'head_sha', w.sha), 'verdict:' || w.id || ':' || w.sha,
    make_interval(mins => w.minutes::integer), w.minutes > 0)) as done;
  return queued;
end
$$;

comment on function codered.queue_verdicts(bigint, text[]) is
  'Queues the reports of these commits, 25 a minute for a repository and in this order, but for those that are queued. Returns how many were queued.';

revoke execute on function codered.queue_verdicts from public;

grant execute on function codered.queue_verdicts to service_role;

create or replace function codered.run_number(run_id text)
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

create or replace function codered.may_change_verdict(error_id uuid, verdict text, own_number bigint, base codered.ci_events, passed boolean)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  last jsonb;
  is_after constant boolean := codered.run_number(base.run_id) > own_number;
begin
  -- That the base goes on passing tells nobody anything new.
  if may_change_verdict.verdict = 'collateral' or (is_after and passed and may_change_verdict.verdict = 'new') then
    return false;
  end if;
  select v.evidence into last
  from codered.verdicts v
  where v.error_id = may_change_verdict.error_id
  order by v.created_at desc
  limit 1;
  if last is null or last -> 'base' ->> 'sha' = base.commit_sha then
    return true;
  end if;
  return (
    select
      coalesce(bool_or(a.value ->> 'sha' = base.commit_sha), false)
      -- Ten on each side are looked at: beyond them nothing counts.
      or case
        when is_after then count(*) filter (where not (a.value ->> 'before_base')::boolean) < 10
        else count(*) filter (where (a.value ->> 'before_base')::boolean) < 10
          or base.start_time > min((a.value ->> 'at')::timestamptz) filter (where (a.value ->> 'before_base')::boolean)
      end
    from jsonb_array_elements(last -> 'around') as a
  );
end
$$;

comment on function codered.may_change_verdict(uuid, text, bigint, codered.ci_events, boolean) is
  'Whether a run on the base branch, of which the job passed in all its attempts or not, can make another verdict of a failure of a run of this number. Called in SQL only.';

revoke execute on function codered.may_change_verdict from public;

grant execute on function codered.may_change_verdict to service_role;

create or replace function codered.queue_verdicts_after_runs(ci_event_ids uuid[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  base codered.ci_events;
  told jsonb;
  queued integer := 0;
begin
  for base in
    select e.*
    from codered.ci_events e
    where e.id = any (queue_verdicts_after_runs.ci_event_ids)
      and e.provider = 'github-actions'
      and e.status not in ('queued', 'running')
      and e.trigger = 'push' and coalesce(e.event, 'push') = 'push'
      and e.head_repository_id = e.repository_id
      and e.workflow_path is not null
      and exists (
        select from codered.pull_requests p
        where p.repository_id = e.repository_id and p.base_ref = e.branch and p.state = 'open')
  loop
    -- The jobs of this attempt, and whether each passed in all attempts of the run.
    select jsonb_object_agg(x.name, x.passed) into told
    from (
      select j.name, bool_and(j.status = 'succeeded') as passed
      from codered.ci_events a
      join codered.ci_jobs j on j.ci_event_id = a.id
      where a.provider = base.provider and a.repository_id = base.repository_id and a.run_id = base.run_id
      group by j.name
    ) as x;
    continue when told is null;
    queued := queued + codered.queue_verdicts(base.repository_id, array(
      select p.head_sha
      from (
        select o.head_sha, max(o.source_updated_at) as moved_at
        from codered.pull_requests o
        where o.repository_id = base.repository_id and o.base_ref = base.branch and o.state = 'open'
        group by o.head_sha
        order by moved_at desc
        limit 500
      ) as p
      where exists (
        select
        from codered.ci_events c
        join codered.errors x on x.ci_event_id = c.id
        join codered.ci_jobs j on j.id = x.ci_job_id
        where c.repository_id = base.repository_id and c.commit_sha = p.head_sha
          and c.workflow_path = base.workflow_path
          and told ? j.name
          and codered.may_change_verdict(x.id, x.verdict, codered.run_number(c.run_id), base, (told ->> j.name)::boolean)
      )
      order by p.moved_at desc
    ));
  end loop;
  return queued;
end
$$;

comment on function codered.queue_verdicts_after_runs(uuid[]) is
  'Queues the reports of open heads with a failure of a job that one of these runs for a push to their base branch tells of. Returns how many.';

revoke execute on function codered.queue_verdicts_after_runs from public;

grant execute on function codered.queue_verdicts_after_runs to service_role;

create or replace function codered.record_facts(facts json, app_id bigint default null, guid text default null)
returns json
language plpgsql
set search_path = ''
-- Planning its statements anew each time would take as long as running them, and a plan that is kept must not read whole tables: it may
-- have been made when they were empty.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  delivery constant text := coalesce(record_facts.guid, '');
  nothing constant json := '[]';
  installations constant json := codered.facts_of(facts, 'installations');
  repositories constant json := codered.facts_of(facts, 'repositories');
  commits constant json := codered.facts_of(facts, 'commits');
  pull_requests constant json := codered.facts_of(facts, 'pull_requests');
  ci_events constant json := codered.facts_of(facts, 'ci_events');
  ci_jobs constant json := codered.facts_of(facts, 'ci_jobs');
  deployments constant json := codered.facts_of(facts, 'deployments');
  commands constant json := codered.facts_of(facts, 'commands');
  access constant json := codered.facts_of(facts, 'access');
  ci_event_ids uuid[] := '{}';
  ci_job_ids uuid[] := '{}';
  deployment_ids uuid[] := '{}';
  queued integer;
begin
  -- A delivery is about one or two kinds: what it does not tell of costs nothing.
  if installations is not null then
    perform codered.merge_installations(installations, delivery);
  end if;
  if repositories is not null then
    perform codered.merge_repositories(repositories, delivery);
  end if;
  if access is not null then
    perform codered.merge_access(access, coalesce(
      (select w.received_at from codered.webhook_deliveries w where w.app_id = record_facts.app_id and w.guid = record_facts.guid), now()));
  end if;
  if commits is not null then
    perform codered.merge_commits(commits, delivery);
  end if;
  if pull_requests is not null then
    perform codered.merge_pull_requests(pull_requests, delivery);
  end if;
  if ci_events is not null then
    ci_event_ids := array(select codered.merge_ci_events(ci_events, delivery));
  end if;
  if ci_jobs is not null then
    ci_job_ids := array(select codered.merge_ci_jobs(ci_jobs, delivery));
  end if;
  if deployments is not null then
    deployment_ids := array(
      select codered.merge_deployments(deployments, coalesce(facts -> 'deployment_statuses', nothing), delivery)
    );
  end if;
  if ci_events is not null or commits is not null then
    perform codered.recompute_zones(ci_event_ids, coalesce(commits, nothing));
  end if;
  if ci_events is not null or deployments is not null then
    perform codered.recompute_deployment_runs(ci_event_ids, deployment_ids);
  end if;
  queued := codered.queue_follow_ups(
    ci_event_ids, ci_job_ids, deployment_ids,
    coalesce(pull_requests, nothing), coalesce(facts -> 'rechecks', nothing),
    -- What was asked for may be of last month.
    case when codered.is_asked(delivery) then now() - interval '1 day' else '-infinity' end
  );
  if ci_events is not null then
    queued := queued + codered.queue_verdicts_after_runs(ci_event_ids);
  end if;
  if commands is not null then
    queued := queued + codered.queue_commands(commands);
  end if;
  if codered.facts_of(facts, 'revocations') is not null then
    perform codered.end_revoked_grants(facts -> 'revocations', coalesce((
      select w.received_at from codered.webhook_deliveries w where w.app_id = record_facts.app_id and w.guid = record_facts.guid), now()));
  end if;
  update codered.webhook_deliveries w
  set status = 'done', processed_at = now(), last_error = null, locked_by = null, locked_until = null
  where w.app_id = record_facts.app_id and w.guid = record_facts.guid;
  return json_build_object('queued', queued);
end
$$;

comment on function codered.record_facts(json, bigint, text) is
  'Merges what one delivery says, queues what has to follow and closes the delivery: all of it or nothing. Facts that came by no delivery leave app_id and guid out.';

revoke execute on function codered.record_facts from public;

grant execute on function codered.record_facts to service_role;

create or replace function codered.weekday_hours(from_time timestamptz, until_time timestamptz)
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

create or replace function codered.list_fingerprint_history(repository_id bigint, wanted jsonb)
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

create or replace function codered.queue_verdicts_after_failure(error_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
  event codered.ci_events;
  is_of_base boolean;
  is_of_pull_request boolean;
  is_infra boolean;
  is_generic boolean;
begin
  select e.* into failure from codered.errors e where e.id = queue_verdicts_after_failure.error_id;
  select c.* into event from codered.ci_events c where c.id = failure.ci_event_id;
  if event.id is null then
    return 0;
  end if;
  is_of_base := event.trigger = 'push' and coalesce(event.event, 'push') = 'push' and event.head_repository_id = event.repository_id;
  is_of_pull_request := event.trigger = 'pull_request' and event.head_repository_id = event.repository_id;
  is_infra := is_of_pull_request and exists (
    select
    from codered.error_matches m
    join codered.bug_patterns p on p.id = m.bug_pattern_id
    where m.error_id = failure.id and m.is_primary and p.category = 'infra');
  is_generic := (codered.list_fingerprint_history(
    event.repository_id, jsonb_build_array(jsonb_build_object('fingerprint', failure.fingerprint, 'at', now())))
    -> failure.fingerprint ->> 'job_keys')::integer > 3;
  return case when is_of_base then codered.queue_verdicts_after_runs(array[event.id]) else 0 end
    + codered.queue_verdicts(event.repository_id, array(
      select p.head_sha
      from (
        select x.ci_event_id, x.verdict
        from codered.errors x
        where x.project_id = failure.project_id and x.fingerprint = failure.fingerprint and x.id <> failure.id
        order by x.created_at desc
        limit 500
      ) as same
      join codered.ci_events c on c.id = same.ci_event_id and c.repository_id = event.repository_id and c.commit_sha <> event.commit_sha
      join codered.pull_requests p
        on p.repository_id = c.repository_id and p.head_sha = c.commit_sha and p.state = 'open'
      where (is_of_base and p.base_ref = event.branch and same.verdict not in ('broken_base', 'collateral'))
        or (is_infra and same.verdict not in ('infra', 'collateral'))
        -- By a line that stands everywhere nobody is excused any longer.
        or (is_generic and same.verdict in ('flaky', 'broken_base', 'infra'))
      group by p.head_sha
      order by max(p.source_updated_at) desc
    ));
end
$$;

comment on function codered.queue_verdicts_after_failure(uuid) is
  'Queues the reports of open heads of which another verdict may come now that this failure is known. Returns how many.';

revoke execute on function codered.queue_verdicts_after_failure from public;

grant execute on function codered.queue_verdicts_after_failure to service_role;

create or replace function codered.record_diagnosis(diagnosis jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  failure codered.errors;
  sha text;
begin
  update codered.ci_jobs j
  set log_state = diagnosis ->> 'log_state'
  -- Nothing is told of a log that could not be read.
  where j.id = (diagnosis ->> 'ci_job_id')::uuid and j.log_state <> diagnosis ->> 'log_state';

  -- Judged again, a failure may turn out to be another one: the older judgement goes.
  delete from codered.errors e
  where e.ci_job_id is not distinct from (diagnosis ->> 'ci_job_id')::uuid
    and e.ci_event_id is not distinct from (diagnosis ->> 'ci_event_id')::uuid
    and e.deployment_id is not distinct from (diagnosis ->> 'deployment_id')::uuid
    and e.agent_run_id is null
    and e.project_id = (diagnosis ->> 'project_id')::uuid
    and e.fingerprint <> diagnosis ->> 'fingerprint';

  insert into codered.errors as e (
    project_id, source, ci_job_id, ci_event_id, deployment_id, error_code, message, details, severity, fingerprint,
    verdict, verdict_reason, excerpt, excerpt_first_line, excerpt_last_line, line_number, step_first_line, file_path, line,
    evidence_why, evidence_first_line, evidence_last_line, step_name, runner_lost
  )
  select
    d.project_id, d.source, d.ci_job_id, d.ci_event_id, d.deployment_id, d.error_code, d.message, d.details, d.severity,
    d.fingerprint, d.verdict, d.verdict_reason, d.excerpt, d.excerpt_first_line, d.excerpt_last_line, d.line_number,
    d.step_first_line, d.file_path, d.line, d.evidence_why, d.evidence_first_line, d.evidence_last_line, d.step_name,
    left(d.runner_lost, 1000)
  from jsonb_to_record(diagnosis) as d (
    project_id uuid, source text, ci_job_id uuid, ci_event_id uuid, deployment_id uuid, error_code text, message text,
    details text, severity text, fingerprint text, verdict text, verdict_reason text, excerpt text,
    excerpt_first_line integer, excerpt_last_line integer, line_number integer, step_first_line integer,
    file_path text, line integer, evidence_why text, evidence_first_line integer, evidence_last_line integer, step_name text,
    runner_lost text
  )
  on conflict on constraint errors_failure_key do update
  set
    error_code = excluded.error_code,
    message = excluded.message,
    details = excluded.details,
    severity = excluded.severity,
    -- What was judged since stands until it is judged again.
    verdict = case when exists (select from codered.verdicts v where v.error_id = e.id) then e.verdict else excluded.verdict end,
    verdict_reason = case when exists (select from codered.verdicts v where v.error_id = e.id) then e.verdict_reason else excluded.verdict_reason end,
    excerpt = excluded.excerpt,
    excerpt_first_line = excluded.excerpt_first_line,
    excerpt_last_line = excluded.excerpt_last_line,
    line_number = excluded.line_number,
    step_first_line = excluded.step_first_line,
    file_path = excluded.file_path,
    line = excluded.line,
    evidence_why = excluded.evidence_why,
    evidence_first_line = excluded.evidence_first_line,
    evidence_last_line = excluded.evidence_last_line,
    step_name = excluded.step_name,
    runner_lost = excluded.runner_lost
  returning * into failure;

  delete from codered.error_matches m
  where m.error_id = failure.id
    and m.bug_pattern_id not in (
      select f.bug_pattern_id from jsonb_to_recordset(diagnosis -> 'matches') as f (bug_pattern_id uuid)
    );
  update codered.error_matches m set is_primary = false where m.error_id = failure.id and m.is_primary;

  with matched as (
    insert into codered.error_matches as m (
      error_id, bug_pattern_id, line_number, line_text, captures, is_primary, cause_position, rank, demoted, step_name,
      others, other_lines, file_path, line
    )
    select
      failure.id, p.id, f.line_number, f.line_text, f.captures, f.is_primary, f.cause_position, f.rank, f.demoted,
      f.step_name, coalesce(f.others, 0), coalesce(f.other_lines, '[]'), f.file_path, f.line
    -- Older workers tell less.
    from jsonb_to_recordset(diagnosis -> 'matches') as f (
      bug_pattern_id uuid, line_number integer, line_text text, captures text[], is_primary boolean,
      cause_position smallint, rank text, demoted text, step_name text, others integer, other_lines jsonb,
      file_path text, line integer
    )
    join codered.bug_patterns p on p.id = f.bug_pattern_id
    on conflict (error_id, bug_pattern_id) do update
    set
      line_number = excluded.line_number,
      line_text = excluded.line_text,
      captures = excluded.captures,
      is_primary = excluded.is_primary,
      cause_position = excluded.cause_position,
      rank = excluded.rank,
      demoted = excluded.demoted,
      step_name = excluded.step_name,
      others = excluded.others,
      other_lines = excluded.other_lines,
      file_path = excluded.file_path,
      line = excluded.line
    returning m.bug_pattern_id, m.is_primary, (xmax = 0) as is_new
  )
  update codered.bug_patterns p
  set hits = p.hits + 1, last_hit_at = now()
  from matched
  where p.id = matched.bug_pattern_id and matched.is_new and matched.is_primary;

  select coalesce(e.commit_sha, d.commit_sha) into sha
  from (select 1) as one
  left join codered.ci_events e on e.id = failure.ci_event_id
  left join codered.deployments d on d.id = failure.deployment_id;
  perform codered.queue_follow_up(
    failure.project_id, 'report',
    jsonb_build_object('repository_id', (diagnosis ->> 'repository_id')::bigint, 'head_sha', h.sha),
    'report:' || (diagnosis ->> 'repository_id') || ':' || h.sha
  )
  from codered.heads_after((diagnosis ->> 'repository_id')::bigint, sha) as h (sha);
  perform codered.queue_verdicts_after_failure(failure.id);
end
$$;

comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';

revoke execute on function codered.record_diagnosis from public;

grant execute on function codered.record_diagnosis to service_role;

create or replace function codered.failure_of(error_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'fingerprint', e.fingerprint,
    'pattern', best.told -> 'pattern',
    'message', e.message,
    'verdict', e.verdict,
    'verdict_reason', coalesce(e.verdict_reason, ''),
    'rule', (select v.rule from codered.verdicts v where v.error_id = e.id order by v.created_at desc limit 1),
    'excerpt', e.excerpt,
    'excerpt_first_line', e.excerpt_first_line,
    'excerpt_last_line', e.excerpt_last_line,
    'line_number', e.line_number,
    'step_first_line', e.step_first_line,
    'file_path', e.file_path,
    'line', e.line,
    'evidence', case
      when e.evidence_why is not null
        then jsonb_build_object('why', e.evidence_why, 'first_line', e.evidence_first_line, 'last_line', e.evidence_last_line)
    end,
    'step_name', e.step_name,
    'is_elsewhere', coalesce(best.demoted = 'outside-of-failed-step', false),
    'others', coalesce((best.told -> 'others')::integer, 0),
    'other_lines', coalesce(best.told -> 'other_lines', '[]'),
    'further_causes', coalesce(
      (
        select jsonb_agg(codered.describe_match(m) order by m.cause_position)
        from codered.error_matches m
        where m.error_id = e.id and m.cause_position > 1 and not m.is_primary
      ),
      '[]'
    )
  )
  from codered.errors e
  left join lateral (
    select m.demoted, codered.describe_match(m) as told
    from codered.error_matches m
    where m.error_id = e.id and m.is_primary
  ) as best on true
  where e.id = failure_of.error_id
$$;

comment on function codered.failure_of(uuid) is 'One failure as ReportFailure of src/model.ts.';

revoke execute on function codered.failure_of from public;

grant execute on function codered.failure_of to service_role;

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
        perform codered.number_tests(event.repository_id, one.cases);
      end if;
      outcomes := codered.outcomes_of(event.repository_id, one.cases);
    else
      outcomes := '{}';
    end if;
    insert into codered.test_reports (
      repository_id, ci_event_id, source, ref, artifact_id, commit_sha, on_default_branch, from_fork, day, not_counted, cases,
      omitted, passed, skipped
    )
    values (
      report.repository_id, report.ci_event_id, report.source, one.ref, report.artifact_id, report.commit_sha, report.on_default_branch,
      report.from_fork, report.day, report.not_counted, cardinality(outcomes),
      coalesce(one.omitted, 0) + jsonb_array_length(one.cases) - cardinality(outcomes),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'passed')),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'skipped')))
    returning * into report;
    perform codered.count_outcomes(report, outcomes);
    perform codered.keep_results(report, outcomes);
    perform codered.turn_states(report, outcomes, coalesce(made.start_time, made.created_at));
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

create or replace function codered.list_failing_runs(repository_id bigint, commit_sha text)
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

create or replace function codered.list_base_runs(repository_id bigint, base_ref text, around timestamptz)
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

create or replace function codered.list_base_commits(repository_id bigint, base_ref text, around timestamptz)
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

create or replace function codered.list_pushes_without_runs(repository_id bigint, base_ref text, around timestamptz)
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

create or replace function codered.list_job_results(ci_event_ids uuid[], names text[])
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

create or replace function codered.list_failing_tests(repository_id bigint, ci_event_ids uuid[])
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

create or replace function codered.list_test_past(test_ids integer[], at timestamptz)
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

create or replace function codered.list_earlier_passes(run codered.failing_run, repository_id bigint, names text[])
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

create or replace function codered.list_failures_of_commit(repository_id bigint, commit_sha text)
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

create or replace function codered.list_base_attempts(repository_id bigint, commit_sha text, runs codered.failing_run[], bases jsonb)
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

create or replace function codered.describe_failing_run(run codered.failing_run, repository_id bigint, commit_sha text, names text[])
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

create or replace function codered.verdict_evidence(repository_id bigint, commit_sha text)
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

create or replace function codered.note_sources(repository_id bigint, pull_request_number integer, sha text, told jsonb)
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

create or replace function codered.record_verdicts(repository_id bigint, verdicts jsonb)
returns uuid[]
language plpgsql
set search_path = ''
as $$
declare
  changed uuid[];
begin
  with given as materialized (
    select g.error_id, g.verdict, g.rule, g.sentence, g.evidence
    from jsonb_to_recordset(record_verdicts.verdicts) as g (error_id uuid, verdict text, rule text, sentence text, evidence jsonb)
  ), told as (
    -- One after the other, so that two reports of a commit leave one row.
    select g.*, e.project_id
    from given g
    join codered.errors e on e.id = g.error_id
    join codered.ci_events c on c.id = e.ci_event_id and c.repository_id = record_verdicts.repository_id
    order by e.id
    for no key update of e
  ), wanted as (
    select t.*
    from told t
    left join lateral (
      select v.verdict, v.rule, v.sentence
      from codered.verdicts v
      where v.error_id = t.error_id
      order by v.created_at desc
      limit 1
    ) as last on true
    where (t.verdict, t.rule, t.sentence) is distinct from (last.verdict, last.rule, last.sentence)
  ), kept as (
    insert into codered.verdicts (repository_id, error_id, verdict, rule, sentence, evidence, created_at)
    select record_verdicts.repository_id, w.error_id, w.verdict, w.rule, w.sentence, w.evidence, clock_timestamp()
    from wanted w
    returning error_id
  )
  select array_agg(k.error_id order by k.error_id) into changed from kept k;

  update codered.errors e
  set verdict = g.verdict, verdict_reason = g.sentence
  from jsonb_to_recordset(record_verdicts.verdicts) as g (error_id uuid, verdict text, sentence text), codered.ci_events c
  where e.id = g.error_id and c.id = e.ci_event_id and c.repository_id = record_verdicts.repository_id
    and (e.verdict, e.verdict_reason) is distinct from (g.verdict, g.sentence);
  return coalesce(changed, '{}');
end
$$;

comment on function codered.record_verdicts(bigint, jsonb) is
  'Writes what was judged of failures of a repository ([{error_id, verdict, rule, sentence, evidence}]): into errors, and a row of verdicts where verdict, rule or sentence changed. Failures that are gone are left out. Returns those that changed.';

revoke execute on function codered.record_verdicts from public;

grant execute on function codered.record_verdicts to service_role;

create or replace function codered.read_verdict(error_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_verdict jsonb;
begin
  select jsonb_build_object(
    'error_id', e.id, 'verdict', e.verdict, 'rule', v.rule, 'sentence', coalesce(e.verdict_reason, ''), 'evidence', v.evidence,
    'judged_at', v.created_at)
  into found_verdict
  from codered.errors e
  left join lateral (
    select x.rule, x.evidence, x.created_at
    from codered.verdicts x
    where x.error_id = e.id
    order by x.created_at desc
    limit 1
  ) as v on true
  where e.id = read_verdict.error_id;
  if not found then
    perform codered.refuse_missing('failure', read_verdict.error_id::text);
  end if;
  return found_verdict;
end
$$;

comment on function codered.read_verdict(uuid) is
  'What was judged of a failure last, by which rule (null: nothing was yet), and on what evidence. Refuses CR004 (no such failure, or not yours).';

revoke execute on function codered.read_verdict from public;

grant execute on function codered.read_verdict to authenticated, service_role;

create or replace function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('missed_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_requests', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_subjects', 't.repository_id = any ($1)'),
    ('run_counts', 't.repository_id = any ($1)'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('verdicts', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('green_logs', 't.repository_id = any ($1)'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('asked_rights', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('request_budgets', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;

comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';

revoke execute on function codered.erasure_steps from public;

grant execute on function codered.erasure_steps to service_role;
