-- The Definition of Done on a commit: what the gate reads, what it found in artifacts, and what it judged. Old workers survive it.

alter table codered.artifacts
  add column ci_event_id uuid references codered.ci_events (id) on delete set null;
create index artifacts_ci_event_id_idx on codered.artifacts (ci_event_id);
create unique index artifacts_github_key on codered.artifacts (run_id, github_artifact_id);
drop index codered.artifacts_github_artifact_id_idx;
create or replace trigger artifacts_same_project before insert or update of project_id, task_id, ci_event_id on codered.artifacts
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'ci_event_id:ci_events');
comment on column codered.artifacts.ci_event_id is 'The attempt of a workflow run that it was read after.';

create function codered.find_sprint(repository_id bigint, branches text[])
returns codered.sprints
language sql
stable
set search_path = ''
as $$
  select s
  from codered.repositories r
  join codered.specs p on p.project_id = r.project_id and p.repo = r.owner || '/' || r.name
  join codered.sprints s on s.spec_id = p.id
  where r.id = find_sprint.repository_id
    and p.branch = any (find_sprint.branches)
    and p.template_id is null
  order by array_position(find_sprint.branches, p.branch), s.created_at desc, s.id
  limit 1
$$;
comment on function codered.find_sprint(bigint, text[]) is
  'The newest sprint of the repository on the first of the branches that has one; null when none has.';

create function codered.signals_of(repository_id bigint, sha text)
returns table (
  kind text, name text, origin text, workflow_path text, attempt integer, status text, conclusion text, url text, at timestamptz
)
language sql
stable
set search_path = ''
as $$
  with runs as (
    select c.* from codered.current_runs(signals_of.repository_id, signals_of.sha) as c
  ), jobs as (
    -- A partial re-run holds only the jobs that ran again: the others carry over from the attempt before. Until it is over,
    -- nobody knows which will.
    select
      r.workflow_path as path, r.status as run_status, a.run_attempt, r.run_attempt as newest_attempt, r.source_updated_at as run_at, j.*,
      rank() over (partition by r.id, j.name order by a.run_attempt desc) as age
    from runs r
    join codered.ci_events a
      on a.provider = r.provider and a.repository_id = r.repository_id and a.run_id = r.run_id
    join codered.ci_jobs j on j.ci_event_id = a.id
    where r.provider = 'github-actions'
  )
  select
    'job',
    j.name,
    coalesce(regexp_replace(j.path, '^.*/', ''), ''),
    j.path,
    case when j.run_status in ('queued', 'running') then j.newest_attempt else j.run_attempt end,
    case
      when j.run_attempt < j.newest_attempt and j.run_status in ('queued', 'running') then 'running'
      -- The webhook of the job's end was lost: nobody knows how it ended.
      when j.run_status not in ('queued', 'running') and j.status in ('queued', 'running') then 'canceled'
      else j.status
    end,
    case when j.run_attempt < j.newest_attempt and j.run_status in ('queued', 'running') then null else j.conclusion end,
    j.html_url,
    greatest(j.source_updated_at, j.run_at)
  from jobs j
  where j.age = 1
  union all
  select
    case r.provider when 'github-status' then 'status' else 'check' end,
    r.workflow_name,
    case r.provider when 'github-checks' then coalesce(r.actor, '') else '' end,
    null,
    r.run_attempt,
    r.status,
    r.conclusion,
    r.html_url,
    r.source_updated_at
  from runs r
  where r.provider in ('github-checks', 'github-status')
$$;
comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt: Signal of src/gate/gathered.ts without distrust.';

create function codered.read_evidence_version(repository_id bigint, sha text)
returns text
language sql
stable
set search_path = ''
as $$
  select md5(coalesce(string_agg(told.what, ',' order by told.what), ''))
  from (
    select concat_ws(':', e.id, e.status, e.conclusion, e.source_updated_at, e.source_delivery) as what
    from codered.ci_events e
    where e.repository_id = read_evidence_version.repository_id and e.commit_sha = read_evidence_version.sha
    union all
    select concat_ws(':', j.id, j.status, j.conclusion, j.source_updated_at, j.source_delivery)
    from codered.ci_events e
    join codered.ci_jobs j on j.ci_event_id = e.id
    where e.repository_id = read_evidence_version.repository_id and e.commit_sha = read_evidence_version.sha
    union all
    select concat_ws(':', a.id, a.ref, a.content_hash)
    from codered.ci_events e
    join codered.artifacts a on a.ci_event_id = e.id
    where e.repository_id = read_evidence_version.repository_id and e.commit_sha = read_evidence_version.sha
    union all
    select concat_ws(':', o.id, o.revoked_at)
    from codered.user_overrides o
    where o.repository_id = read_evidence_version.repository_id and o.criterion is not null
      and (o.commit_sha = read_evidence_version.sha or o.commit_sha is null)
  ) as told
