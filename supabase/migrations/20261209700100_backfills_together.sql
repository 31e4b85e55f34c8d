-- What backfills change in the functions that were there: old failures are diagnosed where one asks for it, and they go with their repository. Old workers survive it.

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
      -- Somebody asked for the causes of old failures.
      or (
        w.kind = 'diagnose'
        and exists (
          select
          from codered.backfills b
          where b.repository_id = w.repository_id and b.with_logs and coalesce(b.finished_at, now()) > now() - interval '1 hour'
        )
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
  'Queues the diagnoses and reports that merged facts ask for; of facts whose own time is before late_before those alone that are about an open pull request''s present head, and the diagnoses that a backfill with logs asks for. Returns how many it asked for.';

revoke execute on function codered.queue_follow_ups from public;

grant execute on function codered.queue_follow_ups to service_role;

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
    ('backfills', 't.repository_id = any ($1)'),
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
