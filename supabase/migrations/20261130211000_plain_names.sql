-- Functions that only SQL calls get plain names: settle_* is recompute_*, judge_sprint evaluate_sprint, judge_artifacts list_artifact_ages. Old workers survive it.

drop function codered.judge_artifacts(bigint,text,integer);

drop function codered.judge_sprint(uuid);

drop function codered.settle_deployed(bigint,uuid[],text);

drop function codered.settle_deployment_runs(uuid[],uuid[]);

drop function codered.settle_deployments(uuid[]);

drop function codered.settle_merge(bigint,integer);

drop function codered.settle_run(uuid);

drop function codered.settle_zones(uuid[],json);

-- What one delivery moves is found by its ids first. An "or" between two ways to a row left no index to use: every delivery read
-- all commits, which took seconds once there were a million runs.
create or replace function codered.recompute_zones(ci_event_ids uuid[], commits json)
returns void
language sql
set search_path = ''
as $$
  update codered.ci_events e
  set zones_touched = c.zones_touched
  from (
    select told.id
    from unnest(recompute_zones.ci_event_ids) as told (id)
    union
    select of_commit.id
    from json_to_recordset(recompute_zones.commits) as f (repository_id bigint, sha text)
    join codered.ci_events of_commit on of_commit.repository_id = f.repository_id and of_commit.commit_sha = f.sha
  ) as touched, codered.commits c
  where e.id = touched.id
    and c.repository_id = e.repository_id and c.sha = e.commit_sha
    and e.zones_touched is distinct from c.zones_touched
$$;

comment on function codered.recompute_zones(uuid[], json) is 'Gives CI events the zones of their commit, whichever came first.';

revoke execute on function codered.recompute_zones from public;

grant execute on function codered.recompute_zones to service_role;

