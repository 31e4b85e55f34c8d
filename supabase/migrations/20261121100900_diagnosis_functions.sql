-- What the diagnosis reads and writes. Old workers survive it.

create function codered.list_patterns(project_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'id', p.id, 'name', p.name, 'kind', p.kind, 'pattern', p.pattern_signature, 'category', p.category,
        'severity', p.severity, 'root_cause', p.root_cause, 'recommended_fix', p.recommended_fix,
        'docs_url', p.docs_url, 'priority', p.priority
      )
      -- A project's own patterns come before everybody's.
      order by p.priority desc, p.project_id is null, p.position, p.created_at, p.id
    ),
    '[]'
  )
  from codered.bug_patterns p
  where p.enabled
    and p.deleted_at is null
    and (p.project_id is null or p.project_id = list_patterns.project_id)
$$;
comment on function codered.list_patterns(uuid) is 'The patterns that failures of a project are matched with, in the order that decides the primary one.';

create function codered.read_diagnosis_subject(input jsonb)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'project_id', r.project_id,
    'installation_id', r.installation_id,
    'repository_id', r.id,
    'owner', r.owner,
    'name', r.name,
    'ci_job', (
      select json_build_object(
        'id', j.id, 'job_id', j.job_id, 'name', j.name, 'status', j.status,
        'has_failed_step', exists (
          select 1 from jsonb_array_elements(j.steps) as s (step) where s.step ->> 'conclusion' in ('failure', 'timed_out')
        )
      )
      from codered.ci_jobs j
      where j.id = (input ->> 'ci_job_id')::uuid
    ),
    'ci_event', (
      select json_build_object(
        'id', e.id, 'provider', e.provider, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
        'workflow_name', e.workflow_name, 'workflow_path', e.workflow_path,
        'status', e.status, 'conclusion', e.conclusion, 'summary', e.summary,
        'jobs', (select count(*) from codered.ci_jobs j where j.ci_event_id = e.id),
        'has_failed_job', exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
      )
      from codered.ci_events e
      where e.id = (input ->> 'ci_event_id')::uuid
    ),
    'deployment', (
      select json_build_object(
        'id', d.id, 'environment_name', d.environment_name, 'status', d.status,
        'description', (
          select s.description
          from codered.deployment_statuses s
          where s.deployment_id = d.id and s.state in ('failure', 'error')
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      from codered.deployments d
      where d.id = (input ->> 'deployment_id')::uuid
    )
  )
  from codered.repositories r
  where r.id = (input ->> 'repository_id')::bigint
$$;
comment on function codered.read_diagnosis_subject(jsonb) is 'The failed or canceled job, CI event or deployment that a diagnose job is about, with where to reach it; null when its repository is unknown.';

create function codered.record_diagnosis(diagnosis jsonb)
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
    verdict, verdict_reason, excerpt, excerpt_first_line, excerpt_last_line, line_number, step_first_line, file_path, line
  )
  select
    d.project_id, d.source, d.ci_job_id, d.ci_event_id, d.deployment_id, d.error_code, d.message, d.details, d.severity,
    d.fingerprint, d.verdict, d.verdict_reason, d.excerpt, d.excerpt_first_line, d.excerpt_last_line, d.line_number,
    d.step_first_line, d.file_path, d.line
  from jsonb_to_record(diagnosis) as d (
    project_id uuid, source text, ci_job_id uuid, ci_event_id uuid, deployment_id uuid, error_code text, message text,
    details text, severity text, fingerprint text, verdict text, verdict_reason text, excerpt text,
    excerpt_first_line integer, excerpt_last_line integer, line_number integer, step_first_line integer,
    file_path text, line integer
  )
  on conflict on constraint errors_failure_key do update
  set
    error_code = excluded.error_code,
    message = excluded.message,
    details = excluded.details,
    severity = excluded.severity,
    verdict = excluded.verdict,
    verdict_reason = excluded.verdict_reason,
    excerpt = excluded.excerpt,
    excerpt_first_line = excluded.excerpt_first_line,
    excerpt_last_line = excluded.excerpt_last_line,
    line_number = excluded.line_number,
    step_first_line = excluded.step_first_line,
    file_path = excluded.file_path,
    line = excluded.line
  returning * into failure;

  delete from codered.error_matches m
  where m.error_id = failure.id
    and m.bug_pattern_id not in (
      select f.bug_pattern_id from jsonb_to_recordset(diagnosis -> 'matches') as f (bug_pattern_id uuid)
    );
  update codered.error_matches m set is_primary = false where m.error_id = failure.id and m.is_primary;

  with matched as (
    insert into codered.error_matches as m (error_id, bug_pattern_id, line_number, line_text, captures, is_primary)
    select failure.id, p.id, f.line_number, f.line_text, f.captures, f.is_primary
    from jsonb_to_recordset(diagnosis -> 'matches') as f (
      bug_pattern_id uuid, line_number integer, line_text text, captures text[], is_primary boolean
    )
    join codered.bug_patterns p on p.id = f.bug_pattern_id
    on conflict (error_id, bug_pattern_id) do update
    set
      line_number = excluded.line_number,
      line_text = excluded.line_text,
      captures = excluded.captures,
      is_primary = excluded.is_primary
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
  perform codered.queue_job(
    failure.project_id, 'report',
    jsonb_build_object('repository_id', (diagnosis ->> 'repository_id')::bigint, 'head_sha', h.sha),
    'report:' || (diagnosis ->> 'repository_id') || ':' || h.sha
  )
  from codered.heads_after((diagnosis ->> 'repository_id')::bigint, sha) as h (sha);
end
$$;
comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';
