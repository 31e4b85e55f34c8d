-- Failures: the patterns they are known by, and what is known of each.

create table codered.bug_patterns (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  kind text not null default 'regex',
  pattern_signature text not null,
  root_cause text not null,
  recommended_fix text not null,
  related_lessons uuid[],
  category text not null default 'other',
  severity text not null default 'error',
  docs_url text,
  priority integer not null default 0,
  rank text not null default 'cause',
  pick text not null default 'last',
  position integer not null default 0,
  enabled boolean not null default true,
  source text not null default 'ui',
  hits bigint not null default 0,
  last_hit_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bug_patterns_kind_check check (kind in ('regex', 'literal') or codered.refuse_value('bug_patterns.kind', kind, 'regex, literal')),
  constraint bug_patterns_signature_length check (
    char_length(pattern_signature) between 1 and 1000
    or codered.refuse_value('bug_patterns.pattern_signature', pattern_signature, '1 to 1000 characters')
  ),
  constraint bug_patterns_name_length check (
    char_length(name) between 1 and 200
    or codered.refuse_value('bug_patterns.name', name, '1 to 200 characters')
  ),
  constraint bug_patterns_category_check check (
    category in ( 'infra', 'flaky', 'dependency', 'test', 'lint', 'type', 'build', 'config', 'resource', 'permission', 'deploy', 'other')
    or codered.refuse_value('bug_patterns.category', category, 'infra, flaky, dependency, test, lint, type, build, config, resource, permission, deploy, other')
  ),
  constraint bug_patterns_severity_check check (
    severity in ('info', 'warning', 'error', 'critical')
    or codered.refuse_value('bug_patterns.severity', severity, 'info, warning, error, critical')
  ),
  constraint bug_patterns_source_check check (
    source in ('builtin', 'file', 'ui', 'suggested', 'import')
    or codered.refuse_value('bug_patterns.source', source, 'builtin, file, ui, suggested, import')
  ),
  constraint bug_patterns_rank_check check (
    rank in ('cause', 'generic', 'consequence') or codered.refuse_value('bug_patterns.rank', rank, 'cause, generic, consequence')
  ),
  constraint bug_patterns_pick_check check (pick in ('last', 'first') or codered.refuse_value('bug_patterns.pick', pick, 'last, first')),
  constraint bug_patterns_hits_check check (hits >= 0 or codered.refuse_value('bug_patterns.hits', hits, '0 or more')),
  constraint bug_patterns_root_cause_length check (char_length(root_cause) <= 4000 or codered.refuse_value('bug_patterns.root_cause', root_cause, 'at most 4000 characters')),
  constraint bug_patterns_recommended_fix_length
    check (char_length(recommended_fix) <= 4000 or codered.refuse_value('bug_patterns.recommended_fix', recommended_fix, 'at most 4000 characters')),
  constraint bug_patterns_description_length
    check (char_length(description) <= 4000 or codered.refuse_value('bug_patterns.description', description, 'at most 4000 characters')),
  constraint bug_patterns_docs_url_check check (docs_url ~ '^https?://' or codered.refuse_value('bug_patterns.docs_url', docs_url, 'http:// or https://'))
);
comment on table codered.bug_patterns is 'One way in which CI breaks: how to know it, its root cause, its fix. project_id null: for every project.';
comment on column codered.bug_patterns.pattern_signature is 'RE2 syntax (kind regex) or a substring (literal), tried against one cleaned line of a log.';
comment on column codered.bug_patterns.related_lessons is 'Ids of lessons; plain, a lesson may be gone.';
comment on column codered.bug_patterns.priority is 'Higher wins; among equals the lower position.';
comment on column codered.bug_patterns.rank is 'cause: what broke; generic: true, but it says little; consequence: what follows from it. The best rank wins, whatever the priority.';
comment on column codered.bug_patterns.pick is 'Which of its lines counts: the last or the first.';
comment on column codered.bug_patterns.position is 'Place in the pattern files it came from.';
comment on column codered.bug_patterns.hits is 'Failures it matched, counted once each.';
create index bug_patterns_project_id_idx on codered.bug_patterns (project_id);
create unique index bug_patterns_builtin_key on codered.bug_patterns (name) where source = 'builtin' and project_id is null;
alter table codered.bug_patterns enable row level security;
create policy bug_patterns_read on codered.bug_patterns for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
create policy bug_patterns_insert on codered.bug_patterns for insert to authenticated
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
create policy bug_patterns_update on codered.bug_patterns for update to authenticated
  using (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects()) or (project_id is null and (select codered.is_operator())));