create or replace function codered.recompute_deployments(deployment_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  update codered.deployments d
  set
    status = now_is.status,
    url = now_is.url,
    finished_at = now_is.finished_at
  from (
    select
      t.id,
      coalesce(newest.status, 'pending') as status,
      newest.url,
      (
        select min(s.created_at)
        from codered.deployment_statuses s
        where s.deployment_id = t.id and s.state in ('success', 'failure', 'error')
      ) as finished_at
    from unnest(deployment_ids) as t (id)
    left join lateral (
      select
        case
          when s.state = 'success' then 'succeeded'
          when s.state in ('failure', 'error') then 'failed'
          when s.state = 'in_progress' then 'running'
          else 'pending'
        end as status,
        coalesce(s.log_url, s.environment_url) as url
      from codered.deployment_statuses s
      where s.deployment_id = t.id and s.state <> 'inactive'
      order by s.created_at desc, s.status_id desc
      limit 1
    ) as newest on true
  ) as now_is
  where d.id = now_is.id
    and (d.status, d.url, d.finished_at) is distinct from (now_is.status, now_is.url, now_is.finished_at);

  with places as (
    select distinct d.repository_id, d.environment_name
    from codered.deployments d
    where d.id = any (deployment_ids)
  ), current as (
    select distinct on (d.repository_id, d.environment_name) d.id
    from codered.deployments d
    join places p on p.repository_id = d.repository_id and p.environment_name = d.environment_name
    where d.status = 'succeeded'
    order by d.repository_id, d.environment_name, d.finished_at desc, d.deployment_id desc
  )
  update codered.deployments d
  set is_current = d.id in (select current.id from current)
  from places p
  where d.repository_id = p.repository_id and d.environment_name = p.environment_name
    and d.is_current <> (d.id in (select current.id from current));
end
$$;

comment on function codered.recompute_deployments(uuid[]) is
  'Works out status, url, finished_at and which is current, from all statuses, so that their order cannot matter.';

revoke execute on function codered.recompute_deployments from public;

grant execute on function codered.recompute_deployments to service_role;

create or replace function codered.merge_deployments(facts json, statuses json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
declare
  touched uuid[];
begin
  insert into codered.deployments as d (
    project_id, repository_id, provider, environment, environment_name, deployment_id, run_id, run_attempt, commit_sha,
    ref, creator, started_at, source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.deployment_id)
    r.project_id, f.repository_id, f.provider, codered.environment_of(f.environment_name, p.rules), f.environment_name,
    f.deployment_id, f.run_id, f.run_attempt, f.commit_sha, f.ref, f.creator, f.created_at, f.source_updated_at,
    merge_deployments.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, environment_name text, commit_sha text, ref text,
    creator text, run_id text, run_attempt integer, created_at timestamptz, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.provider, f.repository_id, f.deployment_id, f.source_updated_at desc
  on conflict (provider, repository_id, deployment_id) do update
  set
    environment = excluded.environment,
    environment_name = excluded.environment_name,
    -- Only some payloads name the run; it never changes.
    run_id = coalesce(excluded.run_id, d.run_id),
    run_attempt = coalesce(excluded.run_attempt, d.run_attempt),
    commit_sha = excluded.commit_sha,
    ref = excluded.ref,
    creator = excluded.creator,
    started_at = least(d.started_at, excluded.started_at),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (d.source_updated_at, d.source_delivery);

  update codered.deployments d
  set run_id = f.run_id, run_attempt = f.run_attempt
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, deployment_id text, run_id text, run_attempt integer
  )
  where d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
    and d.run_id is null and f.run_id is not null;

  insert into codered.deployment_statuses (
    deployment_id, status_id, state, environment, environment_url, log_url, description, creator, created_at
  )
  select d.id, f.status_id, f.state, f.environment_name, f.environment_url, f.log_url, f.description, f.creator, f.created_at
  from json_to_recordset(statuses) as f (
    provider text, repository_id bigint, deployment_id text, status_id bigint, state text, environment_name text,
    environment_url text, log_url text, description text, creator text, created_at timestamptz
  )
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id
  on conflict (status_id) do nothing;

  select array_agg(d.id) into touched
  from json_to_recordset(facts) as f (provider text, repository_id bigint, deployment_id text)
  join codered.deployments d
    on d.provider = f.provider and d.repository_id = f.repository_id and d.deployment_id = f.deployment_id;

  perform codered.recompute_deployments(touched);
  perform codered.queue_protections(facts);
  return query select unnest(touched);
end
$$;

comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, queues the answers that protected environments wait for, and returns the ids of the deployments told of.';

revoke execute on function codered.merge_deployments from public;

grant execute on function codered.merge_deployments to service_role;

create or replace function codered.recompute_deployment_runs(ci_event_ids uuid[], deployment_ids uuid[])
returns void
language sql
set search_path = ''
as $$
  update codered.deployments d
  set ci_event_id = found.ci_event_id
  from (
    select waiting.id, e.id as ci_event_id
    from unnest(recompute_deployment_runs.ci_event_ids) as told (id)
    join codered.ci_events e on e.id = told.id and e.provider = 'github-actions'
    join codered.deployments waiting
      on waiting.repository_id = e.repository_id and waiting.run_id = e.run_id
      and waiting.ci_event_id is null
      and coalesce(waiting.run_attempt, 1) = e.run_attempt
    union
    select waiting.id, e.id
    from unnest(recompute_deployment_runs.deployment_ids) as told (id)
    join codered.deployments waiting on waiting.id = told.id and waiting.ci_event_id is null
    join codered.ci_events e
      on e.provider = 'github-actions' and e.repository_id = waiting.repository_id
      and e.run_id = waiting.run_id and e.run_attempt = coalesce(waiting.run_attempt, 1)
  ) as found
  where d.id = found.id
$$;

comment on function codered.recompute_deployment_runs(uuid[], uuid[]) is
  'Links deployments to the run that made them, whichever came first.';

revoke execute on function codered.recompute_deployment_runs from public;

grant execute on function codered.recompute_deployment_runs to service_role;

create or replace function codered.record_facts(facts json, app_id bigint default null, guid text default null)
returns json
language plpgsql
set search_path = ''
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
    coalesce(pull_requests, nothing), coalesce(facts -> 'rechecks', nothing)
  );
  if commands is not null then
    queued := queued + codered.queue_commands(commands);
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

