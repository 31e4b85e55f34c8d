-- Templates, specs, sprints, runs, gates and artifacts. Old workers survive it.

create function codered.accept_dod(what text, dod jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
begin
  if jsonb_typeof(dod) <> 'object' then
    raise exception '% is %; allowed: an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check.', what, left(dod::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(dod) loop
    allowed := case
      when key = 'coverage_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null
          else 'a share from 0 to 1, so 80 % is 0.80' end
      when key = 'lighthouse_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 100 then null
          else 'a score from 0 to 100' end
      when key in ('e2e_pass', 'lint_pass', 'type_check') then
        case when jsonb_typeof(value) = 'boolean' then null else 'true or false' end
      else 'the keys coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check'
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed
        using errcode = 'CR002';
    end if;
  end loop;
  return true;
end
$$;
comment on function codered.accept_dod(text, jsonb) is
  'True for a Definition of Done as document 001 has it; raises CR002 with key, value and what is allowed otherwise.';

create function codered.accept_summary(what text, summary jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
  suite text;
  counts jsonb;
begin
  if jsonb_typeof(summary) <> 'object' then
    raise exception '% is %; allowed: an object of status, tests, lighthouse, artifacts, duration_seconds.', what, left(summary::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(summary) loop
    allowed := case key
      when 'status' then case when value in ('"PASSED"', '"FAILED"') then null else 'PASSED, FAILED' end
      when 'tests' then case when jsonb_typeof(value) = 'object' then null else 'an object: suite to {passed, failed, skipped, coverage}' end
      when 'lighthouse' then
        case when jsonb_typeof(value) = 'object' and jsonb_typeof(value -> 'score') = 'number' and (value ->> 'score')::numeric between 0 and 100
          then null else '{"score": 0 to 100}' end
      when 'artifacts' then
        case when jsonb_typeof(value) = 'array' and not value @? 'strict $[*] ? (@.type() != "string")' then null else 'a list of names' end
      when 'duration_seconds' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric >= 0 then null else '0 or more' end
      else 'the keys status, tests, lighthouse, artifacts, duration_seconds'
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed using errcode = 'CR002';
    end if;
  end loop;
  for suite, counts in select * from jsonb_each(coalesce(summary -> 'tests', '{}')) loop
    if jsonb_typeof(counts) <> 'object' then
      raise exception '%.tests.% is %; allowed: an object of passed, failed, skipped, coverage.', what, left(suite, 80), left(counts::text, 80)
        using errcode = 'CR002';
    end if;
    for key, value in select * from jsonb_each(counts) loop
      allowed := case
        when key in ('passed', 'failed', 'skipped') then
          case when jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]+$' then null else 'a whole number, 0 or more' end
        when key = 'coverage' then
          case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null else 'a share from 0 to 1' end
        else 'the keys passed, failed, skipped, coverage'
      end;
      if allowed is not null then
        raise exception '%.tests.%.% is %; allowed: %.', what, left(suite, 80), left(key, 80), left(value::text, 80), allowed
          using errcode = 'CR002';
      end if;
    end loop;
  end loop;
  return true;
end
$$;
comment on function codered.accept_summary(text, jsonb) is
  'True for a run''s summary as document 001 has it; raises CR002 with key, value and what is allowed otherwise.';
revoke execute on function codered.accept_dod(text, jsonb), codered.accept_summary(text, jsonb) from public;
grant execute on function codered.accept_dod(text, jsonb), codered.accept_summary(text, jsonb) to authenticated, service_role;

create table codered.workflow_templates (
  id uuid primary key default gen_random_uuid(),
  slug text not null,
  name text not null,
  description text,
  type text not null,
  depth text not null default 'standard',
  tags text[] not null default '{}',
  what_you_get jsonb not null default '[]',
  estimated_time text,
  step_count integer,
  is_featured boolean not null default false,
  is_active boolean not null default true,
  sort_order integer not null default 0,
  created_by uuid references codered.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workflow_templates_slug_key unique (slug),
  constraint workflow_templates_slug_check check (
    slug ~ '^[a-z0-9][a-z0-9-]{0,99}$' or codered.refuse_value('workflow_templates.slug', slug, 'a-z, 0-9 and -, at most 100 characters')),
  constraint workflow_templates_name_length
    check (char_length(name) between 1 and 500 or codered.refuse_value('workflow_templates.name', name, '1 to 500 characters')),
  constraint workflow_templates_type_length
    check (char_length(type) between 1 and 100 or codered.refuse_value('workflow_templates.type', type, '1 to 100 characters')),
  constraint workflow_templates_what_you_get_check check (
    jsonb_typeof(what_you_get) = 'array' or codered.refuse_value('workflow_templates.what_you_get', what_you_get, 'a JSON array')),
  constraint workflow_templates_step_count_check
    check (step_count >= 0 or codered.refuse_value('workflow_templates.step_count', step_count, '0 or more'))
);
create index workflow_templates_type_idx on codered.workflow_templates (type);
create index workflow_templates_active_idx on codered.workflow_templates (is_active) where is_active;
create index workflow_templates_created_by_idx on codered.workflow_templates (created_by);
alter table codered.workflow_templates enable row level security;
create policy workflow_templates_read on codered.workflow_templates for select to authenticated
  using (is_active or (select codered.is_operator()));
create policy workflow_templates_insert on codered.workflow_templates for insert to authenticated with check ((select codered.is_operator()));
create policy workflow_templates_update on codered.workflow_templates for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy workflow_templates_delete on codered.workflow_templates for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.workflow_templates to authenticated;
create trigger workflow_templates_touch before update on codered.workflow_templates
  for each row execute function codered.touch_updated_at();
comment on table codered.workflow_templates is 'Workflows that people can start; what exactly runs is a version of its spec.';
comment on column codered.workflow_templates.type is 'Open: visual-essay, infographic, research, …';
comment on column codered.workflow_templates.depth is 'Open: quick, standard, deep, …';
comment on column codered.workflow_templates.estimated_time is 'For people: "3-5 min".';

create table codered.specs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  template_id uuid references codered.workflow_templates (id) on delete no action,
  repo text,
  branch text,
  storage_path text,
  sha text,
  created_by text,
  created_by_user_id uuid references codered.profiles (id) on delete set null,
  version text,
  version_hash text,
  intent_schema jsonb not null default '[]',
  stages jsonb not null default '[]',
  qa_config jsonb not null default '{}',
  output_guarantees jsonb not null default '[]',
  cost_profile jsonb not null default '{}',
  artifact_type text,
  output_formats text[] not null default '{}',
  is_active boolean not null default true,
  visibility text not null default 'private',
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint specs_template_version_key unique (template_id, version),
  constraint specs_kind_check check (
    (template_id is not null and version is not null)
    or (template_id is null and repo is not null and branch is not null and storage_path is not null)
    or codered.refuse_value('specs.template_id', coalesce(template_id::text, 'null'),
      'with a template_id a version; without one repo, branch and storage_path')),
  constraint specs_repo_length check (char_length(repo) between 1 and 500 or codered.refuse_value('specs.repo', repo, '1 to 500 characters')),
  constraint specs_branch_length check (char_length(branch) between 1 and 1000 or codered.refuse_value('specs.branch', branch, '1 to 1000 characters')),
  constraint specs_storage_path_length
    check (char_length(storage_path) between 1 and 2000 or codered.refuse_value('specs.storage_path', storage_path, '1 to 2000 characters')),
  constraint specs_sha_check check (
    sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('specs.sha', sha, '40 or 64 hexadecimal digits')),
  constraint specs_created_by_length check (char_length(created_by) between 1 and 500 or codered.refuse_value('specs.created_by', created_by, '1 to 500 characters')),
  constraint specs_version_length check (char_length(version) between 1 and 100 or codered.refuse_value('specs.version', version, '1 to 100 characters')),
  constraint specs_intent_schema_check
    check (jsonb_typeof(intent_schema) = 'array' or codered.refuse_value('specs.intent_schema', intent_schema, 'a JSON array')),
  constraint specs_stages_check check (jsonb_typeof(stages) = 'array' or codered.refuse_value('specs.stages', stages, 'a JSON array')),
  constraint specs_qa_config_check check (jsonb_typeof(qa_config) = 'object' or codered.refuse_value('specs.qa_config', qa_config, 'a JSON object')),
  constraint specs_visibility_check
    check (visibility in ('system', 'public', 'private') or codered.refuse_value('specs.visibility', visibility, 'system, public, private'))
);
-- The same document told twice is one row, also one that came by mail and has no commit.
create unique index specs_document_key on codered.specs (project_id, storage_path, sha) nulls not distinct where template_id is null;
create index specs_template_id_idx on codered.specs (template_id);
create index specs_project_id_idx on codered.specs (project_id, created_at desc);
create index specs_active_idx on codered.specs (is_active) where is_active;
create index specs_created_by_user_id_idx on codered.specs (created_by_user_id);
alter table codered.specs enable row level security;
create policy specs_read on codered.specs for select to authenticated using (
  project_id in (select codered.my_projects())
  or (project_id is null and is_active and visibility in ('system', 'public'))
  or (project_id is null and (select codered.is_operator()))
);
create policy specs_insert on codered.specs for insert to authenticated with check ((select codered.is_operator()));
create policy specs_update on codered.specs for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy specs_delete on codered.specs for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.specs to authenticated;
create trigger specs_touch before update on codered.specs
  for each row execute function codered.touch_updated_at();
comment on table codered.specs is
  'What is to be done, in one version: a spec document of a repository, or the execution contract of a workflow template.';
comment on column codered.specs.repo is 'owner/name at GitHub.';
comment on column codered.specs.storage_path is 'Where the document lies: its path in the repository, or in the bucket for one that came by mail or API.';
comment on column codered.specs.sha is 'The commit it was read at; null for one that came by mail or API.';
comment on column codered.specs.created_by is 'Login, e-mail address or API client; created_by_user_id where we know that person.';
comment on column codered.specs.version_hash is 'SHA-256 over what a version promises, made when it is published.';
comment on column codered.specs.stages is 'In order: [{"order", "id", "name", "type", "agent", "model_id", "inputs", "outputs", "constraints"}]; each becomes a gate of a run.';
comment on column codered.specs.published_at is 'From then on nothing but is_active and visibility can change.';

create table codered.sprints (
  id uuid primary key default gen_random_uuid(),
  spec_id uuid not null references codered.specs (id) on delete no action,
  project_id uuid references codered.projects (id) on delete cascade,
  label text not null,
  dod_json jsonb not null,
  state text not null default 'PLANNED',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sprints_spec_label_key unique (spec_id, label),
  constraint sprints_label_length check (char_length(label) between 1 and 200 or codered.refuse_value('sprints.label', label, '1 to 200 characters')),
  constraint sprints_dod_json_check check (codered.accept_dod('sprints.dod_json', dod_json)),
  constraint sprints_state_check
    check (state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') or codered.refuse_value('sprints.state', state, 'PLANNED, RUNNING, DONE, FAILED'))
);
create index sprints_project_id_idx on codered.sprints (project_id, created_at desc);
alter table codered.sprints enable row level security;
create policy sprints_read on codered.sprints for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.sprints to authenticated;
create trigger sprints_touch before update on codered.sprints
  for each row execute function codered.touch_updated_at();
create trigger sprints_same_project before insert or update of project_id, spec_id on codered.sprints
  for each row execute function codered.refuse_foreign_project('spec_id:specs');
comment on table codered.sprints is 'A stretch of work on a spec, with the Definition of Done that ends it.';
comment on column codered.sprints.dod_json is
  'coverage_min 0..1, e2e_pass, lighthouse_min 0..100, lint_pass, type_check; each key that is present is one gate.';
comment on column codered.sprints.state is 'Follows the newest run: PLANNED, RUNNING, then DONE or FAILED; a run again takes it back to RUNNING.';

create table codered.runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  sprint_id uuid references codered.sprints (id) on delete cascade,
  spec_id uuid references codered.specs (id) on delete no action,
  user_id uuid references codered.profiles (id) on delete set null,
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  ci_run_id text,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  intent jsonb,
  project_slug text,
  display_name text,
  status text not null default 'pending',
  current_gate text,
  pause_reason text,
  result text,
  summary_json jsonb,
  total_gates integer not null default 0,
  gates_passed integer not null default 0,
  gates_failed integer not null default 0,
  total_tokens_in bigint not null default 0,
  total_tokens_out bigint not null default 0,
  total_cost_usd numeric(14, 6) not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint runs_status_check check (
    status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')
    or codered.refuse_value('runs.status', status, 'pending, running, paused, completed, failed, cancelled')),
  constraint runs_result_check check (
    result is not distinct from (case status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end)
    or codered.refuse_value('runs.result', coalesce(result, 'null'), 'PASSED once status is completed, FAILED once it is failed, else null')),
  constraint runs_started_at_check check (case status when 'pending' then started_at is null when 'cancelled' then true else started_at is not null end),
  constraint runs_finished_at_check check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint runs_pause_reason_check check ((pause_reason is not null) = (status = 'paused')),
  constraint runs_summary_json_check check (codered.accept_summary('runs.summary_json', summary_json)),
  constraint runs_intent_bytes check (octet_length(intent::text) <= 262144 or codered.refuse_value('runs.intent', octet_length(intent::text), 'at most 262144 bytes')),
  constraint runs_display_name_length
    check (char_length(display_name) <= 500 or codered.refuse_value('runs.display_name', display_name, 'at most 500 characters')),
  constraint runs_pause_reason_length
    check (char_length(pause_reason) between 1 and 2000 or codered.refuse_value('runs.pause_reason', pause_reason, '1 to 2000 characters')),
  constraint runs_pull_request_number_check
    check (pull_request_number > 0 or codered.refuse_value('runs.pull_request_number', pull_request_number, '1 or more')),
  constraint runs_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('runs.commit_sha', commit_sha, '40 or 64 hexadecimal digits'))
);
create unique index runs_gate_key on codered.runs (repository_id, commit_sha, sprint_id) nulls not distinct
  where repository_id is not null and commit_sha is not null;
create index runs_project_id_idx on codered.runs (project_id, created_at desc);
create index runs_sprint_id_idx on codered.runs (sprint_id);
create index runs_spec_id_idx on codered.runs (spec_id);
create index runs_user_id_idx on codered.runs (user_id);
create index runs_ci_event_id_idx on codered.runs (ci_event_id);
create index runs_pull_request_idx on codered.runs (repository_id, pull_request_number);
create index runs_status_idx on codered.runs (status);
create index runs_created_at_idx on codered.runs (created_at desc);
alter table codered.runs enable row level security;
create policy runs_read on codered.runs for select to authenticated using (
  user_id = (select auth.uid())
  or (user_id is null and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);
create policy runs_insert on codered.runs for insert to authenticated with check (
  user_id = (select auth.uid())
  and repository_id is null and sprint_id is null
  and (project_id is null or project_id in (select codered.my_projects()))
  -- Only what they may read, by the policy of specs itself.
  and (spec_id is null or exists (select from codered.specs s where s.id = runs.spec_id))
);
grant select on codered.runs to authenticated;
grant insert (id, project_id, spec_id, user_id, intent, project_slug, display_name) on codered.runs to authenticated;
create trigger runs_touch before update on codered.runs
  for each row execute function codered.touch_updated_at();
create trigger runs_same_project before insert or update of project_id, sprint_id, ci_event_id on codered.runs
  for each row execute function codered.refuse_foreign_project('sprint_id:sprints', 'ci_event_id:ci_events');
create trigger runs_events after insert or update or delete on codered.runs
  for each row execute function codered.append_event('run',
    'total_gates,gates_passed,gates_failed,total_tokens_in,total_tokens_out,total_cost_usd,ci_event_id,ci_run_id');
comment on table codered.runs is
  'One execution of a spec or, for a pull request, one evaluation of its Definition of Done on one commit.';
comment on column codered.runs.user_id is 'Who started it; null for the gate''s own runs, which every member of the organisation may read.';
comment on column codered.runs.ci_run_id is 'GitHub''s id of the run that moved it last; all that it rests on are in run_ci_events.';
comment on column codered.runs.total_gates is 'This and the totals beside it are kept by trigger from gate_executions: each gate counts with its newest attempt, tokens and cost with every attempt.';
comment on column codered.runs.total_cost_usd is 'US dollars.';
comment on column codered.runs.summary_json is '{"status", "tests": {"<suite>": {"passed", "failed", "skipped", "coverage"}}, "lighthouse": {"score"}, "artifacts", "duration_seconds"}.';
comment on column codered.runs.finished_at is 'When it was completed, failed or cancelled (completed_at of document 004).';

-- Stands here because it asks tasks and runs.
create policy events_insert on codered.events for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and (project_id is null or project_id in (select codered.my_projects()))
    -- What the triggers and the app tell is not for a member to claim.
    and event_type like 'note.%'
    -- A timeline is read by these ids: nobody writes into that of another project.
    and (task_id is null or exists (select from codered.tasks t where t.id = events.task_id and t.project_id = events.project_id))
    and (run_id is null or exists (select from codered.runs r where r.id = events.run_id and r.project_id is not distinct from events.project_id))
  );
grant insert (project_id, run_id, task_id, user_id, event_type, payload) on codered.events to authenticated;

create table codered.run_ci_events (
  run_id uuid not null references codered.runs (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (run_id, ci_event_id)
);
create index run_ci_events_ci_event_id_idx on codered.run_ci_events (ci_event_id);
alter table codered.run_ci_events enable row level security;
-- Not "exists": that may be answered by reading every run there is, this is one look at the key for each row.
create policy run_ci_events_read on codered.run_ci_events for select to authenticated
  using ((select true from codered.runs r where r.id = run_ci_events.run_id));
grant select on codered.run_ci_events to authenticated;
create trigger run_ci_events_touch before update on codered.run_ci_events
  for each row execute function codered.touch_updated_at();
comment on table codered.run_ci_events is 'The CI runs that an evaluation rests on.';

create table codered.gate_executions (
  id uuid primary key default gen_random_uuid(),
  run_id uuid not null references codered.runs (id) on delete cascade,
  gate_id text not null,
  gate_name text not null,
  phase text,
  gate_order integer not null,
  agent_slug text,
  model_id text references codered.models (id) on delete set null,
  model_provider text,
  status text not null default 'pending',
  attempt_number integer not null default 1,
  max_attempts integer not null default 3,
  prompt_packet text,
  raw_output text,
  validation_results jsonb not null default '[]',
  fail_codes text[] not null default '{}',
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  cost_usd numeric(14, 6),
  duration_ms integer not null default 0,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint gate_executions_attempt_key unique (run_id, gate_id, attempt_number),
  constraint gate_executions_gate_id_length
    check (char_length(gate_id) between 1 and 200 or codered.refuse_value('gate_executions.gate_id', gate_id, '1 to 200 characters')),
  constraint gate_executions_gate_name_length
    check (char_length(gate_name) between 1 and 500 or codered.refuse_value('gate_executions.gate_name', gate_name, '1 to 500 characters')),
  constraint gate_executions_gate_order_check
    check (gate_order >= 0 or codered.refuse_value('gate_executions.gate_order', gate_order, '0 or more')),
  constraint gate_executions_status_check check (
    status in ('pending', 'running', 'passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden')
    or codered.refuse_value('gate_executions.status', status,
      'pending, running, passed, failed, skipped, warning, missing, error, overridden')),
  constraint gate_executions_max_attempts_check
    check (max_attempts between 1 and 100 or codered.refuse_value('gate_executions.max_attempts', max_attempts, '1 to 100')),
  constraint gate_executions_attempt_number_check
    check (attempt_number >= 1 or codered.refuse_value('gate_executions.attempt_number', attempt_number, '1 or more')),
  constraint gate_executions_validation_results_check check (
    jsonb_typeof(validation_results) = 'array' or codered.refuse_value('gate_executions.validation_results', validation_results, 'a JSON array')),
  constraint gate_executions_fail_codes_check check (
    fail_codes::text ~ '^\{([A-Z][A-Z0-9_]*(,[A-Z][A-Z0-9_]*)*)?\}$'
    or codered.refuse_value('gate_executions.fail_codes', fail_codes, 'codes of A-Z, 0-9 and _')),
  constraint gate_executions_tokens_in_check check (tokens_in >= 0 or codered.refuse_value('gate_executions.tokens_in', tokens_in, '0 or more')),
  constraint gate_executions_tokens_out_check check (tokens_out >= 0 or codered.refuse_value('gate_executions.tokens_out', tokens_out, '0 or more')),
  constraint gate_executions_cost_usd_check check (cost_usd >= 0 or codered.refuse_value('gate_executions.cost_usd', cost_usd, '0 or more')),
  constraint gate_executions_duration_ms_check
    check (duration_ms >= 0 or codered.refuse_value('gate_executions.duration_ms', duration_ms, '0 or more')),
  constraint gate_executions_prompt_packet_bytes check (
    octet_length(prompt_packet) <= 8388608 or codered.refuse_value('gate_executions.prompt_packet', octet_length(prompt_packet), 'at most 8388608 bytes')),
  constraint gate_executions_raw_output_bytes check (
    octet_length(raw_output) <= 8388608 or codered.refuse_value('gate_executions.raw_output', octet_length(raw_output), 'at most 8388608 bytes'))
);
create index gate_executions_run_id_idx on codered.gate_executions (run_id);
create index gate_executions_status_idx on codered.gate_executions (status);
create index gate_executions_gate_id_idx on codered.gate_executions (gate_id);
create index gate_executions_run_order_idx on codered.gate_executions (run_id, gate_order);
create index gate_executions_model_id_idx on codered.gate_executions (model_id);
create index gate_executions_created_at_idx on codered.gate_executions (created_at);
alter table codered.gate_executions enable row level security;
create policy gate_executions_read on codered.gate_executions for select to authenticated
  using ((select true from codered.runs r where r.id = gate_executions.run_id));
grant select on codered.gate_executions to authenticated;
create trigger gate_executions_touch before update on codered.gate_executions
  for each row execute function codered.touch_updated_at();
comment on table codered.gate_executions is 'One gate of a run in one attempt: a stage of a workflow, or a criterion of the Definition of Done.';
comment on column codered.gate_executions.gate_order is 'Place in the run; attempts of a gate share it.';
comment on column codered.gate_executions.validation_results is 'What was looked at: [{"type", "target", "passed", "severity", …}].';
comment on column codered.gate_executions.fail_codes is 'Why it did not pass, in codes: MISSING_ARTIFACT, COVERAGE_BELOW_MIN, …';
comment on column codered.gate_executions.cost_usd is 'US dollars; worked out from models when left out, null while the model''s price is unknown.';
comment on column codered.gate_executions.prompt_packet is 'What the model was sent; at most 8 MB.';
comment on column codered.gate_executions.status is 'missing, error and overridden are the gate''s on pull requests: waited for too long, could not be judged, waved through.';

create table codered.artifacts (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  run_id uuid references codered.runs (id) on delete cascade,
  gate_execution_id uuid references codered.gate_executions (id) on delete set null,
  task_id uuid references codered.tasks (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  kind text not null default 'other',
  file_name text,
  file_path text,
  content_type text,
  content text,
  content_hash text,
  size_bytes bigint,
  storage_path text,
  url text,
  artifact_type text,
  gate_id text,
  ref text,
  summary text,
  github_artifact_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint artifacts_owner_check check (
    num_nonnulls(run_id, task_id) >= 1 or codered.refuse_value('artifacts.run_id', coalesce(run_id::text, 'null'), 'a run_id or a task_id')),
  constraint artifacts_place_check check (
    num_nonnulls(content, storage_path, url, ref) >= 1
    or codered.refuse_value('artifacts.content', coalesce(content, 'null'), 'at least one of content, storage_path, url, ref')),
  constraint artifacts_kind_check check (
    kind in ('junit', 'coverage', 'playwright', 'lighthouse', 'logs', 'diff', 'pr', 'test_report', 'document', 'other')
    or codered.refuse_value('artifacts.kind', kind, 'junit, coverage, playwright, lighthouse, logs, diff, pr, test_report, document, other')),
  constraint artifacts_file_name_length check (char_length(file_name) <= 500 or codered.refuse_value('artifacts.file_name', file_name, 'at most 500 characters')),
  constraint artifacts_file_path_length check (char_length(file_path) <= 2000 or codered.refuse_value('artifacts.file_path', file_path, 'at most 2000 characters')),
  constraint artifacts_content_bytes
    check (octet_length(content) <= 8388608 or codered.refuse_value('artifacts.content', octet_length(content), 'at most 8388608 bytes; put more into storage_path')),
  constraint artifacts_content_hash_check
    check (content_hash ~ '^[0-9a-f]{64}$' or codered.refuse_value('artifacts.content_hash', content_hash, 'SHA-256 in lower-case hexadecimal')),
  constraint artifacts_size_bytes_check check (size_bytes >= 0 or codered.refuse_value('artifacts.size_bytes', size_bytes, '0 or more')),
  constraint artifacts_url_check check (url ~ '^https?://' or codered.refuse_value('artifacts.url', url, 'http:// or https://')),
  constraint artifacts_ref_length check (char_length(ref) between 1 and 2000 or codered.refuse_value('artifacts.ref', ref, '1 to 2000 characters')),
  constraint artifacts_summary_length check (char_length(summary) <= 20000 or codered.refuse_value('artifacts.summary', summary, 'at most 20000 characters'))
);
create index artifacts_project_id_idx on codered.artifacts (project_id, created_at desc);
create index artifacts_run_id_idx on codered.artifacts (run_id);
create index artifacts_gate_execution_id_idx on codered.artifacts (gate_execution_id);
create index artifacts_task_id_idx on codered.artifacts (task_id);
create index artifacts_user_id_idx on codered.artifacts (user_id);
create index artifacts_artifact_type_idx on codered.artifacts (artifact_type);
create index artifacts_kind_idx on codered.artifacts (kind);
create index artifacts_created_at_idx on codered.artifacts (created_at desc);
create index artifacts_task_created_idx on codered.artifacts (task_id, created_at desc);
create index artifacts_github_artifact_id_idx on codered.artifacts (github_artifact_id);
alter table codered.artifacts enable row level security;
-- A run's artifact is seen by whoever sees the run, a task's by whoever sees the task.
create policy artifacts_read on codered.artifacts for select to authenticated using (
  case
    when run_id is not null then (select true from codered.runs r where r.id = artifacts.run_id)
    else project_id in (select codered.my_projects())
  end
);
-- The app hands out what lies at storage_path: a member may name the files of that project only.
create policy artifacts_insert on codered.artifacts for insert to authenticated with check (
  run_id is null and gate_execution_id is null
  and user_id = (select auth.uid()) and project_id in (select codered.my_projects())
  and (storage_path is null or (starts_with(storage_path, project_id || '/') and storage_path !~ '(^|/)\.\.?(/|$)'))
);
create policy artifacts_update on codered.artifacts for update to authenticated
  using (run_id is null and user_id = (select auth.uid()) and project_id in (select codered.my_projects()))
  with check (
    run_id is null and gate_execution_id is null
    and user_id = (select auth.uid()) and project_id in (select codered.my_projects())
    and (storage_path is null or (starts_with(storage_path, project_id || '/') and storage_path !~ '(^|/)\.\.?(/|$)'))
  );
create policy artifacts_delete on codered.artifacts for delete to authenticated
  using (run_id is null and user_id = (select auth.uid()) and project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.artifacts to authenticated;
create trigger artifacts_touch before update on codered.artifacts
  for each row execute function codered.touch_updated_at();
create trigger artifacts_same_project before insert or update of project_id, task_id on codered.artifacts
  for each row execute function codered.refuse_foreign_project('task_id:tasks');
comment on table codered.artifacts is 'What a run or a task left: reports, diffs, documents, logs; here, in the bucket or elsewhere.';
comment on column codered.artifacts.kind is 'junit, coverage, playwright, lighthouse, logs of a CI run; diff, pr, test_report, document, other of a task.';
comment on column codered.artifacts.content_hash is 'SHA-256 in hexadecimal; of content, or of the file in storage.';
comment on column codered.artifacts.storage_path is 'Path in the private bucket codered-artifacts; where a member writes it, it begins with the project''s id and /.';
comment on column codered.artifacts.url is 'Where it lies when that is not the bucket.';
comment on column codered.artifacts.ref is 'A link or an id that says it all: a pull request, a commit.';
comment on column codered.artifacts.artifact_type is 'Open: research, spec, design, code, audit, publication, …';
comment on column codered.artifacts.content_type is 'Open: markdown, json, typescript, …';

alter table codered.test_results
  add constraint test_results_artifact_id_fkey foreign key (artifact_id) references codered.artifacts (id) on delete set null;
create index test_results_artifact_id_idx on codered.test_results (artifact_id);