grant select on codered.bug_patterns to authenticated;
-- Retired with deleted_at, never deleted: failures point at them. Source and counts are the app's.
grant insert (id, project_id, name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, rank, pick, enabled) on codered.bug_patterns to authenticated;
grant update (name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, rank, pick, enabled, deleted_at) on codered.bug_patterns to authenticated;
grant select, insert, update, delete on codered.bug_patterns to service_role;
create trigger bug_patterns_touch before update on codered.bug_patterns
  for each row execute function codered.touch_updated_at();

create table codered.errors (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  source text not null,
  ci_event_id uuid references codered.ci_events (id) on delete cascade,
  ci_job_id uuid references codered.ci_jobs (id) on delete cascade,
  deployment_id uuid references codered.deployments (id) on delete cascade,
  agent_run_id uuid references codered.agent_runs (id) on delete cascade,
  error_code text,
  message text not null,
  details text,
  severity text not null default 'error',
  fingerprint text not null,
  verdict text not null default 'unknown',
  verdict_reason text,
  excerpt text,
  excerpt_first_line integer,
  excerpt_last_line integer,
  line_number integer,
  step_first_line integer,
  file_path text,
  line integer,
  evidence_why text,
  evidence_first_line integer,
  evidence_last_line integer,
  step_name text,
  first_seen_at timestamptz not null default now(),
  occurrences integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_seen_at timestamptz,
  environment text,
  release text,
  commit_sha text,
  context jsonb,
  resolved_at timestamptz,
  resolved_by uuid references codered.profiles (id) on delete set null,
  runner_lost text,
  constraint errors_environment_length check (
    char_length(environment) between 1 and 200 or codered.refuse_value('errors.environment', environment, '1 to 200 characters')),
  constraint errors_release_length check (char_length(release) between 1 and 200 or codered.refuse_value('errors.release', release, '1 to 200 characters')),
  constraint errors_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('errors.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint errors_context_check check (
    (jsonb_typeof(context) = 'object' and octet_length(context::text) <= 32768)
    or codered.refuse_value('errors.context', left(context::text, 80), 'a JSON object of at most 32768 bytes')),
  constraint errors_failure_key unique nulls not distinct
    (project_id, source, ci_job_id, ci_event_id, deployment_id, agent_run_id, fingerprint),
  constraint errors_source_check check (
    source in ('ci', 'deployment', 'agent', 'runtime')
    or codered.refuse_value('errors.source', source, 'ci, deployment, agent, runtime')
  ),
  constraint errors_severity_check check (
    severity in ('info', 'warning', 'error', 'critical')
    or codered.refuse_value('errors.severity', severity, 'info, warning, error, critical')
  ),
  constraint errors_verdict_check check (
    verdict in ('new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown')
    or codered.refuse_value('errors.verdict', verdict, 'new, flaky, broken_base, infra, collateral, unknown')
  ),
  constraint errors_excerpt_bytes check (octet_length(excerpt) <= 4096 or codered.refuse_value('errors.excerpt', excerpt, 'at most 4096 bytes')),
  constraint errors_evidence_why_check check (
    evidence_why in ('match', 'error', 'block', 'exit', 'tail')
    or codered.refuse_value('errors.evidence_why', evidence_why, 'match, error, block, exit, tail')
  ),
  constraint errors_message_length check (char_length(message) <= 4096 or codered.refuse_value('errors.message', message, 'at most 4096 characters'))
);
comment on table codered.errors is
  'One row per failed job, deployment or agent run and fingerprint. Judgement lives here, never on ci_jobs, so that a late event cannot wipe it.';