create or replace function codered.evaluate_sprint(run_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  with asked as (
    select d.key, d.value
    from codered.runs r
    join codered.sprints s on s.id = r.sprint_id
    cross join lateral jsonb_each(s.dod_json) as d
    -- A key that is false asks for nothing.
    where r.id = evaluate_sprint.run_id and d.value <> 'false'
  ), newest as (
    select distinct on (g.gate_id)
      g.gate_id, g.status,
      case when jsonb_typeof(g.validation_results -> 0 -> 'threshold') = 'number'
        then (g.validation_results -> 0 ->> 'threshold')::numeric end as threshold,
      case when jsonb_typeof(g.validation_results -> 0 -> 'measured') = 'number'
        then (g.validation_results -> 0 ->> 'measured')::numeric end as measured
    from codered.gate_executions g
    where g.run_id = evaluate_sprint.run_id
    order by g.gate_id, g.attempt_number desc
  ), judged as (
    select
      case
        when n.status = 'failed' then 'failed'
        when n.status is distinct from 'passed' then 'unmeasured'
        when jsonb_typeof(a.value) <> 'number' or num_nonnulls(n.threshold, n.measured) = 0 then 'met'
        -- The policy may have been content with less.
        when greatest(n.threshold, n.measured) >= (a.value #>> '{}')::numeric then 'met'
        when n.measured is not null then 'failed'
        else 'unmeasured'
      end as state
    from asked a
    left join newest n on n.gate_id = a.key
  )
  select case
    when r.sprint_id is null then null
    when 'failed' in (select j.state from judged j) then 'failed'
    when 'unmeasured' in (select j.state from judged j) then 'unmeasured'
    else 'met'
  end
  from codered.runs r
  where r.id = evaluate_sprint.run_id
$$;

comment on function codered.evaluate_sprint(uuid) is
  'What the gates of a run come to for its sprint''s own Definition of Done: met when every key was measured and passed at the sprint''s own threshold, failed when one was measured and did not, else unmeasured; null without a sprint.';

revoke execute on function codered.evaluate_sprint from public;

grant execute on function codered.evaluate_sprint to service_role;

create or replace function codered.recompute_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
begin
  select r.* into run from codered.runs r where r.id = recompute_run.run_id;
  if run.status = 'running' and run.gates_passed = run.total_gates and run.sprint_id is null and run.repository_id is null then
    update codered.runs r set status = 'completed', current_gate = null where r.id = run.id returning * into run;
  end if;
  return run;
end
$$;

comment on function codered.recompute_run(uuid) is 'Completes a workflow run that runs and has passed its last gate, and returns its row.';

revoke execute on function codered.recompute_run from public;

grant execute on function codered.recompute_run to service_role;

create or replace function codered.finish_gate(run_id uuid, gate_id text, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  gate codered.gate_executions;
  told record;
  is_gate_run boolean;
begin
  perform codered.check_fields('gate_executions', finish_gate.outcome, '{
    "status": "text", "attempt_number": "integer", "validation_results": "array", "fail_codes": "texts", "tokens_in": "integer",
    "tokens_out": "integer", "cost_usd": "usd", "duration_ms": "integer", "prompt_packet": "text", "raw_output": "text"}');
  select * into told
  from jsonb_to_record(finish_gate.outcome) as t(
    status text, attempt_number integer, validation_results jsonb, fail_codes text[], tokens_in integer, tokens_out integer,
    cost_usd numeric, duration_ms integer, prompt_packet text, raw_output text);
  if coalesce(told.status, 'null') not in ('passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden') then
    perform codered.refuse_value(
      'gate_executions.status', coalesce(told.status, 'null'), 'passed, failed, skipped, warning, missing, error, overridden');
  end if;
  run := codered.lock_run(finish_gate.run_id);
  gate := codered.newest_attempt(run.id, finish_gate.gate_id);
  is_gate_run := run.sprint_id is not null or run.repository_id is not null;
  if told.attempt_number <> gate.attempt_number then
    perform codered.refuse_state(
      'gate_executions.attempt_number', told.attempt_number::text, format('%s, the newest attempt', gate.attempt_number));
  end if;
  if run.status not in ('running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'running or paused, to finish a gate');
  end if;
  -- A criterion is judged by what CI says, not by being started, and judged again as CI says more.
  if gate.status <> 'running' and not is_gate_run then
    perform codered.refuse_state('gate_executions.status', gate.status, 'running, to finish it');
  end if;
  update codered.gate_executions g
  set
    status = told.status,
    validation_results = coalesce(told.validation_results, '[]'),
    fail_codes = coalesce(told.fail_codes, '{}'),
    tokens_in = coalesce(told.tokens_in, 0),
    tokens_out = coalesce(told.tokens_out, 0),
    cost_usd = told.cost_usd,
    duration_ms = coalesce(
      told.duration_ms, least(extract(epoch from clock_timestamp() - g.started_at) * 1000, 2147483647)::integer, 0),
    prompt_packet = told.prompt_packet,
    raw_output = told.raw_output,
    completed_at = now()
  where g.id = gate.id
  returning * into gate;
  if not is_gate_run and gate.status in ('failed', 'missing', 'error') then
    if gate.attempt_number < gate.max_attempts then
      perform codered.make_gates(run.id, jsonb_build_array(to_jsonb(gate)));
    else
      -- A run that somebody has paused meanwhile keeps their reason; resuming it gives the gate its attempt all the same.
      update codered.runs r
      set
        status = 'paused',
        pause_reason = left(
          format('Gate %s failed', gate.gate_id) || coalesce(': ' || nullif(array_to_string(gate.fail_codes, ', '), ''), ''), 2000)
      where r.id = run.id and r.status = 'running';
    end if;
  end if;
  perform codered.recompute_run(run.id);
  return to_jsonb(gate);
end
$$;

comment on function codered.finish_gate(uuid, text, jsonb) is
  'Writes the outcome of a gate''s newest attempt and returns it. In a workflow run it must be running; failed, missing or error makes the next pending attempt, or after the last one pauses the run with the fail codes as reason, and the last gate that passes completes the run. In a gate run it may be judged any number of times, and finish_run ends the run. Keys: status, attempt_number (to be sure which attempt is meant), validation_results, fail_codes, tokens_in, tokens_out, cost_usd (worked out from models when left out), duration_ms (from started_at when left out), prompt_packet, raw_output. CR002, CR003, CR004.';

revoke execute on function codered.finish_gate from public;

grant execute on function codered.finish_gate to service_role;

create or replace function codered.resume_run(run_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(resume_run.run_id);
begin
  if run.status <> 'paused' then
    perform codered.refuse_state('runs.status', run.status, 'paused, to resume it');
  end if;
  update codered.runs r set status = 'running' where r.id = run.id;
  if run.sprint_id is null and run.repository_id is null then
    perform codered.make_gates(run.id, (
      select jsonb_agg(to_jsonb(g))
      from (
        select distinct on (e.gate_id)
          e.gate_id, e.gate_name, e.phase, e.gate_order, e.agent_slug, e.model_id, e.max_attempts, e.status
        from codered.gate_executions e
        where e.run_id = run.id
        order by e.gate_id, e.attempt_number desc
      ) g
      where g.status in ('failed', 'missing', 'error')
    ));
  end if;
  return to_jsonb(codered.recompute_run(run.id));
end
$$;

comment on function codered.resume_run(uuid) is
  'Lets a paused run, one''s own for a member, go on, and returns its row; a gate of a workflow run that has failed for good gets one more attempt. CR003, CR004, CR008. Security definer, because status and gates are nobody''s to write freely.';

revoke execute on function codered.resume_run from public;

grant execute on function codered.resume_run to authenticated, service_role;

create or replace function codered.list_artifact_ages(repository_id bigint, run_id text, newest_attempt integer)
returns table (artifact_id uuid, made_in integer, is_stale boolean)
language sql
stable
set search_path = ''
as $$
  with jobs as materialized (
    select
      o.run_attempt, o.name, o.has_new_name, o.covered_by is not null as ran_again, j.started_at, j.completed_at,
      -- GitHub tells a start of jobs that never had a runner, too.
      j.started_at is not null
      and j.status <> 'queued'
      and j.conclusion is distinct from 'skipped'
      and not (j.status = 'canceled' and j.runner_name is null and j.steps = '[]') as is_maker
    from codered.jobs_of_run(list_artifact_ages.repository_id, list_artifact_ages.run_id) o
    join codered.ci_jobs j on j.id = o.id
  ), attempts as materialized (
    select
      a.id, a.run_attempt,
      coalesce(a.start_time, (select min(j.started_at) from jobs j where j.run_attempt = a.run_attempt)) as started_at,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.is_maker and not j.ran_again) as jobs_left,
      (select count(distinct j.name) from jobs j where j.run_attempt = a.run_attempt and j.has_new_name) as new_names
    from codered.ci_events a
    where a.provider = 'github-actions' and a.repository_id = list_artifact_ages.repository_id and a.run_id = list_artifact_ages.run_id
  ), makers as materialized (
    -- A name may change with the attempt. Where a later attempt has as many new names as jobs are left here, they may all be those.
    select
      j.run_attempt, j.started_at, j.completed_at,
      j.ran_again or exists (
        select
        from attempts a
        join attempts later on later.run_attempt > a.run_attempt and later.new_names >= a.jobs_left
        where a.run_attempt = j.run_attempt
      ) as ran_again
    from jobs j
    where j.is_maker
  ), made as materialized (
    select
      f.id, u.at, u.allowed,
      case
        when f.github_artifact_id is null then a.run_attempt
        when f.made_at is null then list_artifact_ages.newest_attempt
        else coalesce(
          (select max(b.run_attempt) from attempts b where b.started_at <= f.made_at),
          (select min(b.run_attempt) from attempts b))
      end as attempt
    from attempts a
    join codered.artifacts f on f.ci_event_id = a.id
    -- An upload says by its token which attempt it is of; GitHub lists artifacts by run, and when it got them.
    -- Clocks are not the same to the second, and an upload's is ours.
    cross join lateral (
      select
        case when f.github_artifact_id is null then f.created_at else f.made_at end as at,
        make_interval(secs => case when f.github_artifact_id is null then 60 else 5 end) as allowed
    ) as u
  )
  select
    m.id, m.attempt,
    m.attempt < list_artifact_ages.newest_attempt
    -- Whichever job made it was running then; when none is known to have been, it may be any job's.
    and coalesce(
      bool_and(running.ran_again),
      not exists (select from makers k where k.run_attempt = m.attempt and not k.ran_again))
  from made m
  left join makers running
    on running.run_attempt = m.attempt
    and m.at between running.started_at - m.allowed and coalesce(running.completed_at, 'infinity') + m.allowed
  group by m.id, m.attempt
$$;

comment on function codered.list_artifact_ages(bigint, text, integer) is
  'The attempt that each artifact of a workflow run was made in (what was made before every known start: the oldest; at an unknown time: the newest), and whether it is stale: every job that may have made it has run again since. That is a job that was running when it was made, and was not skipped or cancelled before it had a runner. A job ran again when a later one covers it (jobs_of_run), or when one later attempt has at least as many new names as its own attempt has jobs left that are not covered: GitHub then re-ran all jobs under other names, or nobody can tell which. A job that is not told of yet did not run again: a gate waits for the end of the run.';

revoke execute on function codered.list_artifact_ages from public;

grant execute on function codered.list_artifact_ages to service_role;

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
      now() as created_at, now() as updated_at
  ) as told
  cross join lateral (
    select row(
      told.id, told.repository_id, told.ci_event_id, told.source, told.ref, told.artifact_id, told.commit_sha, told.on_default_branch,
      told.from_fork, told.day, told.passed, told.skipped, told.cases, told.omitted, told.not_counted, told.created_at, told.updated_at)::codered.test_reports as p
  ) as placed
  where r.id = event.repository_id
$$;

comment on function codered.place_test_report(codered.ci_events, bigint, text) is 'Where an artifact of the event''s run is to be counted, as a report without its cases; not_counted says why nowhere. Called in SQL only.';

revoke execute on function codered.place_test_report from public;

grant execute on function codered.place_test_report to service_role;

create or replace function codered.list_gate_reports(pull codered.pull_requests, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(json_agg(
    json_build_object(
      'artifact', f.file_name, 'run_id', f.run_id, 'workflow', coalesce(regexp_replace(f.workflow_path, '^.*/', ''), ''),
      'workflow_path', f.workflow_path, 'event', f.event, 'attempt', f.made_in, 'url', f.url, 'at', f.created_at, 'content', f.content,
      'is_stale', f.is_stale)
    order by f.file_name, f.id), '[]')
  from (
    -- Of an upload's name the newest attempt's counts; what the jobs that did not run again uploaded carries over.
    select distinct on (e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end)
      a.file_name, a.url, a.created_at, a.content, a.id, e.run_id, i.workflow_path, i.event, age.made_in,
      age.is_stale
    from codered.current_runs(pull.repository_id, list_gate_reports.sha) as e
    cross join lateral codered.identity_of_run(e.repository_id, e.run_id) as i
    cross join lateral codered.list_artifact_ages(e.repository_id, e.run_id, e.run_attempt) as age
    join codered.artifacts a on a.id = age.artifact_id
    join codered.ci_events attempt on attempt.id = a.ci_event_id
    where e.provider = 'github-actions'
      and codered.is_run_for(pull, i.event, i.branch, i.head_repository_id)
      -- What members write of their own has no run, and is no evidence.
      and a.run_id is not null
      -- Reading an attempt's artifacts takes over what GitHub still lists of those before.
      and (attempt.id = e.id or a.github_artifact_id is null)
      -- Where reading was given up, what was read for information may be the better half.
      and (
        a.github_artifact_id is null
        or not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status = 'failed')
      )
    order by
      e.run_id, a.github_artifact_id, case when a.github_artifact_id is null then a.file_name end,
      attempt.run_attempt desc, a.created_at desc, a.id
  ) as f
$$;

comment on function codered.list_gate_reports(codered.pull_requests, text) is
  'The report files that count for a commit of the pull request, each with the run that made it and whether its attempt is outdone (is_stale). Only read_gate_subject calls it.';

revoke execute on function codered.list_gate_reports from public;

grant execute on function codered.list_gate_reports to service_role;

create or replace function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
  summary jsonb;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array", "summary": "object"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb, summary jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  perform 1 from codered.sprints s where s.id = told.sprint_id for no key update;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  if run.id is null and told.sprint_id is not null then
    -- The sprint came after the commit had been looked at: what was begun is its run from now on.
    update codered.runs r
    set sprint_id = s.id, spec_id = s.spec_id, dod_state = 'unmeasured'
    from codered.sprints s
    where s.id = told.sprint_id and r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is null
    returning r.* into run;
  end if;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  -- Evidence that was read for information hangs on a run that nobody has started yet.
  is_first := run.status = 'pending';
  if run.id is null or is_first or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
  end if;
  if is_first then
    perform codered.append_status(
      run.project_id, run.id, 'BUILD', run.display_name,
      jsonb_strip_nulls(jsonb_build_object('ci_run_id', run.ci_run_id, 'commit_sha', run.commit_sha, 'is_again', false)));
  end if;
  update codered.runs r
  set ci_run_id = coalesce(told.ci_run_id, r.ci_run_id), pull_request_number = told.pull_request_number
  where r.id = run.id
    and (r.ci_run_id, r.pull_request_number) is distinct from (coalesce(told.ci_run_id, r.ci_run_id), told.pull_request_number);
  insert into codered.run_ci_events (run_id, ci_event_id)
  select run.id, e.id
  from codered.ci_events e
  where e.id = any (told.ci_event_ids) and e.repository_id = told.repository_id
  on conflict do nothing;

  perform codered.record_criteria(run.id, told.criteria);
  update codered.runs r
  set dod_state = codered.evaluate_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.evaluate_sprint(r.id);
  perform codered.end_other_runs(run.id);
  summary := told.summary || jsonb_build_object(
    'status', case wanted when 'completed' then 'PASSED' else 'FAILED' end,
    'duration_seconds', codered.seconds_of(told.ci_event_ids));
  if run.status = wanted then
    -- The same outcome by other figures.
    update codered.runs r set summary_json = summary
    where r.id = run.id and wanted <> 'running' and summary is not null and r.summary_json is distinct from summary;
  end if;
  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end, summary);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.look_at_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;

comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits looked at that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

revoke execute on function codered.record_gate_verdict from public;

grant execute on function codered.record_gate_verdict to service_role;

create or replace function codered.recompute_merge(repository_id bigint, pull_request_number integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  pr codered.pull_requests;
  run codered.runs;
  gate text;
  -- How late the merge was told. After three days GitHub delivers no webhook again: then it comes from a list.
  late interval;
  is_late boolean;
begin
  select p.* into pr
  from codered.pull_requests p
  where p.repository_id = recompute_merge.repository_id and p.number = recompute_merge.pull_request_number and p.state = 'merged';
  -- First, as whoever writes a verdict has it: a head that several pull requests have has one run.
  select r.* into run
  from codered.runs r
  where r.repository_id = pr.repository_id and r.commit_sha = pr.head_sha and r.pull_request_number is not null
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  -- It may be told later than the merge who it was, and later than the push that it was a merge.
  update codered.user_overrides o
  set
    pull_request_number = pr.number,
    "user" = case o."user" when 'unknown' then coalesce(pr.merged_by, 'unknown') else o."user" end,
    user_id = case o."user" when 'unknown' then codered.find_profile(pr.merged_by) else o.user_id end
  where o.repository_id = pr.repository_id
    and o.override_type = 'deploy_anyway'
    and (
      (o.commit_sha = pr.head_sha and o.pull_request_number = pr.number and o.user_id is null)
      or (o.commit_sha = pr.merge_commit_sha and o.github_rule_suite_id is not null)
    )
    and (o.pull_request_number is null or (o."user" = 'unknown' and pr.merged_by is not null));
  if run.id is null
    or exists (
      select
      from codered.events e
      where e.run_id = run.id and e.event_type = 'status.MERGED'
        and coalesce((e.payload -> 'metadata' ->> 'pull_request_number')::integer, pr.number) = pr.number
    )
  then
    return;
  end if;
  late := now() - pr.merged_at;
  is_late := late > interval '15 minutes' and late < interval '3 days';
  gate := case run.status when 'completed' then 'pass' when 'failed' then 'fail' else 'pending' end;
  perform codered.append_status(
    run.project_id, run.id, 'MERGED', format('Pull request %s', pr.number),
    jsonb_build_object(
      'pull_request_number', pr.number, 'commit_sha', pr.head_sha, 'merge_commit_sha', pr.merge_commit_sha, 'gate', gate));
  -- Where nothing is held back, nothing was passed.
  if codered.is_observed(run.id) then
    return;
  end if;
  -- Of what was told late the verdict was not there at the merge when it is younger, whatever it says.
  if (gate <> 'pass' or (is_late and run.finished_at > pr.merged_at)) and not exists (
    select
    from codered.user_overrides o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.github_rule_suite_id is not null
  ) then
    insert into codered.user_overrides (
      project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, reason
    )
    values (
      run.project_id, codered.find_profile(pr.merged_by), coalesce(pr.merged_by, 'unknown'), 'deploy_anyway', pr.repository_id,
      pr.number, pr.head_sha, case when gate = 'pass' then 'merged before there was a verdict' else 'merged while the gate was ' || gate end
        || case when is_late then format('; CodeRed was told of it %s minutes later', floor(extract(epoch from late) / 60)) else '' end);
  end if;
end
$$;

comment on function codered.recompute_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, by whom, and how late CodeRed was told; so too when it was told late and the verdict came only after it. Once, however often and in whatever order it is told. Nothing for one that is not merged or was never judged, and no record where the policy only observes.';

revoke execute on function codered.recompute_merge from public;

grant execute on function codered.recompute_merge to service_role;

create or replace function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.recompute_merge(new.repository_id, new.number);
    -- GitHub is asked about a week.
    if new.merged_at > now() - interval '7 days' and (tg_op = 'INSERT' or old.state <> 'merged') then
      perform codered.queue_bypass_look(new.repository_id);
    end if;
  else
    perform codered.recompute_merge(pr.repository_id, pr.number)
    from codered.pull_requests pr
    where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.state = 'merged';
  end if;
  return null;
end
$$;

comment on function codered.follow_merge() is
  'Settles a merge when it is told, when it is told who merged, and when the first verdict on its head comes after that.';

revoke execute on function codered.follow_merge from public;

create or replace function codered.recompute_deployed(repository_id bigint, deployment_ids uuid[] default null, head_sha text default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  one record;
begin
  -- Sprints before their runs, as everywhere.
  perform 1
  from codered.sprints s
  where s.id in (
    select r.sprint_id
    from codered.find_deployed(recompute_deployed.repository_id, recompute_deployed.deployment_ids, recompute_deployed.head_sha) f
    join codered.runs r on r.id = f.run_id
  )
  order by s.id
  for no key update;
  for one in
    select f.run_id, f.environment_name, d.deployment_id, d.commit_sha, d.url
    from codered.find_deployed(recompute_deployed.repository_id, recompute_deployed.deployment_ids, recompute_deployed.head_sha) f
    join codered.deployments d on d.id = f.deployment
    order by f.run_id, f.environment_name
  loop
    update codered.runs r
    set deployed_to = r.deployed_to || one.environment_name
    where r.id = one.run_id and one.environment_name <> all (r.deployed_to);
    -- Whoever was quicker has told it.
    if found then
      perform codered.append_status(
        r.project_id, r.id, 'DEPLOYED', left(format('Deployed to %s', one.environment_name), 500),
        jsonb_strip_nulls(jsonb_build_object(
          'sprint_id', r.sprint_id, 'pull_request_number', r.pull_request_number, 'commit_sha', r.commit_sha,
          'environment', one.environment_name, 'deployment_id', one.deployment_id, 'deployed_sha', one.commit_sha, 'url', one.url)))
      from codered.runs r
      where r.id = one.run_id;
    end if;
  end loop;
end
$$;

comment on function codered.recompute_deployed(bigint, uuid[], text) is
  'Tells of runs whose commit is in production by now, once for each environment, with a status event DEPLOYED; arguments as find_deployed has them.';

revoke execute on function codered.recompute_deployed from public;

grant execute on function codered.recompute_deployed to service_role;

create or replace function codered.follow_deployed()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'deployments' then
    perform codered.recompute_deployed(new.repository_id, array[new.id]);
  elsif tg_table_name = 'pull_requests' then
    perform codered.recompute_deployed(new.repository_id, null, new.head_sha);
  else
    perform codered.recompute_deployed(new.repository_id, null, new.commit_sha);
  end if;
  return null;
end
$$;

comment on function codered.follow_deployed() is
  'Whichever is told last, the deployment, the merge or the verdict: the run says that it is in production.';

revoke execute on function codered.follow_deployed from public;
