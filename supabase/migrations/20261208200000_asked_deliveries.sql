-- Deliveries that are made out of what GitHub answered: they never take away what webhooks told, and of last month they act on nothing outside. Old workers survive it.

drop function codered.queue_follow_ups(uuid[],uuid[],uuid[],json,json);

create or replace function codered.is_asked(delivery text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select starts_with(is_asked.delivery, '.asked:')
$$;

comment on function codered.is_asked(text) is
  'Whether a delivery was made by us out of what GitHub answered, instead of sent by GitHub: its guid says so (src/asked/asked-guid.ts).';

revoke execute on function codered.is_asked from public;

grant execute on function codered.is_asked to service_role;

create or replace function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery);

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  -- Nothing comes after the end of a group, whichever of the two is told first.
  update codered.commits c
  set merge_group_end = g.merge_group_end
  from (
    select f.repository_id, f.sha, max(f.merge_group_end) as merge_group_end
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
    where f.merge_group_end is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha and c.merge_group_end is distinct from g.merge_group_end;

  -- What became of it stands in the comment of the pull request.
  select codered.queue_recheck(f.repository_id, h.head_sha)
  from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
  cross join lateral codered.merge_group_head(f.repository_id, f.sha) h
  where f.merge_group_end is not null;

  -- A list of commits that we asked for tells no push: a spec in it may be long done.
  select
    case when not codered.is_asked(merge_commits.delivery) then codered.queue_specs(merge_commits.facts) end,
    codered.queue_policy_rechecks(merge_commits.facts), codered.queue_bypass_checks(merge_commits.facts);
$$;

comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one counts, that a merge queue asked about it, and what became of its group, comes from any that says so), queues the reading of the specs among their files, rechecks of what a policy among them may change, a search for bypasses where they went straight to the default branch, and the report of the pull request whose merge group has ended.';

revoke execute on function codered.merge_commits from public;

grant execute on function codered.merge_commits to service_role;

create or replace function codered.merge_ci_events(facts json, delivery text)
returns setof uuid
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.ci_events as e (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, run_attempt, branch, head_repository_id,
    commit_sha, status, conclusion, trigger, event, start_time, end_time, pull_request_numbers, html_url, actor, summary,
    source_updated_at, source_delivery
  )
  select distinct on (f.provider, f.repository_id, f.run_id, f.run_attempt)
    r.project_id, f.repository_id, f.provider, f.workflow_name, f.workflow_path, f.run_id, f.run_attempt, f.branch,
    f.head_repository_id, f.commit_sha, f.status, f.conclusion, f.trigger, f.event, f.start_time, f.end_time,
    coalesce(f.pull_request_numbers, '{}'), f.html_url, f.actor, f.summary,
    coalesce(f.source_updated_at, '-infinity'), merge_ci_events.delivery
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, workflow_name text, workflow_path text,
    branch text, head_repository_id bigint, commit_sha text, status text, conclusion text, trigger text, event text,
    start_time timestamptz, end_time timestamptz, pull_request_numbers integer[], html_url text, actor text,
    summary text, source_updated_at timestamptz
  )
  join codered.repositories r on r.id = f.repository_id
  order by f.provider, f.repository_id, f.run_id, f.run_attempt, f.source_updated_at desc nulls last
  on conflict (provider, repository_id, run_id, run_attempt) do update
  set
    workflow_name = excluded.workflow_name,
    workflow_path = excluded.workflow_path,
    branch = excluded.branch,
    head_repository_id = excluded.head_repository_id,
    commit_sha = excluded.commit_sha,
    status = excluded.status,
    conclusion = excluded.conclusion,
    trigger = excluded.trigger,
    -- A job's stub, and a worker of before, do not tell.
    event = coalesce(excluded.event, e.event),
    start_time = least(e.start_time, excluded.start_time),
    -- GitHub's time of a run goes on after its end, so an answer of later does not know when that was.
    end_time = case
      when codered.is_asked(excluded.source_delivery) then coalesce(e.end_time, excluded.end_time)
      when codered.is_asked(e.source_delivery) then coalesce(excluded.end_time, e.end_time)
      else greatest(e.end_time, excluded.end_time)
    end,
    -- Nor which pull requests it belonged to, once they are closed.
    pull_request_numbers = case
      when codered.is_asked(excluded.source_delivery) and excluded.pull_request_numbers = '{}' then e.pull_request_numbers
      else excluded.pull_request_numbers
    end,
    html_url = excluded.html_url,
    actor = excluded.actor,
    summary = excluded.summary,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where case
    -- Of two that are as far, what GitHub sent counts, whatever their times.
    when codered.is_asked(excluded.source_delivery) <> codered.is_asked(e.source_delivery)
        and codered.status_rank(excluded.status) = codered.status_rank(e.status)
        and e.source_updated_at > '-infinity' and excluded.source_updated_at > '-infinity'
      then codered.is_asked(e.source_delivery)
    else codered.is_newer(
      e.provider,
      excluded.status, excluded.source_updated_at, excluded.source_delivery,
      e.status, e.source_updated_at, e.source_delivery
    )
  end;

  -- A source that lost still has a say in when it began and ended; what was asked for only where nobody else told.
  update codered.ci_events e
  set start_time = s.start_time, end_time = s.end_time, pull_request_numbers = s.pull_request_numbers
  from json_to_recordset(facts) as f (
    provider text, repository_id bigint, run_id text, run_attempt integer, start_time timestamptz, end_time timestamptz,
    pull_request_numbers integer[]
  )
  cross join lateral (
    select
      least(o.start_time, f.start_time) as start_time,
      case
        when codered.is_asked(merge_ci_events.delivery) then coalesce(o.end_time, f.end_time)
        else greatest(o.end_time, f.end_time)
      end as end_time,
      case
        when codered.is_asked(o.source_delivery) and o.pull_request_numbers = '{}' then coalesce(f.pull_request_numbers, '{}')
        else o.pull_request_numbers
      end as pull_request_numbers
    from codered.ci_events o
    where o.provider = f.provider and o.repository_id = f.repository_id
      and o.run_id = f.run_id and o.run_attempt = f.run_attempt
  ) as s
  where e.provider = f.provider and e.repository_id = f.repository_id
    and e.run_id = f.run_id and e.run_attempt = f.run_attempt
    and (e.start_time, e.end_time, e.pull_request_numbers) is distinct from (s.start_time, s.end_time, s.pull_request_numbers);

  return query
    select e.id
    from json_to_recordset(facts) as f (provider text, repository_id bigint, run_id text, run_attempt integer)
    join codered.ci_events e
      on e.provider = f.provider and e.repository_id = f.repository_id
      and e.run_id = f.run_id and e.run_attempt = f.run_attempt;
