-- What a diagnosis found is told: how the quoted line was found, how many others of its kind there are, further causes. Old workers survive it: what is new is null or has a default, and they pass over what is new in the answers.
alter table codered.errors
  add column evidence_why text,
  add column evidence_first_line integer,
  add column evidence_last_line integer,
  add column step_name text,
  add constraint errors_evidence_why_check check (
    evidence_why in ('match', 'error', 'block', 'exit', 'tail')
    or codered.refuse_value('errors.evidence_why', evidence_why, 'match, error, block, exit, tail')
  );

alter table codered.error_matches
  add column cause_position smallint,
  add column rank text,
  add column demoted text,
  add column step_name text,
  add column others integer not null default 0,
  add column other_lines jsonb not null default '[]',
  add column file_path text,
  add column line integer,
  add constraint error_matches_rank_check check (
    rank in ('cause', 'generic', 'consequence') or codered.refuse_value('error_matches.rank', rank, 'cause, generic, consequence')
  ),
  add constraint error_matches_demoted_check check (
    demoted in ('outside-of-failed-step', 'after-the-steps', 'in-green-log', 'no-failure-near')
    or codered.refuse_value('error_matches.demoted', demoted, 'outside-of-failed-step, after-the-steps, in-green-log, no-failure-near')
  ),
  add constraint error_matches_other_lines_check check (
    (jsonb_typeof(other_lines) = 'array' and jsonb_array_length(other_lines) <= 3 and octet_length(other_lines::text) <= 8192)
    or codered.refuse_value('error_matches.other_lines', left(other_lines::text, 100), 'an array of at most 3, in at most 8192 bytes')
  );

comment on column codered.errors.evidence_why is
  'How the quoted line (line_number) was found: a pattern matched it; the runner marked it as an error; the last lines that look like one begin with it; it is the last before the exit, or of the log. Null where no log was read.';

comment on column codered.errors.evidence_first_line is 'First of the raw log''s lines that belong to the quoted one.';

comment on column codered.errors.evidence_last_line is 'Last of the raw log''s lines that belong to the quoted one.';

comment on column codered.errors.step_name is 'The step that the quoted line stands in, as the log calls it, redacted; null when the log does not show it.';

comment on column codered.error_matches.cause_position is
  'Of the causes that do not follow from each other, the how manieth this is; 1 is the primary one. Null for what is none.';

comment on column codered.error_matches.rank is 'The pattern''s rank when it matched.';

comment on column codered.error_matches.demoted is 'Why it comes after all others; null where it counts in full.';

comment on column codered.error_matches.step_name is 'The step that it stands in, as the log calls it, redacted.';

comment on column codered.error_matches.others is 'How many other lines the pattern matched there.';

comment on column codered.error_matches.other_lines is 'The first three of them: line_number and text, redacted.';

comment on column codered.error_matches.line is '1-based line of file_path in the repository, as the matched line names it.';

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
end
$$;

comment on function codered.record_diagnosis(jsonb) is
  'Writes what is known of one failure, with the patterns it matched, and queues the report; done twice, it changes nothing.';

revoke execute on function codered.record_diagnosis from public;

grant execute on function codered.record_diagnosis to service_role;

create or replace function codered.describe_match(match codered.error_matches)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'pattern', (
      select jsonb_build_object(
        'name', p.name, 'category', p.category, 'severity', p.severity, 'root_cause', p.root_cause,
        'recommended_fix', p.recommended_fix, 'docs_url', p.docs_url
      )
      from codered.bug_patterns p
      where p.id = match.bug_pattern_id
    ),
    'line_number', match.line_number,
    'line_text', match.line_text,
    'others', match.others,
    'other_lines', match.other_lines,
    'file_path', match.file_path,
    'line', match.line
  )
$$;

comment on function codered.describe_match(codered.error_matches) is 'What a pattern says of a failure, as the report shows it. Only failure_of calls it.';

revoke execute on function codered.describe_match from public;

grant execute on function codered.describe_match to service_role;

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

create or replace function codered.prune_excerpts(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with due as (
    select e.ctid as row
    from codered.errors e
    where e.excerpt is not null and e.created_at < codered.retention_cutoff('errors')
    order by e.created_at
    limit greatest(prune_excerpts.batch, 0)
    for update skip locked
  ), emptied as (
    update codered.errors e
    set excerpt = null, excerpt_first_line = null, excerpt_last_line = null
    where e.ctid = any (array(select d.row from due d))
    returning e.id
  ), unnamed as (
    -- They are lines of the log as those are; the count stays.
    update codered.error_matches m
    set other_lines = '[]'
    from emptied
    where m.error_id = emptied.id and m.other_lines <> '[]'
  )
  select case
    when prune_excerpts.batch >= 1 then (select count(*)::integer from emptied)
    else codered.refuse_value('prune_excerpts.batch', coalesce(prune_excerpts.batch::text, 'null'), '1 or more')::integer
  end
$$;

comment on function codered.prune_excerpts(integer) is
  'Empties up to batch (1 or more) excerpts that the policy lets go, oldest first, and returns how many. The other lines of its kind go with it. The failure stays: message, cause, and the numbers of the lines it stood on.';

revoke execute on function codered.prune_excerpts from public;

grant execute on function codered.prune_excerpts to service_role;