comment on column codered.errors.error_code is 'Of an error that an application reported: its kind (TypeError, 23505).';
comment on column codered.errors.last_seen_at is 'Of an error that an application reported: when it said that it happened last.';
comment on column codered.errors.runner_lost is 'GitHub''s words on the job''s check run that its runner was lost, where no step says that it ended by itself; null: none.';
comment on column codered.errors.environment is 'Where an application was when it reported it last; its own word.';
comment on column codered.errors.release is 'Which of its releases it was last; its own word. commit_sha: of which commit.';
comment on column codered.errors.context is 'What an application told beside it, redacted; goes with the excerpt.';
comment on column codered.errors.resolved_at is 'When somebody said that it is done with; null again as soon as an application reports it once more.';
comment on column codered.errors.agent_run_id is 'The agent run that failed.';
comment on column codered.errors.details is 'What could not be had or done while diagnosing, in words.';
comment on column codered.errors.excerpt is 'The lines that prove it, redacted, at most 4 KB; outlives GitHub''s log retention.';
comment on column codered.errors.line_number is '1-based line of the raw log that the primary match stands on.';
comment on column codered.errors.step_first_line is 'The raw log''s line on which the failed step begins.';
comment on column codered.errors.line is '1-based line of file_path in the repository.';
comment on column codered.errors.evidence_why is
  'How the quoted line (line_number) was found: a pattern matched it; the runner marked it as an error; the last lines that look like one begin with it; it is the last before the exit, or of the log. Null where no log was read.';
comment on column codered.errors.evidence_first_line is 'First of the raw log''s lines that belong to the quoted one.';
comment on column codered.errors.evidence_last_line is 'Last of the raw log''s lines that belong to the quoted one.';
comment on column codered.errors.step_name is 'The step that the quoted line stands in, as the log calls it, redacted; null when the log does not show it.';
create index errors_project_id_idx on codered.errors (project_id, created_at desc);
create index errors_fingerprint_idx on codered.errors (project_id, fingerprint, created_at desc);
create index errors_ci_event_id_idx on codered.errors (ci_event_id);
create index errors_ci_job_id_idx on codered.errors (ci_job_id);
create index errors_deployment_id_idx on codered.errors (deployment_id);
create index errors_agent_run_id_idx on codered.errors (agent_run_id);
create index errors_resolved_by_idx on codered.errors (resolved_by);
create index errors_runtime_idx on codered.errors (project_id, created_at) where source = 'runtime';
-- Excerpts still held, oldest first. For deliveries webhook_deliveries_received_at_idx does: all but a few that are that old are done.
create index errors_excerpt_idx on codered.errors (created_at) where excerpt is not null;
alter table codered.errors enable row level security;
-- One of a run or a deployment is seen by whoever sees that, by one look at the key for each row; of no repository, by whoever sees the project.
create policy errors_read on codered.errors for select to authenticated using (
  case
    when ci_event_id is not null then (select true from codered.ci_events e where e.id = errors.ci_event_id)
    when ci_job_id is not null then (select true from codered.ci_jobs j where j.id = errors.ci_job_id)
    when deployment_id is not null then (select true from codered.deployments d where d.id = errors.deployment_id)
    else project_id in (select codered.my_projects())
  end
);
-- The same words: whoever sees one says whether it is done with, and nothing else of it.
create policy errors_settle on codered.errors for update to authenticated using (
  case
    when ci_event_id is not null then (select true from codered.ci_events e where e.id = errors.ci_event_id)
    when ci_job_id is not null then (select true from codered.ci_jobs j where j.id = errors.ci_job_id)
    when deployment_id is not null then (select true from codered.deployments d where d.id = errors.deployment_id)
    else project_id in (select codered.my_projects())
  end
);
grant select on codered.errors to authenticated;
grant update (resolved_at) on codered.errors to authenticated;
grant select, insert, update, delete on codered.errors to service_role;
create trigger errors_touch before update on codered.errors
  for each row execute function codered.touch_updated_at();

