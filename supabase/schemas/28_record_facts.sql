-- What one delivery says goes in here: merged, followed up and closed in one transaction.
--
-- Facts are merged in any order and any number of times, to the same rows:
--   1. Every row keeps the source that it was written by: (source_updated_at, source_delivery). A row changes only for a greater one.
--   2. A CI status only moves forward, so its rank comes before the source's time; commit statuses have no such order.
--   3. Starts take the earliest, ends the latest, deletions of installations are final.
--   4. What follows from several rows (a deployment's status, zones, is_current) is worked out anew from all of them.
-- Every payload touches its repository's row first, so that two deliveries of one repository are merged one after the other.
-- The functions merge_* stand beside the tables that they write.

create function codered.queue_follow_ups(
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

create function codered.facts_of(facts json, kind text)
returns json
language sql
immutable
set search_path = ''
as $$
  select case when json_array_length(coalesce(facts -> kind, '[]')) > 0 then facts -> kind end
$$;
comment on function codered.facts_of(json, text) is 'The facts of one kind; null when there are none.';
revoke execute on function codered.facts_of from public;
grant execute on function codered.facts_of to service_role;

create function codered.record_facts(facts json, app_id bigint default null, guid text default null)
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

create function codered.queue_report(repository_id bigint, head_sha text, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_report.head_sha),
    'deadline:' || r.id || ':' || queue_report.head_sha, make_interval(secs => queue_report.seconds), is_scheduled => true)
  from codered.repositories r
  where r.id = queue_report.repository_id
$$;
comment on function codered.queue_report(bigint, text, integer) is
  'Queues the evaluation of a commit in so many seconds: at the deadline of what its gate waits for. One such recheck is queued for each commit, the earliest that was asked for.';
revoke execute on function codered.queue_report from public;
grant execute on function codered.queue_report to service_role;

create function codered.recheck_commit(repository_id bigint, head_sha text)
returns integer
language sql
set search_path = ''
as $$
  with place as (
    select r.id, r.project_id from codered.repositories r where r.id = recheck_commit.repository_id
  ), wanted as (
    select p.project_id, 'artifacts' as kind, jsonb_build_object('repository_id', p.id, 'ci_event_id', e.id) as input,
      'artifacts:' || e.id as dedupe_key
    from place p
    cross join lateral codered.current_runs(p.id, recheck_commit.head_sha) as e
    where e.provider = 'github-actions' and e.status not in ('queued', 'running')
    union all
    select p.project_id, 'report', jsonb_build_object('repository_id', p.id, 'head_sha', recheck_commit.head_sha, 'recheck', true),
      'report:' || p.id || ':' || recheck_commit.head_sha
    from place p
  )
  select count(*)::integer
  from wanted w
  cross join lateral (select codered.queue_follow_up(w.project_id, w.kind, w.input, w.dedupe_key)) as done
$$;
comment on function codered.recheck_commit(bigint, text) is
  'Has a commit evaluated again: its finished runs'' artifacts are read anew and its check run is made anew. Returns how many jobs that takes.';
revoke execute on function codered.recheck_commit from public;
grant execute on function codered.recheck_commit to service_role;

create function codered.is_recheck_queued(repository_id bigint, sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.follow_ups j
    where j.repository_id = is_recheck_queued.repository_id
      and j.commit_sha = is_recheck_queued.sha
      and j.kind = 'report'
      and not j.is_scheduled
      and j.status in ('queued', 'running')
  )
$$;
comment on function codered.is_recheck_queued(bigint, text) is 'Whether a report of the commit is queued or under way; a recheck at a deadline, which has its own time, does not count.';
revoke execute on function codered.is_recheck_queued from public;
grant execute on function codered.is_recheck_queued to service_role;

create function codered.queue_recheck(repository_id bigint, sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_recheck.sha), 'report:' || r.id || ':' || queue_recheck.sha)
  from codered.repositories r
  where r.id = queue_recheck.repository_id and r.deleted_at is null
$$;
comment on function codered.queue_recheck(bigint, text) is 'Queues the report of a commit, unless it is queued already.';
revoke execute on function codered.queue_recheck from public;
grant execute on function codered.queue_recheck to service_role;

