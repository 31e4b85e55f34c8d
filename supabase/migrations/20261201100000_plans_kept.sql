-- Receiving and recording find rows by key with plans that are kept, however small the tables were. Old workers survive it: names and arguments are the same.

create or replace function codered.receive_deliveries(heads json, payloads text)
returns table (guid text, outcome text)
language sql
set search_path = ''
-- The planner's numbers lag behind an inbox that grows: nothing here may read all of it.
set enable_seqscan = off
as $$
  with arrived as (
    select distinct on (h.app_id, h.guid) h.*
    from rows from (
      json_to_recordset(receive_deliveries.heads) as (
        app_id bigint, guid text, event text, action text, installation_id bigint, repository_id bigint
      )
    ) with ordinality as h (app_id, guid, event, action, installation_id, repository_id, place)
    order by h.app_id, h.guid, h.place
  ), stored as (
    insert into codered.webhook_deliveries as w (app_id, guid, event, action, installation_id, repository_id, payload)
    select a.app_id, a.guid, a.event, a.action, a.installation_id, a.repository_id, p.payload::json
    from arrived a
    join unnest(string_to_array(receive_deliveries.payloads, chr(30))) with ordinality as p (payload, place) on p.place = a.place
    on conflict (app_id, guid) do update
      set status = 'pending', available_at = now(), attempts = 0, locked_by = null, locked_until = null
      where w.status in ('failed', 'dead')
    returning w.app_id, w.guid, (xmax = 0) as is_new
  )
  select
    a.guid,
    case
      when s.is_new then 'stored'
      when s.guid is not null then 'requeued'
      -- Asked for those alone that were there before.
      when (select w.status from codered.webhook_deliveries w where w.app_id = a.app_id and w.guid = a.guid) in ('done', 'ignored')
        then 'known'
      else 'requeued'
    end
  from arrived a
  left join stored s on s.app_id = a.app_id and s.guid = a.guid
$$;

comment on function codered.receive_deliveries(json, text) is
  'Stores deliveries: payloads are the bodies in the order of heads, with the record separator (U+001E) between two, which no JSON text holds. A known guid that is not done is queued again (requeued), one that is done changes nothing (known).';

revoke execute on function codered.receive_deliveries from public;

grant execute on function codered.receive_deliveries to service_role;

create or replace function codered.queue_follow_ups(ci_event_ids uuid[], ci_job_ids uuid[], deployment_ids uuid[], pull_requests json, rechecks json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  queued integer;
begin
  with wanted as (
    -- A failed job is diagnosed once; so is every failed state of a check, a status or a deployment. A job that started and
    -- was cancelled may have run into its time limit: GitHub tells the two apart in an annotation only.
    select e.project_id, 'diagnose' as kind,
      jsonb_build_object('repository_id', e.repository_id, 'ci_job_id', j.id, 'ci_event_id', e.id) as input,
      'diagnose:job:' || j.job_id as dedupe_key, interval '0' as delay, true as once
    from codered.ci_jobs j
    join codered.ci_events e on e.id = j.ci_event_id
    where j.id = any (ci_job_ids)
      and (j.status = 'failed' or (j.status = 'canceled' and jsonb_array_length(j.steps) > 0))
    union all
    -- A run that failed without a job is an invalid workflow file; its jobs' deliveries get ten seconds to arrive first.
    select e.project_id, 'diagnose',
      jsonb_build_object('repository_id', e.repository_id, 'ci_event_id', e.id),
      'diagnose:event:' || e.id || case when e.provider = 'github-actions' then '' else ':' || e.source_updated_at end,
      case when e.provider = 'github-actions' and e.conclusion is distinct from 'startup_failure'
        then interval '10 seconds' else interval '0' end,
      true
    from codered.ci_events e
    where e.id = any (ci_event_ids)
      and e.status = 'failed'
      and not exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
    union all
    select d.project_id, 'diagnose',
      jsonb_build_object('repository_id', d.repository_id, 'deployment_id', d.id),
      'diagnose:deployment:' || d.id, interval '0', true
    from codered.deployments d
    where d.id = any (deployment_ids) and d.status = 'failed'
    union all
    select r.project_id, 'report',
      jsonb_build_object('repository_id', t.repository_id, 'head_sha', h.sha)
        || case when bool_or(t.recheck and h.sha = t.sha) then '{"recheck": true}'::jsonb else '{}'::jsonb end,
      'report:' || t.repository_id || ':' || h.sha, interval '0', false
    from (
      select e.repository_id, e.commit_sha as sha, false as recheck
      from codered.ci_events e
      where e.id = any (ci_event_ids)
      union all
      select e.repository_id, e.commit_sha, false
      from codered.ci_jobs j
      join codered.ci_events e on e.id = j.ci_event_id
      where j.id = any (ci_job_ids)
      union all
      select d.repository_id, d.commit_sha, false
      from codered.deployments d
      where d.id = any (deployment_ids)
      union all
      select f.repository_id, f.head_sha, false
      from json_to_recordset(pull_requests) as f (repository_id bigint, head_sha text)
      union all
      select f.repository_id, f.head_sha, true
      from json_to_recordset(rechecks) as f (repository_id bigint, head_sha text)
    ) as t
    join codered.repositories r on r.id = t.repository_id
    cross join lateral codered.heads_after(t.repository_id, t.sha) as h (sha)
    group by r.project_id, t.repository_id, h.sha
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_follow_up(w.project_id, w.kind, w.input, w.dedupe_key, w.delay)) as done
  where not w.once
    -- What was given up is tried again when it is told again. Key by key, because of the offset: else all keys may be read to compare one.
    or not exists (select 1 from codered.follow_ups j where j.dedupe_key = w.dedupe_key and j.status <> 'failed' offset 0);
  return queued;
end
$$;

comment on function codered.queue_follow_ups(uuid[], uuid[], uuid[], json, json) is
  'Queues the diagnoses and reports that merged facts ask for; returns how many it asked for.';

revoke execute on function codered.queue_follow_ups from public;

grant execute on function codered.queue_follow_ups to service_role;

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