create table codered.error_matches (
  error_id uuid not null references codered.errors (id) on delete cascade,
  bug_pattern_id uuid not null references codered.bug_patterns (id) on delete cascade,
  line_number integer not null,
  line_text text not null,
  captures text[] not null default '{}',
  is_primary boolean not null default false,
  cause_position smallint,
  rank text,
  demoted text,
  step_name text,
  others integer not null default 0,
  other_lines jsonb not null default '[]',
  file_path text,
  line integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (error_id, bug_pattern_id),
  constraint error_matches_rank_check check (
    rank in ('cause', 'generic', 'consequence') or codered.refuse_value('error_matches.rank', rank, 'cause, generic, consequence')
  ),
  constraint error_matches_demoted_check check (
    demoted in ('outside-of-failed-step', 'after-the-steps', 'in-green-log', 'no-failure-near')
    or codered.refuse_value('error_matches.demoted', demoted, 'outside-of-failed-step, after-the-steps, in-green-log, no-failure-near')
  ),
  constraint error_matches_other_lines_check check (
    (jsonb_typeof(other_lines) = 'array' and jsonb_array_length(other_lines) <= 3 and octet_length(other_lines::text) <= 8192)
    or codered.refuse_value('error_matches.other_lines', left(other_lines::text, 100), 'an array of at most 3, in at most 8192 bytes')
  )
);
comment on table codered.error_matches is 'Which patterns matched a failure; exactly one at most is the primary one.';
comment on column codered.error_matches.line_text is 'The cleaned, redacted line that matched.';
comment on column codered.error_matches.cause_position is
  'Of the causes that do not follow from each other, the how manieth this is; 1 is the primary one. Null for what is none.';
comment on column codered.error_matches.rank is 'The pattern''s rank when it matched.';
comment on column codered.error_matches.demoted is 'Why it comes after all others; null where it counts in full.';
comment on column codered.error_matches.step_name is 'The step that it stands in, as the log calls it, redacted.';
comment on column codered.error_matches.others is 'How many other lines the pattern matched there.';
comment on column codered.error_matches.other_lines is 'The first three of them: line_number and text, redacted, and where in the repository they point (file_path, line), which older rows lack.';
comment on column codered.error_matches.line is '1-based line of file_path in the repository, as the matched line names it.';
create index error_matches_bug_pattern_id_idx on codered.error_matches (bug_pattern_id);
create unique index error_matches_primary_key on codered.error_matches (error_id) where is_primary;
create index error_matches_in_green_log_idx on codered.error_matches (error_id) where demoted = 'in-green-log';
alter table codered.error_matches enable row level security;
create policy error_matches_read on codered.error_matches for select to authenticated
  using ((select true from codered.errors e where e.id = error_matches.error_id));
grant select on codered.error_matches to authenticated;
grant select, insert, update, delete on codered.error_matches to service_role;
create trigger error_matches_touch before update on codered.error_matches
  for each row execute function codered.touch_updated_at();

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
        'docs_url', p.docs_url, 'priority', p.priority, 'rank', p.rank, 'pick', p.pick
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
revoke execute on function codered.list_patterns from public;
grant execute on function codered.list_patterns to service_role;

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
        'id', j.id, 'job_id', j.job_id, 'name', j.name, 'status', j.status, 'steps', j.steps,
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
revoke execute on function codered.read_diagnosis_subject from public;
grant execute on function codered.read_diagnosis_subject to service_role;

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

create function codered.describe_match(match codered.error_matches)
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

create function codered.failure_of(error_id uuid)
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

