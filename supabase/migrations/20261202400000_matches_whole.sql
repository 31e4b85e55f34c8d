-- A diagnosis is stored with both what the evidence is and what a green log says too. Old workers survive it.

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
    evidence_why, evidence_first_line, evidence_last_line, step_name
  )
  select
    d.project_id, d.source, d.ci_job_id, d.ci_event_id, d.deployment_id, d.error_code, d.message, d.details, d.severity,
    d.fingerprint, d.verdict, d.verdict_reason, d.excerpt, d.excerpt_first_line, d.excerpt_last_line, d.line_number,
    d.step_first_line, d.file_path, d.line, d.evidence_why, d.evidence_first_line, d.evidence_last_line, d.step_name
  from jsonb_to_record(diagnosis) as d (
    project_id uuid, source text, ci_job_id uuid, ci_event_id uuid, deployment_id uuid, error_code text, message text,
    details text, severity text, fingerprint text, verdict text, verdict_reason text, excerpt text,
    excerpt_first_line integer, excerpt_last_line integer, line_number integer, step_first_line integer,
    file_path text, line integer, evidence_why text, evidence_first_line integer, evidence_last_line integer, step_name text
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
    line = excluded.line,
    evidence_why = excluded.evidence_why,
    evidence_first_line = excluded.evidence_first_line,
    evidence_last_line = excluded.evidence_last_line,
    step_name = excluded.step_name
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
      others, other_lines, file_path, line, in_green_log
    )
    select
      failure.id, p.id, f.line_number, f.line_text, f.captures, f.is_primary, f.cause_position, f.rank, f.demoted,
      f.step_name, coalesce(f.others, 0), coalesce(f.other_lines, '[]'), f.file_path, f.line,
      coalesce(f.in_green_log, false)
    -- Older workers tell less.
    from jsonb_to_recordset(diagnosis -> 'matches') as f (
      bug_pattern_id uuid, line_number integer, line_text text, captures text[], is_primary boolean,
      cause_position smallint, rank text, demoted text, step_name text, others integer, other_lines jsonb,
      file_path text, line integer, in_green_log boolean
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
      line = excluded.line,
      in_green_log = excluded.in_green_log
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
end
$$;

comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';

revoke execute on function codered.record_diagnosis from public;

grant execute on function codered.record_diagnosis to service_role;