create function codered.queue_information(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_information.ci_event_ids)
      and e.repository_id = queue_information.repository_id
      and not exists (
        select from codered.follow_ups j where j.dedupe_key in ('artifacts:' || e.id, 'information:' || e.id)
      )
  ), queued as (
    select codered.queue_follow_up(
      w.project_id, 'artifacts',
      jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id, 'is_information', true), 'information:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_information(bigint, uuid[]) is
  'Queues the reading of what looks like a report among the artifacts of workflow runs that are over, where no policy asks for any: once for each attempt. A policy that comes later has all of them read. Returns how many were queued.';
revoke execute on function codered.queue_information from public;
grant execute on function codered.queue_information to service_role;

create function codered.queue_policy_rechecks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select
      r.id, r.installation_id, r.owner, r.name, f.ref, f.files, f.ref = 'refs/heads/' || coalesce(r.default_branch, 'main') as is_default,
      lower(r.owner || '/' || r.name) || ':' as prefix,
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      cardinality(f.files) >= 5000 or coalesce(f.is_ref_reset, false) as may_be_any
    from json_to_recordset(queue_policy_rechecks.commits) as f (repository_id bigint, ref text, files text[], is_ref_reset boolean)
    join codered.repositories r on r.id = f.repository_id
    where f.ref is not null
  ), touched as (
    -- Its own branch's policy.
    select t.id as pushed_id, t.id as repository_id, regexp_replace(t.ref, '^refs/heads/', '') as branch
    from told t
    where t.ref like 'refs/heads/%' and ('.github/codered.yml' = any (t.files) or t.may_be_any)
    union
    -- The account's, which counts for all of its repositories.
    select t.id, o.id, null
    from told t
    join codered.repositories o on o.installation_id = t.installation_id and o.owner = t.owner and o.deleted_at is null
    where t.name = '.github' and t.is_default and ('codered.yml' = any (t.files) or t.may_be_any)
    union
    -- One that others extend, on whatever branch or tag.
    select t.id, o.id, null
    from told t
    join codered.repositories o
      on o.installation_id = t.installation_id and o.policy_parts <> '{}' and o.deleted_at is null
      and exists (
        select
        from unnest(o.policy_parts) as part
        where starts_with(part, t.prefix) and (t.may_be_any or substr(part, length(t.prefix) + 1) = any (t.files))
      )
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by c.pushed_id order by pr.source_updated_at desc, pr.repository_id, pr.number desc) as place
    from (select distinct t.pushed_id, t.repository_id, t.branch from touched t) as c
    join codered.repositories r on r.id = c.repository_id
    join codered.pull_requests pr
      on pr.repository_id = c.repository_id and (c.branch is null or pr.base_ref = c.branch) and pr.state = 'open'
  ), queued as (
    select codered.queue_follow_up(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place), l.is_scheduled)
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second recheck is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever is due first runs.
    cross join (values ('report:', 4, false), ('deadline:', 60, true)) as l (key, seconds, is_scheduled)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;
comment on function codered.queue_policy_rechecks(json) is
  'Has open pull requests evaluated again when commits of a push change a policy that counts for them, or the branch was pushed by force or is new: those into the branch whose own file it is, those of all repositories of the installation where it is the account''s (codered.yml in .github), those of the repositories whose policy extends it; each time the 500 that changed last, in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';
revoke execute on function codered.queue_policy_rechecks from public;
grant execute on function codered.queue_policy_rechecks to service_role;

create function codered.recheck_merge_groups(repository_id bigint, pull_request_number integer, head_sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_recheck(g.repository_id, g.commit_sha)
  from codered.runs g
  cross join lateral codered.merge_group_head(g.repository_id, g.commit_sha) h
  where g.repository_id = recheck_merge_groups.repository_id
    and g.pull_request_number = recheck_merge_groups.pull_request_number
    and g.created_at > now() - interval '1 day'
    and h.pull_request_number = g.pull_request_number
    and h.head_sha = recheck_merge_groups.head_sha
$$;
comment on function codered.recheck_merge_groups(bigint, integer, text) is
  'Queues the reports of the commits that a merge queue made for a pull request, evaluated for the first time within a day: its head''s verdict may stand for theirs. Nothing unless head_sha is its head.';
revoke execute on function codered.recheck_merge_groups from public;
grant execute on function codered.recheck_merge_groups to service_role;

create function codered.queue_recheck_at(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_recheck_at.head_sha), k.key,
    greatest(queue_recheck_at.until - now(), interval '0') + interval '2 seconds', is_scheduled => true)
  from codered.repositories r
  cross join lateral (
    select format('deadline:%s:%s:%s', r.id, queue_recheck_at.head_sha, extract(epoch from queue_recheck_at.until)::bigint) as key
  ) as k
  where r.id = queue_recheck_at.repository_id
    and r.deleted_at is null
    and not exists (select from codered.follow_ups j where j.dedupe_key = k.key)
$$;
comment on function codered.queue_recheck_at(bigint, text, timestamptz) is
  'Queues the report of a commit for when a wait of it is over, once for each such time.';
revoke execute on function codered.queue_recheck_at from public;
grant execute on function codered.queue_recheck_at to service_role;

create function codered.queue_look_once(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_recheck_at(repository_id, head_sha, until)
$$;
comment on function codered.queue_look_once(bigint, text, timestamptz) is 'The former name of queue_recheck_at, for workers from before it was renamed.';
revoke execute on function codered.queue_look_once from public;
grant execute on function codered.queue_look_once to service_role;