create function codered.list_failures(
  project_id uuid, repository text default null, pull_request integer default null, commit_sha text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  runs uuid[];
  rollouts uuid[];
  chosen uuid[];
begin
  perform codered.require_project(list_failures.project_id);
  perform codered.check_batch('batch', list_failures.batch);
  perform codered.check_place('before_error', num_nulls(list_failures.before_created_at, list_failures.before_error), 2);
  -- A name that is mistyped must not read as "nothing failed".
  if list_failures.repository is not null and not exists (
    select
    from codered.repositories r
    where r.project_id = list_failures.project_id and lower(r.owner || '/' || r.name) = lower(list_failures.repository))
  then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  -- What has few runs is found by these: otherwise each failure of the project would be asked for its own.
  if list_failures.pull_request is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id and c.pull_request_numbers[1] = list_failures.pull_request
      union all
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id
        and c.pull_request_numbers[2] is not null
        and list_failures.pull_request = any (c.pull_request_numbers[2:])
      union all
      -- What its merge broke, a deployment say, is its own too.
      select c.id
      from codered.pull_requests p
      join codered.ci_events c on c.repository_id = p.repository_id and c.commit_sha = p.merge_commit_sha
      where p.number = list_failures.pull_request and p.repository_id = any (array(select r.id from codered.repositories r)));
    rollouts := array(
      select d.id
      from codered.pull_requests p
      join codered.deployments d on d.repository_id = p.repository_id and d.commit_sha = p.merge_commit_sha
      where p.number = list_failures.pull_request and p.repository_id = any (array(select r.id from codered.repositories r)));
    if cardinality(runs) = 0 and not exists (
      select
      from codered.pull_requests p
      join codered.repositories r on r.id = p.repository_id
      where p.number = list_failures.pull_request and r.project_id = list_failures.project_id)
    then
      perform codered.refuse_missing('pull request', list_failures.pull_request::text);
    end if;
  elsif list_failures.commit_sha is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.commit_sha = list_failures.commit_sha and c.repository_id = any (array(select r.id from codered.repositories r)));
    rollouts := array(
      select d.id
      from codered.deployments d
      where d.commit_sha = list_failures.commit_sha and d.repository_id = any (array(select r.id from codered.repositories r)));
  end if;
  if runs is null then
    chosen := array(
      select e.id
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      left join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
      where e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_failures.batch + 1);
  else
    chosen := array(
      select e.id
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
      where (e.ci_event_id = any (runs) or e.deployment_id = any (rollouts))
        and e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.commit_sha is null or coalesce(c.commit_sha, d.commit_sha) = list_failures.commit_sha)
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      limit list_failures.batch + 1);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', e.id, 'project_id', e.project_id, 'source', e.source, 'severity', e.severity, 'message', e.message,
      'details', e.details, 'verdict', e.verdict, 'verdict_reason', coalesce(e.verdict_reason, ''), 'occurrences', e.occurrences, 'first_seen_at', e.first_seen_at,
      'created_at', e.created_at, 'excerpt', e.excerpt, 'evidence_why', e.evidence_why, 'line_number', e.line_number,
      'step_name', e.step_name, 'file_path', e.file_path, 'line', e.line,
      'repository', r.owner || '/' || r.name, 'job_name', j.name, 'workflow_name', c.workflow_name,
      'commit_sha', coalesce(c.commit_sha, d.commit_sha), 'branch', coalesce(c.branch, d.ref),
      'pull_requests', coalesce(c.pull_request_numbers, '{}'), 'url', coalesce(j.html_url, c.html_url, d.url),
      'from_fork', c.head_repository_id <> c.repository_id,
      'cause', (
        select jsonb_build_object('name', b.name, 'category', b.category, 'rank', m.rank, 'root_cause', b.root_cause,
          'recommended_fix', b.recommended_fix, 'docs_url', b.docs_url, 'line_text', m.line_text)
        from codered.error_matches m
        join codered.bug_patterns b on b.id = m.bug_pattern_id
        where m.error_id = e.id and m.is_primary
      )) order by e.created_at desc, e.id desc), '[]')
    from codered.errors e
    left join codered.ci_events c on c.id = e.ci_event_id
    left join codered.deployments d on d.id = e.deployment_id
    left join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
    left join codered.ci_jobs j on j.id = e.ci_job_id
    where e.id = any (chosen)
  );
end
$$;
comment on function codered.list_failures(uuid, text, integer, text, integer, timestamptz, uuid) is
  'Failures of a project, or of a repository (owner/name), pull request or commit, newest first, before a place in that order: one more than batch when there are more. Of a pull request also what failed on its merge commit. cause is the primary match, null where no pattern knows it. from_fork is null where it is not known. Text from logs and names is a stranger''s. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project, or a repository or pull request that it does not have).';
revoke execute on function codered.list_failures from public;
grant execute on function codered.list_failures to authenticated, service_role;