end
$$;

comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those in the facts.';

revoke execute on function codered.merge_ci_events from public;

grant execute on function codered.merge_ci_events to service_role;

create or replace function codered.queue_follow_ups(
  ci_event_ids uuid[], ci_job_ids uuid[], deployment_ids uuid[], pull_requests json, rechecks json,
  late_before timestamptz default '-infinity'
)
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
      'diagnose:job:' || j.job_id as dedupe_key, interval '0' as delay, true as once,
      j.source_updated_at < late_before as is_late, e.commit_sha as sha, e.repository_id
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
      true, e.source_updated_at < late_before, e.commit_sha, e.repository_id
    from codered.ci_events e
    where e.id = any (ci_event_ids)
      and e.status = 'failed'
      and not exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
    union all
    select d.project_id, 'diagnose',
      jsonb_build_object('repository_id', d.repository_id, 'deployment_id', d.id),
      'diagnose:deployment:' || d.id, interval '0', true, coalesce(d.finished_at, d.source_updated_at) < late_before, d.commit_sha,
      d.repository_id
    from codered.deployments d
    where d.id = any (deployment_ids) and d.status = 'failed'
    union all
    select r.project_id, 'report',
      jsonb_build_object('repository_id', t.repository_id, 'head_sha', h.sha)
        || case when bool_or(t.recheck and h.sha = t.sha) then '{"recheck": true}'::jsonb else '{}'::jsonb end,
      'report:' || t.repository_id || ':' || h.sha, interval '0', false, bool_and(t.is_late), h.sha, t.repository_id
    from (
      select e.repository_id, e.commit_sha as sha, false as recheck, e.source_updated_at < late_before as is_late
      from codered.ci_events e
      where e.id = any (ci_event_ids)
      union all
      select e.repository_id, e.commit_sha, false, j.source_updated_at < late_before
      from codered.ci_jobs j
      join codered.ci_events e on e.id = j.ci_event_id
      where j.id = any (ci_job_ids)
      union all
      select d.repository_id, d.commit_sha, false, coalesce(d.finished_at, d.source_updated_at) < late_before
      from codered.deployments d
      where d.id = any (deployment_ids)
      union all
      select f.repository_id, f.head_sha, false, f.source_updated_at < late_before
      from json_to_recordset(pull_requests) as f (repository_id bigint, head_sha text, source_updated_at timestamptz)
      union all
      select f.repository_id, f.head_sha, true, false
      from json_to_recordset(rechecks) as f (repository_id bigint, head_sha text)
    ) as t
    join codered.repositories r on r.id = t.repository_id
    cross join lateral codered.heads_after(t.repository_id, t.sha) as h (sha)
    group by r.project_id, t.repository_id, h.sha
  )
  select count(*) into queued
  from wanted w
  cross join lateral (select codered.queue_follow_up(w.project_id, w.kind, w.input, w.dedupe_key, w.delay)) as done
  -- Of what was long ago only an open pull request's present head says anything to anybody.
  where (
      w.is_late is not true
      or exists (
        select
        from codered.pull_requests pr
        where pr.repository_id = w.repository_id and pr.head_sha = w.sha and pr.state = 'open'
      )
    )
    and (
      not w.once
      -- What was given up is tried again when it is told again. Key by key, because of the offset: else all keys may be read to compare one.
      or not exists (select 1 from codered.follow_ups j where j.dedupe_key = w.dedupe_key and j.status <> 'failed' offset 0)
    );
  return queued;
end
$$;

comment on function codered.queue_follow_ups(uuid[], uuid[], uuid[], json, json, timestamptz) is
  'Queues the diagnoses and reports that merged facts ask for; of facts whose own time is before late_before those alone that are about an open pull request''s present head. Returns how many it asked for.';

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