$$;
comment on function codered.read_evidence_version(bigint, text) is
  'Equal as long as nothing new is known that a verdict on the commit could rest on.';

create function codered.read_gate_subject(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'repository', json_build_object(
      'id', r.id, 'owner', r.owner, 'name', r.name, 'installation_id', r.installation_id, 'default_branch', r.default_branch),
    'pull_request', json_build_object(
      'number', pr.number, 'base_ref', pr.base_ref, 'head_ref', pr.head_ref, 'head_sha', pr.head_sha, 'author', pr.author,
      'is_fork', pr.head_repository_id is distinct from pr.repository_id),
    'version', codered.read_evidence_version(r.id, read_gate_subject.sha),
    'since', coalesce(
      (
        select min(g.created_at)
        from codered.runs g
        where g.repository_id = r.id and g.commit_sha = read_gate_subject.sha
      ),
      now()),
    'sprint', (
      select json_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json)
      from codered.find_sprint(
        -- The base branch decides where it has one. A fork's branch is another one, though it has the name of one here.
        r.id, array[pr.base_ref, case when pr.head_repository_id = pr.repository_id then pr.head_ref end]) s
      where s.id is not null
    ),
    'signals', coalesce((select json_agg(s order by s.kind, s.name, s.origin, s.url) from codered.signals_of(r.id, read_gate_subject.sha) s), '[]'),
    'runs', coalesce(
      (
        select json_agg(
          json_build_object(
            'ci_event_id', e.id, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(e.workflow_path, '^.*/', ''), ''),
            'workflow_path', e.workflow_path, 'attempt', e.run_attempt, 'is_over', e.status not in ('queued', 'running'),
            'at', e.source_updated_at,
            'is_read', exists (
              select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id and j.status in ('completed', 'failed')
            ))
          order by e.run_id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        where e.provider = 'github-actions'
      ),
      '[]'),
    'reports', coalesce(
      (
        select json_agg(
          json_build_object(
            'artifact', a.file_name, 'run_id', e.run_id, 'workflow', coalesce(regexp_replace(e.workflow_path, '^.*/', ''), ''),
            'workflow_path', e.workflow_path, 'attempt', e.run_attempt, 'url', a.url, 'at', a.created_at, 'content', a.content)
          order by a.file_name, a.id)
        from codered.current_runs(r.id, read_gate_subject.sha) as e
        join codered.artifacts a on a.ci_event_id = e.id
        -- What members write of their own has no run, and is no evidence.
        where e.provider = 'github-actions' and a.run_id is not null
      ),
      '[]'),
    'overrides', coalesce(
      (
        select json_agg(
          json_build_object('criterion', o.criterion, 'by', o."user", 'reason', o.reason, 'expires_at', o.expires_at)
          order by o.created_at desc, o.id)
        from codered.user_overrides o
        where o.repository_id = r.id
          and o.pull_request_number = pr.number
          and o.criterion is not null
          and o.revoked_at is null
          and (o.commit_sha = read_gate_subject.sha or (o.commit_sha is null and o.expires_at > now()))
      ),
      '[]')
  )
  from codered.pull_requests pr
  join codered.repositories r on r.id = pr.repository_id
  where pr.repository_id = read_gate_subject.repository_id
    and pr.number = read_gate_subject.pull_request_number
    and r.deleted_at is null
$$;
comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be judged by; null when it is unknown.';