create function codered.read_log_source(project_id uuid, error_id uuid default null, github_job_id bigint default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  failed codered.errors;
  job codered.ci_jobs;
  run codered.ci_events;
  place codered.repositories;
begin
  perform codered.require_project(read_log_source.project_id);
  if num_nonnulls(read_log_source.error_id, read_log_source.github_job_id) <> 1 then
    perform codered.refuse_value('error_id', coalesce(read_log_source.error_id::text, 'null'), 'one of error_id and github_job_id');
  end if;
  if read_log_source.error_id is not null then
    select e.* into failed
    from codered.errors e
    where e.id = read_log_source.error_id and e.project_id = read_log_source.project_id;
    if not found then
      perform codered.refuse_missing('failure', read_log_source.error_id::text);
    end if;
    select j.* into job from codered.ci_jobs j where j.id = failed.ci_job_id;
  else
    select j.* into job
    from codered.ci_jobs j
    join codered.ci_events c on c.id = j.ci_event_id
    where j.job_id = read_log_source.github_job_id and c.project_id = read_log_source.project_id;
    if not found then
      perform codered.refuse_missing('job', read_log_source.github_job_id::text);
    end if;
    select e.* into failed
    from codered.errors e
    where e.ci_job_id = job.id and e.project_id = read_log_source.project_id and e.excerpt is not null
    order by e.last_seen_at desc nulls last, e.id
    limit 1;
  end if;
  select c.* into run from codered.ci_events c where c.id = coalesce(job.ci_event_id, failed.ci_event_id);
  select r.* into place from codered.repositories r where r.id = run.repository_id and r.deleted_at is null;
  return jsonb_build_object(
    'repository_id', place.id, 'repository', place.owner || '/' || place.name, 'installation_id', place.installation_id,
    'job_id', job.job_id, 'job_name', job.name, 'job_status', job.status, 'commit_sha', run.commit_sha, 'branch', run.branch,
    'from_fork', run.head_repository_id <> run.repository_id,
    'excerpt', failed.excerpt, 'excerpt_first_line', failed.excerpt_first_line, 'excerpt_last_line', failed.excerpt_last_line);
end
$$;
comment on function codered.read_log_source(uuid, uuid, bigint) is
  'Where the log of a failure, or of a job by GitHub''s id, lies, and the lines of it that are kept: repository, job, commit, whether a fork''s code ran (null: nobody knows), the excerpt with its place. Refuses CR002 (neither or both), CR003 (project retired), CR004.';
revoke execute on function codered.read_log_source from public;
grant execute on function codered.read_log_source to authenticated;

create function codered.suggest_pattern(
  project_id uuid, name text, kind text, pattern_signature text, root_cause text, recommended_fix text, category text default 'other',
  description text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.bug_patterns;
begin
  perform codered.require_project(suggest_pattern.project_id);
  perform from codered.projects p where p.id = suggest_pattern.project_id for no key update;
  if (
    select count(*)
    from codered.bug_patterns b
    where b.project_id = suggest_pattern.project_id and b.source = 'suggested' and not b.enabled and b.deleted_at is null) >= 100
  then
    raise exception 'There are 100 suggested patterns of this project that nobody has looked at: that comes first.' using errcode = 'CR003';
  end if;
  insert into codered.bug_patterns (
    project_id, name, kind, pattern_signature, root_cause, recommended_fix, category, description, source, enabled)
  values (
    suggest_pattern.project_id, suggest_pattern.name, suggest_pattern.kind, suggest_pattern.pattern_signature, suggest_pattern.root_cause,
    suggest_pattern.recommended_fix, suggest_pattern.category, suggest_pattern.description, 'suggested', false)
  returning * into made;
  return jsonb_build_object('id', made.id, 'project_id', made.project_id, 'name', made.name, 'source', made.source, 'enabled', made.enabled);
end
$$;
comment on function codered.suggest_pattern(uuid, text, text, text, text, text, text, text) is
  'Keeps a pattern that somebody suggests for a project, of source suggested and not enabled: it matches nothing until a person looks at it and enables it. Refuses CR002, CR003 (project retired, 100 that nobody has looked at), CR004. Security definer, because a pattern''s source is nobody''s to write.';
revoke execute on function codered.suggest_pattern from public;
grant execute on function codered.suggest_pattern to authenticated;

create function codered.list_failures_of(repository text, pull_request integer default null, commit_sha text default null, batch integer default 50)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select codered.list_failures(r.project_id, list_failures_of.repository, list_failures_of.pull_request, list_failures_of.commit_sha, list_failures_of.batch)
  from codered.repositories r
  where lower(r.owner || '/' || r.name) = lower(list_failures_of.repository) and r.deleted_at is null
  order by r.id desc
  limit 1
$$;
comment on function codered.list_failures_of(text, integer, text, integer) is
  'As list_failures, by the repository''s name alone (owner/name, in any case); null when there is no such repository.';
revoke execute on function codered.list_failures_of from public;
grant execute on function codered.list_failures_of to service_role;