create function codered.queue_evidence(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_evidence.ci_event_ids)
      and e.repository_id = queue_evidence.repository_id
      and not exists (select from codered.agent_jobs j where j.dedupe_key = 'artifacts:' || e.id)
  ), queued as (
    select codered.queue_job(
      w.project_id, 'artifacts', jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id), 'artifacts:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_evidence(bigint, uuid[]) is
  'Queues the reading of artifacts of workflow runs that are over, once for each attempt; returns how many were queued.';

create function codered.read_evidence_subject(repository_id bigint, ci_event_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id, 'owner', r.owner, 'name', r.name, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
    'commit_sha', e.commit_sha, 'html_url', e.html_url)
  from codered.ci_events e
  join codered.repositories r on r.id = e.repository_id
  where e.id = read_evidence_subject.ci_event_id
    and e.repository_id = read_evidence_subject.repository_id
    and e.provider = 'github-actions'
    and r.deleted_at is null
$$;
comment on function codered.read_evidence_subject(bigint, uuid) is 'The workflow run whose artifacts are to be read, and where to reach it; null when it is unknown.';

create function codered.record_evidence(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  event codered.ci_events;
  run uuid;
  written integer;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_evidence.ci_event_id and e.repository_id = record_evidence.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_evidence.ci_event_id::text);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = event.repository_id and r.commit_sha = event.commit_sha
  order by r.sprint_id is null, r.created_at
  limit 1;
  if run is null then
    run := codered.start_run(jsonb_build_object('repository_id', event.repository_id, 'commit_sha', event.commit_sha)) ->> 'id';
  end if;
  insert into codered.artifacts as a (run_id, ci_event_id, github_artifact_id, kind, file_name, url, ref, content_type, content, summary)
  select run, event.id, f.github_artifact_id, f.kind, f.name, f.url, f.ref, 'json', f.content, f.summary
  from jsonb_to_recordset(record_evidence.artifacts) as f (
    github_artifact_id bigint, kind text, name text, url text, ref text, content text, summary text
  )
  on conflict (run_id, github_artifact_id) do update
  set ci_event_id = excluded.ci_event_id, ref = excluded.ref, content = excluded.content, summary = excluded.summary, kind = excluded.kind
  where (a.ci_event_id, a.ref, a.content, a.summary, a.kind)
      is distinct from (excluded.ci_event_id, excluded.ref, excluded.content, excluded.summary, excluded.kind)
    -- GitHub lists the artifacts of a run, not of an attempt: what an older attempt is read for late must not take them back.
    and not exists (
      select
      from codered.ci_events newer
      where newer.id = a.ci_event_id
        and newer.provider = event.provider
        and newer.run_id = event.run_id
        and newer.run_attempt > event.run_attempt
    );
  get diagnostics written = row_count;
  perform codered.queue_job(
    event.project_id, 'report', jsonb_build_object('repository_id', event.repository_id, 'head_sha', event.commit_sha),
    'report:' || event.repository_id || ':' || event.commit_sha);
  return written;
end
$$;
comment on function codered.record_evidence(bigint, uuid, jsonb) is
  'Keeps what a workflow run''s artifacts say ([{github_artifact_id, kind, name, url, ref, content, summary}]) and queues the report of its commit; done twice, it changes nothing. Returns how many rows were written. CR004.';

create function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  if run.id is null or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
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

  with criteria as (
    select f.*
    from jsonb_to_recordset(told.criteria) as f (
      gate_id text, gate_name text, gate_order integer, status text, attempt_number integer, validation_results jsonb, fail_codes text[]
    )
  )
  insert into codered.gate_executions as g (
    run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results, fail_codes, started_at,
    completed_at
  )
  select
    run.id, c.gate_id, c.gate_name, 'definition_of_done', c.gate_order, c.status,
    -- What a criterion rests on may change to something with fewer attempts: its newest row goes on telling.
    greatest(
      c.attempt_number,
      (select max(e.attempt_number) from codered.gate_executions e where e.run_id = run.id and e.gate_id = c.gate_id)
    ),
    100, c.validation_results, c.fail_codes, now(), case when c.status <> 'pending' then now() end
  from criteria c
  on conflict (run_id, gate_id, attempt_number) do update
  set
    gate_name = excluded.gate_name,
    gate_order = excluded.gate_order,
    status = excluded.status,
    validation_results = excluded.validation_results,
    fail_codes = excluded.fail_codes,
    completed_at = excluded.completed_at
  where (g.gate_name, g.gate_order, g.status, g.validation_results, g.fail_codes)
    is distinct from (excluded.gate_name, excluded.gate_order, excluded.status, excluded.validation_results, excluded.fail_codes);
  -- What the policy asks for no more counts neither way.
  update codered.gate_executions g
  set status = 'skipped', completed_at = now()
  where g.run_id = run.id
    and g.status <> 'skipped'
    and g.gate_id not in (select f.gate_id from jsonb_to_recordset(told.criteria) as f (gate_id text));

  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;
comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

create or replace function codered.claim_jobs(worker text, batch integer, lease_seconds integer)
returns table (id uuid, agent_type text, input jsonb, attempts integer)
language sql
set search_path = ''
as $$
  with due as (
    select j.id
    from codered.agent_jobs j
    where j.status in ('queued', 'running')
      and j.run_after <= now()
      and (
        j.agent_type in ('diagnose', 'report', 'artifacts')
        -- Members may queue these for agents of their own, with any input: only what the app queued has such a key.
        or (j.agent_type = 'plan_sprint' and j.dedupe_key like 'specs:%')
        or (j.agent_type = 'pipeline' and j.dedupe_key like any ('{command:%,protection:%,deadline:protection:%}'))
      )
      and not exists (
        select 1
        from codered.agent_jobs running
        where running.dedupe_key = j.dedupe_key
          and running.id <> j.id
          -- Also when its lease has lapsed: then it is due itself, and goes first.
          and running.status = 'running'
      )
      -- What was commanded on a pull request is followed in the order of the comments.
      and not exists (
        select 1
        from codered.agent_jobs earlier
        where j.dedupe_key like 'command:%'
          and earlier.project_id = j.project_id
          and earlier.agent_type = 'pipeline'
          and earlier.dedupe_key like 'command:%'
          and earlier.status in ('queued', 'running')
          and earlier.input -> 'repository_id' = j.input -> 'repository_id'
          and earlier.input -> 'pull_request_number' = j.input -> 'pull_request_number'
          and earlier.input -> 'comment_id' < j.input -> 'comment_id'
      )
    order by j.run_after
    limit claim_jobs.batch
    for update skip locked
  ), claimed as (
    update codered.agent_jobs j
    set
      status = 'running',
      attempts = j.attempts + 1,
      locked_by = claim_jobs.worker,
      locked_until = now() + make_interval(secs => claim_jobs.lease_seconds),
      run_after = now() + make_interval(secs => claim_jobs.lease_seconds)
    from due
    where j.id = due.id
    returning j.id, j.agent_type, j.input, j.attempts, j.created_at
  )
  select c.id, c.agent_type, c.input, c.attempts from claimed c order by c.created_at
$$;

revoke execute on function codered.find_sprint(bigint, text[]), codered.signals_of(bigint, text),
  codered.read_evidence_version(bigint, text), codered.read_gate_subject(bigint, integer, text), codered.queue_evidence(bigint, uuid[]),
  codered.read_evidence_subject(bigint, uuid), codered.record_evidence(bigint, uuid, jsonb), codered.record_gate_verdict(jsonb) from public;
grant execute on function codered.find_sprint(bigint, text[]), codered.signals_of(bigint, text),
  codered.read_evidence_version(bigint, text), codered.read_gate_subject(bigint, integer, text), codered.queue_evidence(bigint, uuid[]),
  codered.read_evidence_subject(bigint, uuid), codered.record_evidence(bigint, uuid, jsonb), codered.record_gate_verdict(jsonb)
  to service_role;

create function codered.queue_report(repository_id bigint, head_sha text, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_job(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_report.head_sha),
    'deadline:' || r.id || ':' || queue_report.head_sha, make_interval(secs => queue_report.seconds))
  from codered.repositories r
  where r.id = queue_report.repository_id
$$;
comment on function codered.queue_report(bigint, text, integer) is
  'Has a commit looked at again in so many seconds: at the deadline of what its gate waits for. One look is queued a commit, the earliest that was asked for.';
revoke execute on function codered.queue_report(bigint, text, integer) from public;
grant execute on function codered.queue_report(bigint, text, integer) to service_role;

create or replace function codered.inbox_status()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'pending', count(*) filter (where w.status = 'pending'),
    'processing', count(*) filter (where w.status = 'processing'),
    'failed', count(*) filter (where w.status = 'failed'),
    'dead', (select count(*) from codered.webhook_deliveries d where d.status = 'dead'),
    'oldest_pending_seconds', extract(epoch from now() - min(w.received_at) filter (where w.status = 'pending')),
    -- A look at a deadline is no work that waits to be done.
    'jobs_queued', (
      select count(*)
      from codered.agent_jobs j
      where j.status = 'queued' and (j.run_after <= now() or j.dedupe_key is null or j.dedupe_key not like 'deadline:%')
    ),
    'jobs_running', (select count(*) from codered.agent_jobs j where j.status = 'running'),
    'publications_due', (select count(*) from codered.publications p where p.is_due and p.available_at < 'infinity')
  )
  from codered.webhook_deliveries w
  where w.status in ('pending', 'processing', 'failed')
$$;
