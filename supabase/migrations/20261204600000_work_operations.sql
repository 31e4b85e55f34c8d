-- What people do with templates, specs, runs, artifacts, overrides, tests and deployments through the operations; a published version can not be deleted; an override may be about a run of a workflow. Old workers survive it: they call none of these, and write no override of a run.

alter table codered.user_overrides drop constraint user_overrides_target_type_check;
alter table codered.user_overrides add constraint user_overrides_target_type_check check (
    target_type in ('agent_run', 'ci_event', 'deployment', 'task', 'run')
    or codered.refuse_value('user_overrides.target_type', target_type, 'agent_run, ci_event, deployment, task, run'));

create or replace function codered.keep_published_spec()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  free constant text[] := '{is_active,visibility,updated_at}';
  documents constant text[] := '{content,document_bytes,document_sha256,object_path,object_stored_at}';
  changed text;
begin
  if tg_op = 'UPDATE' and old.published_at is not null then
    select string_agg(a.key, ', ' order by a.key) into changed
    from jsonb_each(to_jsonb(new) - free) a
    where a.value is distinct from to_jsonb(old) -> a.key
      -- Whoever wrote it may leave: the reference goes, the text in created_by stays. No person takes it away by hand.
      and not (a.key = 'created_by_user_id' and a.value = 'null' and not codered.is_member_call())
      -- The document itself may come after its name; a version of a template has none.
      and not (old.template_id is null and a.key = any (documents) and to_jsonb(old) -> a.key = 'null');
    if changed is not null then
      raise exception 'The spec % is published: % cannot change any more; allowed: is_active, visibility, or a new version.',
        old.id, changed
        using errcode = 'CR003', table = 'specs', column = split_part(changed, ', ', 1);
    end if;
    return new;
  end if;
  if new.published_at is null then
    new.version_hash := null;
    return new;
  end if;
  perform codered.accept_intent_schema(new.intent_schema), codered.accept_stages(new.stages);
  new.version_hash := encode(
    sha256(convert_to(
      jsonb_build_object(
        'repo', new.repo, 'branch', new.branch, 'storage_path', new.storage_path, 'sha', new.sha,
        'intent_schema', new.intent_schema, 'stages', new.stages, 'qa_config', new.qa_config,
        'output_guarantees', new.output_guarantees, 'cost_profile', new.cost_profile,
        'artifact_type', new.artifact_type, 'output_formats', new.output_formats
      )::text,
      'UTF8')),
    'hex');
  return new;
end
$$;

comment on function codered.keep_published_spec() is
  'Stamps version_hash when a spec is published; from then on refuses (CR003) every change but of is_active and visibility, whoever asks.';

revoke execute on function codered.keep_published_spec from public;

create or replace function codered.keep_used()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  is_used boolean;
begin
  if tg_table_name = 'workflow_templates' then
    is_used := exists (select from codered.specs s where s.template_id = old.id);
  elsif old.project_id is not null and not exists (select from codered.projects p where p.id = old.project_id) then
    -- The whole project is being purged, its runs and sprints with it.
    return old;
  else
    is_used := exists (select from codered.runs r where r.spec_id = old.id)
      or exists (select from codered.sprints s where s.spec_id = old.id);
    -- What was promised once stays to be read; what is erased goes with its project's rows.
    if not is_used and old.template_id is not null and old.published_at is not null
      and (codered.is_member_call() or coalesce(current_setting('codered.erasing', true), '') <> 'on')
    then
      raise exception 'The spec % is published and stays; allowed: is_active = false.', old.id using errcode = 'CR003', table = 'specs';
    end if;
  end if;
  if is_used then
    raise exception 'The row % of % is in use and stays; allowed: is_active = false.', old.id, tg_table_name
      using errcode = 'CR003', table = tg_table_name;
  end if;
  return old;
end
$$;

comment on function codered.keep_used() is
  'Refuses (CR003) to delete a template that has specs, a published version of one, and a spec that has runs or sprints, unless its project goes. Security definer, because a use that the caller cannot see counts too.';

revoke execute on function codered.keep_used from public;

create or replace trigger workflow_templates_events after insert or update or delete on codered.workflow_templates
  for each row execute function codered.append_event('template');

-- Of a document SPEC_RECEIVED tells.
create or replace trigger specs_events after insert or update on codered.specs
  for each row when (new.template_id is not null) execute function codered.append_event('spec', 'content');

create or replace trigger specs_deleted_events after delete on codered.specs
  for each row when (old.template_id is not null) execute function codered.append_event('spec', 'content');

create or replace function codered.intent_problems(intent_schema jsonb, intent jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  with given as (
    select coalesce(nullif(intent_problems.intent, 'null'), '{}') as value
  ), fields as (
    select f.value as field, f.value ->> 'field' as name, f.ordinality as place
    from jsonb_array_elements(intent_problems.intent_schema) with ordinality as f
  ), wrong as (
    select 0 as kind, 0 as place, '' as name, given.value::text as found, 'a JSON object' as allowed
    from given
    where jsonb_typeof(given.value) <> 'object'
    union all
    select 1, 0, left(g.key, 80), coalesce(g.value #>> '{}', 'null'),
      coalesce('the fields ' || (select string_agg(f.name, ', ' order by f.place) from fields f), 'no fields')
    from given
    cross join lateral jsonb_each(case when jsonb_typeof(given.value) = 'object' then given.value else '{}' end) as g
    where not exists (select from fields f where f.name = g.key)
    union all
    select 2, f.place, f.name, coalesce(given.value -> f.name #>> '{}', 'null'), codered.describe_field(f.field)
    from given
    cross join fields f
    where jsonb_typeof(given.value) = 'object'
      and case
        when coalesce(given.value -> f.name, 'null') <> 'null' then not codered.fits_field(f.field, given.value -> f.name)
        else f.field -> 'required' = 'true' and coalesce(f.field -> 'default', 'null') = 'null'
      end
  )
  select coalesce(
    jsonb_agg(
      jsonb_build_object('field', nullif(w.name, ''), 'found', left(w.found, 80), 'allowed', left(w.allowed, 2000))
      order by w.kind, w.place, w.name),
    '[]')
  from (select * from wrong order by kind, place, name limit 20) as w
$$;

comment on function codered.intent_problems(jsonb, jsonb) is
  'What of an intent does not fit its schema, at most the first 20: [{field, found, allowed}], first fields that the schema has not, then its own in order; field null where the intent is no object.';

revoke execute on function codered.intent_problems from public;

grant execute on function codered.intent_problems to authenticated, service_role;

create or replace function codered.fill_intent(intent_schema jsonb, intent jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  given constant jsonb := coalesce(nullif(fill_intent.intent, 'null'), '{}');
  problems constant jsonb := codered.intent_problems(fill_intent.intent_schema, fill_intent.intent);
begin
  if problems <> '[]' then
    raise exception '%', (
      select string_agg(
        format('runs.intent%s is %s; allowed: %s.', '.' || (p.value ->> 'field'), to_json(p.value ->> 'found'), p.value ->> 'allowed'),
        ' ' order by p.ordinality)
      from jsonb_array_elements(problems) with ordinality as p
    ) using errcode = 'CR002', table = 'runs', column = 'intent';
  end if;
  return coalesce((
    select jsonb_object_agg(f ->> 'field', coalesce(nullif(given -> (f ->> 'field'), 'null'), f -> 'default'))
    from jsonb_array_elements(fill_intent.intent_schema) f
    where coalesce(nullif(given -> (f ->> 'field'), 'null'), nullif(f -> 'default', 'null')) is not null
  ), '{}');
end
$$;

comment on function codered.fill_intent(jsonb, jsonb) is
  'The intent with the defaults of its schema filled in; raises CR002 with a sentence for each field that does not fit: field, value and what is allowed.';

revoke execute on function codered.fill_intent from public;

grant execute on function codered.fill_intent to authenticated, service_role;

create or replace function codered.require_run(run_id uuid)
returns codered.runs
language plpgsql
stable
set search_path = ''
as $$
declare
  run codered.runs;
begin
  select r.* into run
  from codered.runs r
  where r.id = require_run.run_id
    -- Whoever left the organisation does not see there any more what they began themselves.
    and (not codered.is_member_call() or r.project_id is null or r.project_id in (select codered.my_projects())
      or (select codered.is_operator()));
  if not found then
    perform codered.refuse_missing('run', require_run.run_id::text);
  end if;
  return run;
end
$$;

comment on function codered.require_run(uuid) is 'A run that the caller may see. Refuses CR004.';

revoke execute on function codered.require_run from public;

grant execute on function codered.require_run to authenticated, service_role;

create or replace function codered.list_runs(
  project_id uuid default null, status text default null, spec_id uuid default null, sprint_id uuid default null,
  pull_request integer default null, commit_sha text default null, batch integer default 50,
  before_created_at timestamptz default null, before_run uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if list_runs.project_id is not null then
    perform codered.require_project(list_runs.project_id);
  end if;
  perform codered.check_batch('batch', list_runs.batch);
  perform codered.check_place('before_run', num_nulls(list_runs.before_created_at, list_runs.before_run), 2);
  return (
    select coalesce(jsonb_agg(
      to_jsonb(r) || jsonb_build_object('repository', h.owner || '/' || h.name) order by r.created_at desc, r.id desc), '[]')
    from (
      select u.*
      from codered.runs u
      where case
          when list_runs.project_id is not null then u.project_id = list_runs.project_id
          else u.user_id = (select auth.uid()) and (u.project_id is null or u.project_id in (select codered.my_projects()))
        end
        and (list_runs.status is null or u.status = list_runs.status)
        and (list_runs.spec_id is null or u.spec_id = list_runs.spec_id)
        and (list_runs.sprint_id is null or u.sprint_id = list_runs.sprint_id)
        and (list_runs.pull_request is null or u.pull_request_number = list_runs.pull_request)
        and (list_runs.commit_sha is null or u.commit_sha = list_runs.commit_sha)
        and (list_runs.before_run is null or (u.created_at, u.id) < (list_runs.before_created_at, list_runs.before_run))
      order by u.created_at desc, u.id desc
      limit list_runs.batch + 1
    ) as r
    left join codered.repositories h on h.id = r.repository_id
  );
end
$$;

comment on function codered.list_runs(uuid, text, uuid, uuid, integer, text, integer, timestamptz, uuid) is
  'The runs of a project that the caller may see, or without a project their own, newest first: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_runs from public;

grant execute on function codered.list_runs to authenticated, service_role;

create or replace function codered.read_run(run_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  run constant codered.runs := codered.require_run(read_run.run_id);
begin
  return to_jsonb(run) || jsonb_build_object(
    'repository', (select h.owner || '/' || h.name from codered.repositories h where h.id = run.repository_id),
    'version', (select s.version from codered.specs s where s.id = run.spec_id),
    'gates', coalesce((
      select jsonb_agg(to_jsonb(g) order by g.gate_order, g.gate_id, g.attempt_number desc)
      from (
        select t.*
        from codered.run_gate_timeline t
        where t.run_id = run.id
        order by t.gate_order, t.gate_id, t.attempt_number desc
        limit 501
      ) as g
    ), '[]'),
    'artifacts', coalesce((
      select jsonb_agg(to_jsonb(a) order by a.created_at desc, a.id desc)
      from (
        select b.* from codered.artifact_browser b where b.run_id = run.id order by b.created_at desc, b.id desc limit 101
      ) as a
    ), '[]'));
end
$$;

comment on function codered.read_run(uuid) is
  'A run with every attempt of its gates or stages in their order, and its newest artifacts: one more than 500 attempts and 100 artifacts where there are more. Refuses CR004.';

revoke execute on function codered.read_run from public;

grant execute on function codered.read_run to authenticated, service_role;

create or replace function codered.read_attempt(run_id uuid, gate_id text, attempt_number integer default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  run constant codered.runs := codered.require_run(read_attempt.run_id);
  most constant integer := 100000;
  answer jsonb;
begin
  select to_jsonb(g) || jsonb_build_object(
    'prompt_packet', left(g.prompt_packet, most), 'prompt_packet_left_out', greatest(0, coalesce(char_length(g.prompt_packet), 0) - most),
    'raw_output', left(g.raw_output, most), 'raw_output_left_out', greatest(0, coalesce(char_length(g.raw_output), 0) - most))
  into answer
  from codered.gate_executions g
  where g.run_id = run.id and g.gate_id = read_attempt.gate_id
    and (read_attempt.attempt_number is null or g.attempt_number = read_attempt.attempt_number)
  order by g.attempt_number desc
  limit 1;
  if answer is null then
    perform codered.refuse_missing('attempt of this run', read_attempt.gate_id);
  end if;
  return answer;
end
$$;

comment on function codered.read_attempt(uuid, text, integer) is
  'One attempt of a gate or stage, the newest unless told, with what a model was sent and gave back, of each the first 100,000 characters and how many are left out. Refuses CR004.';

revoke execute on function codered.read_attempt from public;

grant execute on function codered.read_attempt to authenticated, service_role;

create or replace function codered.list_run_events(run_id uuid, batch integer default 50, before_id bigint default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  run constant codered.runs := codered.require_run(list_run_events.run_id);
begin
  perform codered.check_batch('batch', list_run_events.batch);
  return (
    select coalesce(jsonb_agg(to_jsonb(e) order by e.id desc), '[]')
    from (
      select v.id, v.event_type, v.task_id, v.user_id, v.payload, v.created_at
      from codered.events v
      where v.run_id = run.id and (list_run_events.before_id is null or v.id < list_run_events.before_id)
      order by v.id desc
      limit list_run_events.batch + 1
    ) as e
  );
end
$$;

comment on function codered.list_run_events(uuid, integer, bigint) is
  'What befell a run, newest first: one more than batch when there are more. Refuses CR002, CR004.';

revoke execute on function codered.list_run_events from public;

grant execute on function codered.list_run_events to authenticated, service_role;

create or replace function codered.read_intent(spec_id uuid, intent jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  spec codered.specs;
  problems jsonb;
begin
  select s.* into spec from codered.specs s where s.id = read_intent.spec_id;
  if not found then
    perform codered.refuse_missing('spec', read_intent.spec_id::text);
  end if;
  perform codered.accept_intent_schema(spec.intent_schema);
  problems := codered.intent_problems(spec.intent_schema, read_intent.intent);
  return jsonb_build_object(
    'problems', problems,
    'intent', case when problems = '[]' then codered.fill_intent(spec.intent_schema, read_intent.intent) end,
    'intent_schema', spec.intent_schema);
end
$$;

comment on function codered.read_intent(uuid, jsonb) is
  'What of an intent does not fit the version of a template (problems: [{field, found, allowed}]), and what a run would be started with where all does. Starts nothing. Refuses CR002 (a draft''s broken intent_schema), CR004.';

revoke execute on function codered.read_intent from public;

grant execute on function codered.read_intent to authenticated, service_role;

create or replace function codered.caller_name()
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select p.github_login from codered.profiles p where p.id = auth.uid()), 'account ' || auth.uid()::text, 'the app')
$$;

comment on function codered.caller_name() is
  'Who calls, for people: the login at GitHub, else the id of their account. Security definer, because nobody may read that column of profiles; it tells of nobody but the caller.';

revoke execute on function codered.caller_name from public;

grant execute on function codered.caller_name to authenticated, service_role;

create or replace function codered.decide_stage(run_id uuid, gate_id text, is_approved boolean, reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(decide_stage.run_id);
  gate codered.gate_executions := codered.newest_attempt(run.id, decide_stage.gate_id);
  decision jsonb;
begin
  if run.sprint_id is not null or run.repository_id is not null then
    perform codered.refuse_state('runs.repository_id', run.repository_id::text, 'a run of a workflow: what a pull request has to meet is measured');
  end if;
  if gate.phase is distinct from 'approval' then
    perform codered.refuse_state('gate_executions.phase', gate.phase, 'approval: such a stage is a person''s to decide');
  end if;
  if coalesce(btrim(decide_stage.reason), '') = '' or char_length(decide_stage.reason) > 2000 then
    perform codered.refuse_value('reason', coalesce(left(decide_stage.reason, 80), 'null'), '1 to 2000 characters');
  end if;
  if gate.status = 'pending' then
    perform codered.start_gate(run.id, gate.gate_id);
  end if;
  decision := jsonb_build_object(
    'type', 'decision', 'target', gate.gate_id, 'passed', decide_stage.is_approved, 'reason', decide_stage.reason,
    'by', codered.caller_name(), 'user_id', auth.uid(), 'decided_at', now());
  perform codered.finish_gate(run.id, gate.gate_id, jsonb_build_object(
    'status', case when decide_stage.is_approved then 'passed' else 'failed' end, 'attempt_number', gate.attempt_number,
    'validation_results', jsonb_build_array(decision),
    'fail_codes', case when decide_stage.is_approved then '[]'::jsonb else '["REJECTED"]' end));
  -- Whoever rejects wants it to stop, also where attempts are left: resume_run asks again.
  update codered.runs r
  set status = 'paused', pause_reason = left(format('Stage %s was rejected: %s', gate.gate_id, decide_stage.reason), 2000)
  where r.id = run.id and r.status = 'running' and not decide_stage.is_approved;
  perform codered.append_status(
    run.project_id, run.id, case when decide_stage.is_approved then 'GATE_PASSED' else 'GATE_FAILED' end,
    left(format('%s: %s', gate.gate_name, decide_stage.reason), 500), decision || jsonb_build_object('gate_id', gate.gate_id));
  return codered.read_run(run.id);
end
$$;

comment on function codered.decide_stage(uuid, text, boolean, text) is
  'Approves or rejects a stage of the type "approval" of a run of one''s own, with a reason; a rejected one pauses the run. Returns the run. Refuses CR002, CR003 (another kind of run or stage, one before it has not passed, decided already), CR004, CR008 (somebody else''s run). Security definer, because gates and statuses are nobody''s to write freely.';

revoke execute on function codered.decide_stage from public;

grant execute on function codered.decide_stage to authenticated, service_role;

comment on table codered.user_overrides is 'Where a person overruled the gate or an agent: who, what, why, until when. Revoked, never deleted.';

comment on column codered.user_overrides."user" is
  'Who overrode: a GitHub login, or "account" and the id of whoever wrote the row without having one here. Never what a member writes.';

comment on column codered.user_overrides.target_id is 'A plain id: the override outlives what it was about.';

comment on column codered.user_overrides.commit_sha is 'The one commit it covers; null with expires_at: every commit of the pull request until then.';

comment on column codered.user_overrides.criterion is
  'The one criterion of the Definition of Done that it covers, or "all"; of a run of a workflow (target_type run) the stage.';

comment on column codered.user_overrides.github_comment_id is
  'The comment that commanded it, by which it is known when the command is followed again; null: it came another way.';

comment on column codered.user_overrides.revoked_comment_id is 'The comment that took it back; null: nobody has, or it was done another way.';

comment on column codered.user_overrides.github_rule_suite_id is
  'GitHub''s record of the push that bypassed a rule, by which it is known when it is read again; null: none was read.';

comment on column codered.user_overrides.github_comment_place is 'Which of the comment''s commands it was, from 1.';

comment on column codered.user_overrides.revoked_comment_place is 'Which of that comment''s commands took it back, from 1.';

grant select on codered.user_overrides to authenticated;

grant insert (id, project_id, user_id, "user", override_type, target_type, target_id, repository_id, pull_request_number, commit_sha,
  criterion, reason, expires_at) on codered.user_overrides to authenticated;

-- A reason once given stays: an override is revoked, once, never rewritten, taken up again or deleted.
grant update (revoked_at, revoked_by) on codered.user_overrides to authenticated;

grant select, insert, update, delete on codered.user_overrides to service_role;

create or replace function codered.override_stage(run_id uuid, gate_id text, reason text, override_type text default 'agent_override')
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(override_stage.run_id);
  gate codered.gate_executions := codered.newest_attempt(run.id, override_stage.gate_id);
  made uuid;
begin
  if run.sprint_id is not null or run.repository_id is not null then
    perform codered.refuse_state('runs.repository_id', run.repository_id::text,
      'a run of a workflow: a criterion of a pull request is overridden there, with /codered override');
  end if;
  if coalesce(btrim(override_stage.reason), '') = '' or char_length(override_stage.reason) > 2000 then
    perform codered.refuse_value('user_overrides.reason', coalesce(left(override_stage.reason, 80), 'null'), '1 to 2000 characters');
  end if;
  if coalesce(override_stage.override_type, '') not in ('agent_override', 'cynic_reject') then
    perform codered.refuse_value('user_overrides.override_type', coalesce(override_stage.override_type, 'null'), 'agent_override, cynic_reject');
  end if;
  if run.status not in ('running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'running or paused, to override a stage');
  end if;
  if gate.status not in ('failed', 'missing', 'error') then
    perform codered.refuse_state('gate_executions.status', gate.status, 'failed, missing or error, to override it');
  end if;
  -- What it failed for stays beside who let it pass.
  update codered.gate_executions g
  set status = 'overridden', validation_results = g.validation_results || jsonb_build_array(jsonb_build_object(
    'type', 'override', 'target', g.gate_id, 'passed', true, 'reason', override_stage.reason, 'by', codered.caller_name(),
    'user_id', auth.uid(), 'decided_at', now()))
  where g.id = gate.id;
  if run.project_id is not null then
    insert into codered.user_overrides (project_id, user_id, "user", override_type, target_type, target_id, criterion, reason)
    values (run.project_id, auth.uid(), codered.caller_name(), override_stage.override_type, 'run', run.id, gate.gate_id, override_stage.reason)
    returning user_overrides.id into made;
  end if;
  perform codered.append_status(
    run.project_id, run.id, 'OVERRIDDEN', left(format('%s: %s', gate.gate_name, override_stage.reason), 500),
    jsonb_build_object('override_id', made, 'gate_id', gate.gate_id, 'user', codered.caller_name(), 'reason', override_stage.reason));
  update codered.runs r set status = 'running' where r.id = run.id and r.status = 'paused';
  perform codered.recompute_run(run.id);
  return codered.read_run(run.id);
end
$$;

comment on function codered.override_stage(uuid, text, text, text) is
  'Lets a stage that failed for good pass in a run of one''s own, with a reason, and the run go on; leaves the override, what it failed for, and a status event OVERRIDDEN. Returns the run. Refuses CR002, CR003 (another kind of run, nothing failed), CR004, CR008 (somebody else''s run). Security definer, because gates and statuses are nobody''s to write freely.';

revoke execute on function codered.override_stage from public;

grant execute on function codered.override_stage to authenticated, service_role;

create or replace function codered.create_override(
  project_id uuid, override_type text, target_type text, target_id uuid, reason text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  is_there boolean;
  made codered.user_overrides;
begin
  perform codered.require_project(create_override.project_id);
  if coalesce(create_override.override_type, '') not in ('agent_override', 'cynic_reject') then
    perform codered.refuse_value('user_overrides.override_type', coalesce(create_override.override_type, 'null'),
      'agent_override, cynic_reject; what opens a gate is commanded on the pull request');
  end if;
  is_there := case create_override.target_type
    when 'agent_run' then exists (
      select from codered.agent_runs t where t.id = create_override.target_id and t.project_id = create_override.project_id)
    when 'task' then exists (
      select from codered.tasks t where t.id = create_override.target_id and t.project_id = create_override.project_id and t.deleted_at is null)
    when 'run' then exists (
      select from codered.runs t where t.id = create_override.target_id and t.project_id = create_override.project_id)
  end;
  if is_there is null then
    perform codered.refuse_value('user_overrides.target_type', coalesce(create_override.target_type, 'null'), 'agent_run, task, run');
  end if;
  if not is_there then
    raise exception 'user_overrides.target_id is "%": there is no such % in this project.', create_override.target_id, create_override.target_type
      using errcode = 'CR007', table = 'user_overrides', column = 'target_id';
  end if;
  insert into codered.user_overrides (project_id, user_id, "user", override_type, target_type, target_id, reason)
  values (
    create_override.project_id, auth.uid(), codered.caller_name(), create_override.override_type, create_override.target_type,
    create_override.target_id, create_override.reason)
  returning * into made;
  return to_jsonb(made);
end
$$;

comment on function codered.create_override(uuid, text, text, uuid, text) is
  'Writes down that the caller overruled an agent (agent_override) or its rejection (cynic_reject), of which agent run, task or run, and why. It opens no gate. Refuses CR002, CR003 (project retired), CR004 (no such project), CR007 (a target of another project).';

revoke execute on function codered.create_override from public;

grant execute on function codered.create_override to authenticated, service_role;

create or replace function codered.revoke_override(override_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.user_overrides;
begin
  select o.* into made from codered.user_overrides o where o.id = revoke_override.override_id;
  if not found then
    perform codered.refuse_missing('override', revoke_override.override_id::text);
  end if;
  if made.revoked_at is not null then
    return to_jsonb(made);
  end if;
  update codered.user_overrides o set revoked_at = now(), revoked_by = codered.caller_name() where o.id = made.id returning o.* into made;
  if not found then
    raise exception 'An override is revoked by whoever made it, or a maintainer of the organisation.' using errcode = 'CR008';
  end if;
  return to_jsonb(made);
end
$$;

comment on function codered.revoke_override(uuid) is
  'Takes an override back, for good; a gate that it opened is evaluated again. One that was taken back stays as it is. Refuses CR004, CR008 (neither one''s own nor a maintainer).';

revoke execute on function codered.revoke_override from public;

grant execute on function codered.revoke_override to authenticated, service_role;

create or replace function codered.list_overrides(
  project_id uuid, repository text default null, pull_request integer default null, batch integer default 50,
  before_created_at timestamptz default null, before_override uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_overrides.project_id);
  perform codered.check_batch('batch', list_overrides.batch);
  perform codered.check_place('before_override', num_nulls(list_overrides.before_created_at, list_overrides.before_override), 2);
  return (
    select coalesce(jsonb_agg(
      to_jsonb(o) || jsonb_build_object('repository', o.full_name, 'is_standing', o.revoked_at is null and (o.expires_at is null or o.expires_at > now()))
      order by o.created_at desc, o.id desc), '[]')
    from (
      select u.*, r.owner || '/' || r.name as full_name
      from codered.user_overrides u
      left join codered.repositories r on r.id = u.repository_id
      where u.project_id = list_overrides.project_id
        and (list_overrides.repository is null or lower(r.owner || '/' || r.name) = lower(list_overrides.repository))
        and (list_overrides.pull_request is null or u.pull_request_number = list_overrides.pull_request)
        and (list_overrides.before_override is null or (u.created_at, u.id) < (list_overrides.before_created_at, list_overrides.before_override))
      order by u.created_at desc, u.id desc
      limit list_overrides.batch + 1
    ) as o
  );
end
$$;

comment on function codered.list_overrides(uuid, text, integer, integer, timestamptz, uuid) is
  'The overrides of a project, or of a repository (owner/name) or pull request, newest first, those taken back too: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_overrides from public;

grant execute on function codered.list_overrides to authenticated, service_role;

create or replace function codered.require_artifact(artifact_id uuid)
returns codered.artifacts
language plpgsql
stable
set search_path = ''
as $$
declare
  artifact codered.artifacts;
begin
  select a.* into artifact
  from codered.artifacts a
  where a.id = require_artifact.artifact_id
    and (not codered.is_member_call() or a.project_id is null or a.project_id in (select codered.my_projects())
      or (select codered.is_operator()));
  if not found then
    perform codered.refuse_missing('artifact', require_artifact.artifact_id::text);
  end if;
  return artifact;
end
$$;

comment on function codered.require_artifact(uuid) is 'An artifact that the caller may see. Refuses CR004.';

revoke execute on function codered.require_artifact from public;

grant execute on function codered.require_artifact to authenticated, service_role;

create or replace function codered.list_artifacts(
  project_id uuid, run_id uuid default null, task_id uuid default null, kind text default null, batch integer default 50,
  before_created_at timestamptz default null, before_artifact uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_artifacts.project_id);
  perform codered.check_batch('batch', list_artifacts.batch);
  perform codered.check_place('before_artifact', num_nulls(list_artifacts.before_created_at, list_artifacts.before_artifact), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at desc, a.id desc), '[]')
    from (
      select b.*
      from codered.artifact_browser b
      where b.project_id = list_artifacts.project_id
        and (list_artifacts.run_id is null or b.run_id = list_artifacts.run_id)
        and (list_artifacts.task_id is null or b.task_id = list_artifacts.task_id)
        and (list_artifacts.kind is null or b.kind = list_artifacts.kind)
        and (list_artifacts.before_artifact is null or (b.created_at, b.id) < (list_artifacts.before_created_at, list_artifacts.before_artifact))
      order by b.created_at desc, b.id desc
      limit list_artifacts.batch + 1
    ) as a
  );
end
$$;

comment on function codered.list_artifacts(uuid, uuid, uuid, text, integer, timestamptz, uuid) is
  'The artifacts of a project that the caller may see, or of a run or task of it, newest first, without their content: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_artifacts from public;

grant execute on function codered.list_artifacts to authenticated, service_role;

create or replace function codered.read_artifact(artifact_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  artifact constant codered.artifacts := codered.require_artifact(read_artifact.artifact_id);
  most constant integer := 20000;
begin
  return to_jsonb(artifact) - '{content,storage_path}'::text[] || jsonb_build_object(
    'text', left(artifact.content, most),
    'text_left_out', greatest(0, coalesce(char_length(artifact.content), 0) - most),
    'has_content', artifact.content is not null or artifact.storage_path is not null);
end
$$;

comment on function codered.read_artifact(uuid) is
  'An artifact with the first 20,000 characters of what the row holds of it, and how many are left out. Refuses CR004.';

revoke execute on function codered.read_artifact from public;

grant execute on function codered.read_artifact to authenticated, service_role;

create or replace function codered.read_content(artifact_id uuid default null, spec_id uuid default null, has_body boolean default false)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  artifact codered.artifacts;
  spec codered.specs;
begin
  if num_nonnulls(read_content.artifact_id, read_content.spec_id) <> 1 then
    perform codered.refuse_value('artifact_id', 'null'::text, 'an artifact_id or a spec_id');
  end if;
  if read_content.artifact_id is not null then
    artifact := codered.require_artifact(read_content.artifact_id);
    return jsonb_build_object(
      'file_name', coalesce(artifact.file_name, artifact.kind), 'sha256', artifact.content_hash, 'size_bytes', artifact.size_bytes,
      'in_row', artifact.content is not null, 'storage_path', artifact.storage_path, 'url', coalesce(artifact.url, artifact.ref),
      'body', case when read_content.has_body then artifact.content end);
  end if;
  select s.* into spec from codered.specs s where s.id = read_content.spec_id;
  if not found then
    perform codered.refuse_missing('spec', read_content.spec_id::text);
  end if;
  return jsonb_build_object(
    'file_name', coalesce(regexp_replace(spec.storage_path, '^.*/', ''), 'spec'), 'sha256', spec.document_sha256,
    'size_bytes', spec.document_bytes, 'in_row', spec.content is not null,
    'storage_path', case when spec.object_stored_at is not null then spec.object_path end, 'url', null,
    'body', case when read_content.has_body then spec.content end);
end
$$;

comment on function codered.read_content(uuid, uuid, boolean) is
  'Where the content of an artifact, or the document of a spec, is: {file_name, sha256, size_bytes, in_row, storage_path, url, body: null unless has_body}. Refuses CR002, CR004.';

revoke execute on function codered.read_content from public;

grant execute on function codered.read_content to authenticated, service_role;

create or replace function codered.require_operator(what text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if codered.is_member_call() and not codered.is_operator() then
    raise exception '% is for operators of this deployment.', require_operator.what using errcode = 'CR008';
  end if;
end
$$;

comment on function codered.require_operator(text) is 'Nothing for an operator and the app; CR008 for everybody else.';

revoke execute on function codered.require_operator from public;

grant execute on function codered.require_operator to authenticated, service_role;

create or replace function codered.list_templates(
  template_type text default null, batch integer default 50, after_sort_order integer default null, after_slug text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_templates.batch);
  perform codered.check_place('after_slug', num_nulls(list_templates.after_sort_order, list_templates.after_slug), 2);
  return (
    select coalesce(jsonb_agg(
      to_jsonb(t) || jsonb_build_object('newest_version', (
        select jsonb_build_object('spec_id', s.id, 'version', s.version, 'published_at', s.published_at)
        from codered.specs s
        where s.template_id = t.id and s.published_at is not null and s.is_active
        order by s.published_at desc, s.id desc
        limit 1
      )) order by t.sort_order, t.slug collate "C"), '[]')
    from (
      select w.*
      from codered.workflow_templates w
      where (list_templates.template_type is null or w.type = list_templates.template_type)
        and (
          list_templates.after_slug is null
          or w.sort_order > list_templates.after_sort_order
          or (w.sort_order = list_templates.after_sort_order and w.slug collate "C" > list_templates.after_slug)
        )
      order by w.sort_order, w.slug collate "C"
      -- One more than asked for tells whether there are more.
      limit list_templates.batch + 1
    ) as t
  );
end
$$;

comment on function codered.list_templates(text, integer, integer, text) is
  'The templates that the caller may see, all or of one type, by sort_order, then slug, after a place in that order, each with its newest published version that they may see: one more than batch when there are more. Refuses CR002.';

revoke execute on function codered.list_templates from public;

grant execute on function codered.list_templates to authenticated, service_role;

create or replace function codered.read_template(template_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_template codered.workflow_templates;
begin
  select t.* into found_template from codered.workflow_templates t where t.id = read_template.template_id;
  if not found then
    perform codered.refuse_missing('template', read_template.template_id::text);
  end if;
  return to_jsonb(found_template);
end
$$;

comment on function codered.read_template(uuid) is 'A template. Refuses CR004.';

revoke execute on function codered.read_template from public;

grant execute on function codered.read_template to authenticated, service_role;

create or replace function codered.list_template_versions(
  template_id uuid, batch integer default 50, before_created_at timestamptz default null, before_spec uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.read_template(list_template_versions.template_id);
  perform codered.check_batch('batch', list_template_versions.batch);
  perform codered.check_place('before_spec', num_nulls(list_template_versions.before_created_at, list_template_versions.before_spec), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(s) - '{content,object_path}'::text[] order by s.created_at desc, s.id desc), '[]')
    from (
      select v.*
      from codered.specs v
      where v.template_id = list_template_versions.template_id
        and (
          list_template_versions.before_spec is null
          or (v.created_at, v.id) < (list_template_versions.before_created_at, list_template_versions.before_spec)
        )
      order by v.created_at desc, v.id desc
      limit list_template_versions.batch + 1
    ) as s
  );
end
$$;

comment on function codered.list_template_versions(uuid, integer, timestamptz, uuid) is
  'The versions of a template that the caller may see, drafts too, newest first, before a place in that order: one more than batch when there are more. Refuses CR002, CR004.';

revoke execute on function codered.list_template_versions from public;

grant execute on function codered.list_template_versions to authenticated, service_role;

create or replace function codered.create_template(template jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.workflow_templates;
begin
  perform codered.require_operator('To write templates');
  insert into codered.workflow_templates (
    slug, name, description, type, depth, tags, what_you_get, estimated_time, step_count, is_featured, is_active, sort_order, created_by)
  select
    w.slug, w.name, w.description, w.type, coalesce(w.depth, 'standard'), coalesce(w.tags, '{}'), coalesce(w.what_you_get, '[]'),
    w.estimated_time, w.step_count, coalesce(w.is_featured, false), coalesce(w.is_active, true), coalesce(w.sort_order, 0), auth.uid()
  from jsonb_populate_record(null::codered.workflow_templates, create_template.template) as w
  on conflict on constraint workflow_templates_slug_key do nothing
  returning * into made;
  if made.id is null then
    perform codered.refuse_state('workflow_templates.slug', create_template.template ->> 'slug', 'a slug that no template has');
  end if;
  return to_jsonb(made);
end
$$;

comment on function codered.create_template(jsonb) is
  'Makes a template; what is left out is as the table has it. Refuses CR002 (a value), CR003 (the slug is taken), CR008 (not an operator).';

revoke execute on function codered.create_template from public;

grant execute on function codered.create_template to authenticated, service_role;

create or replace function codered.update_template(template_id uuid, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.workflow_templates;
begin
  perform codered.read_template(update_template.template_id);
  perform codered.require_operator('To write templates');
  select t.* into made from codered.workflow_templates t where t.id = update_template.template_id for no key update;
  made := jsonb_populate_record(made, update_template.changes);
  update codered.workflow_templates t
  set (name, description, type, depth, tags, what_you_get, estimated_time, step_count, is_featured, is_active, sort_order)
    = (made.name, made.description, made.type, made.depth, made.tags, made.what_you_get, made.estimated_time, made.step_count,
      made.is_featured, made.is_active, made.sort_order)
  where t.id = update_template.template_id
  returning t.* into made;
  return to_jsonb(made);
end
$$;

comment on function codered.update_template(uuid, jsonb) is
  'Changes what changes names of a template, and nothing else; null empties. Its slug stays, by which it is known. Refuses CR002, CR004, CR008 (not an operator).';

revoke execute on function codered.update_template from public;

grant execute on function codered.update_template to authenticated, service_role;

create or replace function codered.create_template_version(
  template_id uuid, version text, copied_spec_id uuid default null, project_id uuid default null, spec jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  base codered.specs;
  made codered.specs;
begin
  perform codered.read_template(create_template_version.template_id);
  perform codered.require_operator('To write versions of templates');
  if create_template_version.project_id is not null then
    perform codered.require_project(create_template_version.project_id);
  end if;
  if create_template_version.copied_spec_id is not null then
    select s.* into base
    from codered.specs s
    where s.id = create_template_version.copied_spec_id and s.template_id = create_template_version.template_id;
    if not found then
      perform codered.refuse_missing('version of this template', create_template_version.copied_spec_id::text);
    end if;
  end if;
  base := jsonb_populate_record(base, create_template_version.spec);
  insert into codered.specs (
    template_id, project_id, version, intent_schema, stages, qa_config, output_guarantees, cost_profile, artifact_type, output_formats,
    visibility, created_by_user_id)
  values (
    create_template_version.template_id, create_template_version.project_id, create_template_version.version,
    coalesce(base.intent_schema, '[]'), coalesce(base.stages, '[]'), coalesce(base.qa_config, '{}'), coalesce(base.output_guarantees, '[]'),
    coalesce(base.cost_profile, '{}'), base.artifact_type, coalesce(base.output_formats, '{}'), coalesce(base.visibility, 'private'),
    auth.uid())
  on conflict on constraint specs_template_version_key do nothing
  returning * into made;
  if made.id is null then
    perform codered.refuse_state('specs.version', create_template_version.version, 'a version that the template does not have yet');
  end if;
  return to_jsonb(made) - '{content,object_path}'::text[];
end
$$;

comment on function codered.create_template_version(uuid, text, uuid, uuid, jsonb) is
  'Makes a draft of a template: of nothing, or of what another version of it (copied_spec_id) says, with what spec says instead. Refuses CR002, CR003 (the version is there, project retired), CR004 (no such template, version or project), CR008 (not an operator).';

revoke execute on function codered.create_template_version from public;

grant execute on function codered.create_template_version to authenticated, service_role;

create or replace function codered.read_spec(spec_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  spec codered.specs;
begin
  select s.* into spec from codered.specs s where s.id = read_spec.spec_id;
  if not found then
    perform codered.refuse_missing('spec', read_spec.spec_id::text);
  end if;
  return to_jsonb(spec) - 'object_path' || jsonb_build_object(
    'is_document_kept', spec.content is not null or spec.object_stored_at is not null,
    'sprints', coalesce((
      select jsonb_agg(to_jsonb(p) order by p.created_at desc, p.id desc)
      from (
        select t.* from codered.sprints t where t.spec_id = spec.id order by t.created_at desc, t.id desc limit 100
      ) as p
    ), '[]'),
    'problem', (
      select e.payload -> 'metadata' ->> 'problem'
      from codered.events e
      where e.project_id = spec.project_id and e.event_type = 'status.FAILED' and e.payload -> 'metadata' ->> 'spec_id' = spec.id::text
      order by e.created_at desc, e.id desc
      limit 1
    ));
end
$$;

comment on function codered.read_spec(uuid) is
  'A spec, or a version of a template: its document where the row holds it, up to 100 sprints that were planned on it, newest first, and the problem that kept one from being planned. Refuses CR004.';

revoke execute on function codered.read_spec from public;

grant execute on function codered.read_spec to authenticated, service_role;

create or replace function codered.update_template_version(spec_id uuid, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.specs;
begin
  perform codered.read_spec(update_template_version.spec_id);
  perform codered.require_operator('To write versions of templates');
  select s.* into made from codered.specs s where s.id = update_template_version.spec_id for no key update;
  if made.template_id is null then
    perform codered.refuse_state('specs.template_id', 'null', 'a version of a template');
  end if;
  made := jsonb_populate_record(made, update_template_version.changes);
  update codered.specs s
  set (version, intent_schema, stages, qa_config, output_guarantees, cost_profile, artifact_type, output_formats, is_active, visibility)
    = (made.version, made.intent_schema, made.stages, made.qa_config, made.output_guarantees, made.cost_profile, made.artifact_type,
      made.output_formats, made.is_active, made.visibility)
  where s.id = update_template_version.spec_id
  returning s.* into made;
  return to_jsonb(made) - '{content,object_path}'::text[];
end
$$;

comment on function codered.update_template_version(uuid, jsonb) is
  'Changes what changes names of a draft, and nothing else; of a published version is_active and visibility alone (CR003). Refuses CR002, CR004, CR008 (not an operator).';

revoke execute on function codered.update_template_version from public;

grant execute on function codered.update_template_version to authenticated, service_role;

create or replace function codered.list_specs(
  project_id uuid, repository text default null, branch text default null, batch integer default 50,
  before_created_at timestamptz default null, before_spec uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_specs.project_id);
  perform codered.check_batch('batch', list_specs.batch);
  perform codered.check_place('before_spec', num_nulls(list_specs.before_created_at, list_specs.before_spec), 2);
  return (
    select coalesce(jsonb_agg(
      to_jsonb(s) - '{content,object_path}'::text[] || jsonb_build_object(
        'is_document_kept', s.content is not null or s.object_stored_at is not null,
        'sprint', (
          select jsonb_build_object('id', p.id, 'label', p.label, 'state', p.state)
          from codered.sprints p
          where p.spec_id = s.id
          order by p.created_at desc, p.id desc
          limit 1
        ))
      order by s.created_at desc, s.id desc), '[]')
    from (
      select d.*
      from codered.specs d
      where d.project_id = list_specs.project_id
        and d.template_id is null
        and (list_specs.repository is null or lower(d.repo) = lower(list_specs.repository))
        and (list_specs.branch is null or d.branch = list_specs.branch)
        and (list_specs.before_spec is null or (d.created_at, d.id) < (list_specs.before_created_at, list_specs.before_spec))
      order by d.created_at desc, d.id desc
      limit list_specs.batch + 1
    ) as s
  );
end
$$;

comment on function codered.list_specs(uuid, text, text, integer, timestamptz, uuid) is
  'The spec documents of a project, or of a repository (owner/name) or branch of it, newest first, without their text, each with its newest sprint: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_specs from public;

grant execute on function codered.list_specs to authenticated, service_role;

create or replace function codered.upload_spec(
  project_id uuid, repository text, path text, content text, branch text default null, label text default null, dod jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  place codered.repositories;
  taken jsonb;
  caller constant text := coalesce(
    (select p.github_login from codered.profiles p where p.id = auth.uid()), 'account ' || auth.uid()::text, 'the app');
begin
  perform codered.require_project(upload_spec.project_id);
  select r.* into place
  from codered.repositories r
  where lower(r.owner || '/' || r.name) = lower(upload_spec.repository)
    and r.project_id = upload_spec.project_id
    and r.deleted_at is null
    and (not codered.is_member_call() or r.id in (select codered.my_repositories()));
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  if upload_spec.dod is not null and codered.is_member_call()
    and upload_spec.project_id not in (select codered.my_projects('maintainer'))
  then
    raise exception 'A Definition of Done holds pull requests: to plan a sprint is for maintainers of the organisation; hand the document in without dod, or push it to the branch.'
      using errcode = 'CR008';
  end if;
  taken := codered.take_spec_by_name(
    place.owner || '/' || place.name,
    jsonb_strip_nulls(jsonb_build_object(
      'branch', upload_spec.branch, 'storage_path', upload_spec.path, 'created_by', caller,
      -- The name that git gives this text in a repository of SHA-256: another text is another version of the spec.
      'sha', encode(sha256(convert_to('blob ' || octet_length(upload_spec.content), 'UTF8') || '\x00'::bytea
        || convert_to(upload_spec.content, 'UTF8')), 'hex'))),
    upload_spec.label, upload_spec.dod);
  perform codered.keep_spec_document((taken -> 'spec' ->> 'id')::uuid, jsonb_build_object('content', upload_spec.content));
  return jsonb_build_object('spec', taken -> 'spec', 'sprint', nullif(taken -> 'sprint', 'null'));
end
$$;

comment on function codered.upload_spec(uuid, text, text, text, text, text, jsonb) is
  'Takes a document of up to 262144 bytes in as a spec of a repository of the project, and plans a sprint on it when dod is given, which is for maintainers; returns {spec, sprint}, each with is_new. The same text again changes nothing. Refuses CR002, CR003 (project retired, a sprint that has begun), CR004 (no such project or repository), CR008. Security definer, because specs and sprints are the app''s to write.';

revoke execute on function codered.upload_spec from public;

grant execute on function codered.upload_spec to authenticated, service_role;

create or replace function codered.list_sprints(
  project_id uuid, spec_id uuid default null, state text default null, batch integer default 50,
  before_created_at timestamptz default null, before_sprint uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_sprints.project_id);
  perform codered.check_batch('batch', list_sprints.batch);
  perform codered.check_place('before_sprint', num_nulls(list_sprints.before_created_at, list_sprints.before_sprint), 2);
  return (
    select coalesce(jsonb_agg(
      to_jsonb(p) || jsonb_build_object('repository', s.repo, 'branch', s.branch, 'path', s.storage_path)
      order by p.created_at desc, p.id desc), '[]')
    from (
      select t.*
      from codered.sprints t
      where t.project_id = list_sprints.project_id
        and (list_sprints.spec_id is null or t.spec_id = list_sprints.spec_id)
        and (list_sprints.state is null or t.state = list_sprints.state)
        and (list_sprints.before_sprint is null or (t.created_at, t.id) < (list_sprints.before_created_at, list_sprints.before_sprint))
      order by t.created_at desc, t.id desc
      limit list_sprints.batch + 1
    ) as p
    join codered.specs s on s.id = p.spec_id
  );
end
$$;

comment on function codered.list_sprints(uuid, uuid, text, integer, timestamptz, uuid) is
  'The sprints of a project, or of a spec or in a state, newest first, each with where its spec stands: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_sprints from public;

grant execute on function codered.list_sprints to authenticated, service_role;

create or replace function codered.read_sprint(sprint_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  answer jsonb;
begin
  select
    to_jsonb(p) || jsonb_build_object(
      'repository', s.repo, 'branch', s.branch, 'path', s.storage_path,
      'runs', coalesce((
        select jsonb_agg(to_jsonb(r) order by r.created_at desc, r.id desc)
        from (
          select u.* from codered.runs u where u.sprint_id = p.id order by u.created_at desc, u.id desc limit 50
        ) as r
      ), '[]'))
  into answer
  from codered.sprints p
  join codered.specs s on s.id = p.spec_id
  where p.id = read_sprint.sprint_id;
  if not found then
    perform codered.refuse_missing('sprint', read_sprint.sprint_id::text);
  end if;
  return answer;
end
$$;

comment on function codered.read_sprint(uuid) is
  'A sprint with what it asks for, where its spec stands, and its 50 newest runs that the caller may see. Refuses CR004.';

revoke execute on function codered.read_sprint from public;

grant execute on function codered.read_sprint to authenticated, service_role;

create or replace function codered.read_gate(project_id uuid, repository text, pull_request integer default null, commit_sha text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  place codered.repositories;
  pull codered.pull_requests;
  sha text;
  run codered.runs;
  criteria jsonb;
begin
  perform codered.require_project(read_gate.project_id);
  select r.* into place
  from codered.repositories r
  where r.project_id = read_gate.project_id and lower(r.owner || '/' || r.name) = lower(read_gate.repository) and r.deleted_at is null;
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  if read_gate.pull_request is not null then
    select p.* into pull from codered.pull_requests p where p.repository_id = place.id and p.number = read_gate.pull_request;
    if not found then
      perform codered.refuse_missing('pull request', read_gate.pull_request::text);
    end if;
  elsif read_gate.commit_sha is null then
    perform codered.refuse_value('commit_sha', 'null'::text, 'a commit_sha or a pull_request');
  end if;
  sha := coalesce(read_gate.commit_sha, pull.head_sha);
  select r.* into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = sha and r.is_apps
  order by r.sprint_id is null, r.updated_at desc, r.created_at desc, r.id
  limit 1;
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', g.gate_id, 'name', g.gate_name, 'status', g.status, 'attempt_number', g.attempt_number, 'fail_codes', g.fail_codes,
      'found', g.validation_results -> 0, 'evaluated_at', g.updated_at)
    order by g.gate_order, g.gate_id), '[]')
  into criteria
  from (
    select distinct on (e.gate_id) e.*
    from codered.gate_executions e
    where e.run_id = run.id and e.phase = 'definition_of_done'
    order by e.gate_id, e.attempt_number desc
  ) as g
  -- What the policy asks for no more counts neither way.
  where g.status <> 'skipped';
  return jsonb_build_object(
    'repository', place.owner || '/' || place.name,
    'commit_sha', sha,
    'pull_request', case when pull.number is not null then jsonb_build_object(
      'number', pull.number, 'title', pull.title, 'state', pull.state, 'head_sha', pull.head_sha, 'base_ref', pull.base_ref,
      'html_url', pull.html_url) end,
    'run_id', run.id,
    'run_status', run.status,
    'is_observed', criteria @? '$[*].found ? (@.observed == true)',
    'criteria', criteria,
    'sprint', (select jsonb_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json, 'state', s.state)
      from codered.sprints s where s.id = run.sprint_id),
    'overrides', coalesce((
      select jsonb_agg(
        jsonb_build_object('id', o.id, 'criterion', o.criterion, 'user', o."user", 'reason', o.reason, 'expires_at', o.expires_at,
          'created_at', o.created_at)
        order by o.created_at desc, o.id)
      from (
        select u.*
        from codered.user_overrides u
        where u.repository_id = place.id
          and u.criterion is not null
          and u.revoked_at is null
          and (pull.number is null or u.pull_request_number = pull.number)
          and (u.commit_sha = sha or (u.commit_sha is null and u.expires_at > now() and pull.number is not null))
        order by u.created_at desc, u.id
        limit 100
      ) as o
    ), '[]'));
end
$$;

comment on function codered.read_gate(uuid, text, integer, text) is
  'What the gate found last of a commit, or of the head of a pull request: its run, each criterion in its newest attempt with what was found, the sprint that asks for it and the overrides that stand. run_id null: nothing was evaluated yet. Refuses CR002 (neither commit nor pull request), CR003 (project retired), CR004.';

revoke execute on function codered.read_gate from public;

grant execute on function codered.read_gate to authenticated, service_role;

create or replace function codered.count_test_days(test_id integer)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'passed', coalesce(sum(d.passed), 0), 'failed', coalesce(sum(d.failed), 0), 'flaky', coalesce(sum(d.flaky), 0),
    'skipped', coalesce(sum(d.skipped), 0), 'seconds', coalesce(sum(d.seconds), 0))
  from codered.test_day_counts d
  where d.test_id = count_test_days.test_id and d.day >= (now() at time zone 'utc')::date - 30
$$;

comment on function codered.count_test_days(integer) is
  'What a test did in the last 30 days: {passed, failed, flaky, skipped, seconds}; flaky: it passed in the end.';

revoke execute on function codered.count_test_days from public;

grant execute on function codered.count_test_days to authenticated, service_role;

create or replace function codered.list_tests(
  project_id uuid, repository text default null, status text default null, query text default null, batch integer default 50,
  after_test integer default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_tests.project_id);
  perform codered.check_batch('batch', list_tests.batch);
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', t.id, 'repository', t.owner || '/' || t.repository_name, 'suite', t.suite, 'name', t.name, 'file_path', t.file_path,
        'last_seen_on', t.last_seen_on, 'on_default_branch', t.last_status, 'changed_at', t.changed_at,
        'elsewhere', (select s.last_status from codered.test_states s where s.test_id = t.id and not s.on_default_branch))
        || codered.count_test_days(t.id)
      order by t.id), '[]')
    from (
      select x.*, r.owner, r.name as repository_name, s.last_status, s.changed_at
      from codered.repositories r
      join codered.tests x on x.repository_id = r.id
      left join codered.test_states s on s.test_id = x.id and s.on_default_branch
      where r.project_id = list_tests.project_id
        and r.deleted_at is null
        and (list_tests.repository is null or lower(r.owner || '/' || r.name) = lower(list_tests.repository))
        and (list_tests.status is null or s.last_status = list_tests.status)
        and (list_tests.query is null or strpos(lower(x.suite || ' ' || x.name), lower(list_tests.query)) > 0)
        and (list_tests.after_test is null or x.id > list_tests.after_test)
      order by x.id
      limit list_tests.batch + 1
    ) as t
  );
end
$$;

comment on function codered.list_tests(uuid, text, text, text, integer, integer) is
  'The tests of a project, or of a repository (owner/name), a last status on the default branch, or with words in suite or name, in the order in which they became known, with what they did in 30 days: one more than batch when there are more. Names are a stranger''s. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_tests from public;

grant execute on function codered.list_tests to authenticated, service_role;

create or replace function codered.read_test(test_id integer)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  answer jsonb;
begin
  select
    jsonb_build_object(
      'id', t.id, 'repository', r.owner || '/' || r.name, 'suite', t.suite, 'name', t.name, 'file_path', t.file_path,
      'last_seen_on', t.last_seen_on,
      'states', coalesce((
        select jsonb_agg(to_jsonb(s) order by s.on_default_branch desc) from codered.test_states s where s.test_id = t.id
      ), '[]'),
      'days', coalesce((
        select jsonb_agg(to_jsonb(d) order by d.day desc, d.on_default_branch desc)
        from (
          select c.day, c.on_default_branch, sum(c.passed) as passed, sum(c.failed) as failed, sum(c.flaky) as flaky,
            sum(c.skipped) as skipped, sum(c.seconds) as seconds
          from codered.test_day_counts c
          where c.test_id = t.id and c.day >= (now() at time zone 'utc')::date - 30
          group by c.day, c.on_default_branch
        ) as d
      ), '[]'),
      'results', coalesce((
        select jsonb_agg(to_jsonb(x) order by x.created_at desc, x.id)
        from (
          select q.id, q.status, q.is_flaky, q.commit_sha, q.run_attempt, q.duration_ms, left(q.message, 2000) as message, q.created_at
          from codered.test_results q
          where q.test_id = t.id
          order by q.created_at desc, q.id
          limit 20
        ) as x
      ), '[]'))
      || codered.count_test_days(t.id)
  into answer
  from codered.tests t
  join codered.repositories r on r.id = t.repository_id and r.deleted_at is null
  where t.id = read_test.test_id;
  if not found then
    perform codered.refuse_missing('test', read_test.test_id::text);
  end if;
  return answer;
end
$$;

comment on function codered.read_test(integer) is
  'A test: where it stands on the default branch and elsewhere, what it did on each day of the last 30, and its 20 newest results that are kept singly. Refuses CR004.';

revoke execute on function codered.read_test from public;

grant execute on function codered.read_test to authenticated, service_role;

create or replace function codered.list_flaky_tests(
  project_id uuid, repository text default null, batch integer default 50, after_commits integer default null,
  after_repository text default null, after_suite text default null, after_name text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_flaky_tests.project_id);
  perform codered.check_batch('batch', list_flaky_tests.batch);
  perform codered.check_place('after_name', num_nulls(list_flaky_tests.after_commits, list_flaky_tests.after_repository,
    list_flaky_tests.after_suite, list_flaky_tests.after_name), 4);
  return (
    select coalesce(jsonb_agg(to_jsonb(f) order by f.commits desc, f.repository collate "C", f.suite collate "C", f.name collate "C"), '[]')
    from (
      select r.owner || '/' || r.name as repository, t.suite, t.name, t.commits, t.runs, t.failures, t.last_failed_at
      from codered.repositories r
      join codered.flaky_tests t on t.repository_id = r.id
      where r.project_id = list_flaky_tests.project_id
        and r.deleted_at is null
        and (list_flaky_tests.repository is null or lower(r.owner || '/' || r.name) = lower(list_flaky_tests.repository))
        and (
          list_flaky_tests.after_name is null
          or (-t.commits, (r.owner || '/' || r.name) collate "C", t.suite collate "C", t.name collate "C")
            > (-list_flaky_tests.after_commits, list_flaky_tests.after_repository collate "C",
              list_flaky_tests.after_suite collate "C", list_flaky_tests.after_name collate "C")
        )
      order by t.commits desc, (r.owner || '/' || r.name) collate "C", t.suite collate "C", t.name collate "C"
      limit list_flaky_tests.batch + 1
    ) as f
  );
end
$$;

comment on function codered.list_flaky_tests(uuid, text, integer, integer, text, text, text) is
  'The tests of a project, or of a repository (owner/name), that in the last 30 days both passed and failed on one and the same commit, those that did so on most commits first: one more than batch when there are more. Names are a stranger''s. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_flaky_tests from public;

grant execute on function codered.list_flaky_tests to authenticated, service_role;

create or replace function codered.list_deployments(
  project_id uuid, repository text default null, environment text default null, status text default null, commit_sha text default null,
  batch integer default 50, before_started_at timestamptz default null, before_deployment uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_deployments.project_id);
  perform codered.check_batch('batch', list_deployments.batch);
  perform codered.check_place('before_deployment', num_nulls(list_deployments.before_started_at, list_deployments.before_deployment), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(d) order by d.started_at desc, d.id desc), '[]')
    from (
      select x.*, r.owner || '/' || r.name as repository
      from codered.deployments x
      join codered.repositories r on r.id = x.repository_id and r.deleted_at is null
      where x.project_id = list_deployments.project_id
        and (list_deployments.repository is null or lower(r.owner || '/' || r.name) = lower(list_deployments.repository))
        and (list_deployments.environment is null or x.environment = list_deployments.environment)
        and (list_deployments.status is null or x.status = list_deployments.status)
        and (list_deployments.commit_sha is null or x.commit_sha = list_deployments.commit_sha)
        and (
          list_deployments.before_deployment is null
          or (x.started_at, x.id) < (list_deployments.before_started_at, list_deployments.before_deployment)
        )
      order by x.started_at desc, x.id desc
      limit list_deployments.batch + 1
    ) as d
  );
end
$$;

comment on function codered.list_deployments(uuid, text, text, text, text, integer, timestamptz, uuid) is
  'The deployments of a project, or of a repository (owner/name), environment (dev, staging, prod), status or commit, newest first: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_deployments from public;

grant execute on function codered.list_deployments to authenticated, service_role;

create or replace function codered.read_deployment(deployment_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  answer jsonb;
begin
  select
    to_jsonb(d) || jsonb_build_object(
      'repository', r.owner || '/' || r.name,
      'run', (
        select jsonb_build_object('workflow_name', e.workflow_name, 'status', e.status, 'html_url', e.html_url)
        from codered.ci_events e where e.id = d.ci_event_id
      ),
      'statuses', coalesce((
        select jsonb_agg(to_jsonb(s) order by s.created_at desc, s.status_id desc)
        from (
          select t.* from codered.deployment_statuses t where t.deployment_id = d.id order by t.created_at desc, t.status_id desc limit 100
        ) as s
      ), '[]'))
  into answer
  from codered.deployments d
  join codered.repositories r on r.id = d.repository_id and r.deleted_at is null
  where d.id = read_deployment.deployment_id;
  if not found then
    perform codered.refuse_missing('deployment', read_deployment.deployment_id::text);
  end if;
  return answer;
end
$$;

comment on function codered.read_deployment(uuid) is
  'A deployment with the run that made it and its 100 newest statuses as GitHub sent them. Refuses CR004.';

revoke execute on function codered.read_deployment from public;

grant execute on function codered.read_deployment to authenticated, service_role;

create or replace function codered.read_dora(project_id uuid, weeks integer default 12)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(read_dora.project_id);
  if (read_dora.weeks between 1 and 104) is not true then
    perform codered.refuse_value('weeks', coalesce(read_dora.weeks::text, 'null'), '1 to 104');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(w) - 'project_id' order by w.week desc), '[]')
    from codered.dora_weekly w
    where w.project_id = read_dora.project_id
      and w.week > date_trunc('week', now() at time zone 'utc')::date - 7 * read_dora.weeks
  );
end
$$;

comment on function codered.read_dora(uuid, integer) is
  'dora_weekly of a project, newest week first, over so many weeks with the one that runs. Refuses CR002 (weeks 1 to 104), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.read_dora from public;

grant execute on function codered.read_dora to authenticated, service_role;

create or replace function codered.list_bug_patterns(
  project_id uuid default null, category text default null, query text default null, batch integer default 50,
  after_name text default null, after_pattern uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if list_bug_patterns.project_id is not null then
    perform codered.require_project(list_bug_patterns.project_id);
  end if;
  perform codered.check_batch('batch', list_bug_patterns.batch);
  perform codered.check_place('after_pattern', num_nulls(list_bug_patterns.after_name, list_bug_patterns.after_pattern), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.name collate "C", p.id), '[]')
    from (
      select b.*
      from codered.bug_patterns b
      where b.deleted_at is null
        and (b.project_id is null or b.project_id = list_bug_patterns.project_id)
        and (list_bug_patterns.category is null or b.category = list_bug_patterns.category)
        and (list_bug_patterns.query is null or strpos(lower(b.name || ' ' || b.root_cause), lower(list_bug_patterns.query)) > 0)
        and (
          list_bug_patterns.after_pattern is null
          or (b.name collate "C", b.id) > (list_bug_patterns.after_name collate "C", list_bug_patterns.after_pattern)
        )
      order by b.name collate "C", b.id
      limit list_bug_patterns.batch + 1
    ) as p
  );
end
$$;

comment on function codered.list_bug_patterns(uuid, text, text, integer, text, uuid) is
  'The patterns that failures are known by: everybody''s, and with a project its own too, by name: one more than batch when there are more. Refuses CR002, CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_bug_patterns from public;

grant execute on function codered.list_bug_patterns to authenticated, service_role;

create or replace function codered.read_bug_pattern(pattern_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  pattern codered.bug_patterns;
begin
  select b.* into pattern from codered.bug_patterns b where b.id = read_bug_pattern.pattern_id and b.deleted_at is null;
  if not found then
    perform codered.refuse_missing('pattern', read_bug_pattern.pattern_id::text);
  end if;
  return to_jsonb(pattern);
end
$$;

comment on function codered.read_bug_pattern(uuid) is
  'A pattern: how a failure is known by it, its cause and fix, how many failures it matched and when the last. Refuses CR004.';

revoke execute on function codered.read_bug_pattern from public;

grant execute on function codered.read_bug_pattern to authenticated, service_role;

create or replace function codered.find_similar_patterns(query_embedding jsonb, match_count integer default 10, filter_type text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  place constant text := (
    select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
  );
  answer jsonb;
begin
  if place is null then
    perform codered.refuse_state('pgvector', 'missing', 'a database with the extension vector');
  end if;
  if jsonb_typeof(find_similar_patterns.query_embedding) is distinct from 'array'
    or jsonb_array_length(find_similar_patterns.query_embedding) <> 1536
    or find_similar_patterns.query_embedding @? 'strict $[*] ? (@.type() != "number")'
  then
    perform codered.refuse_value('query_embedding', left(coalesce(find_similar_patterns.query_embedding::text, 'null'), 80), '1536 numbers');
  end if;
  execute format(
    'select coalesce(jsonb_agg(to_jsonb(m)), ''[]'') from codered.match_patterns($1::%I.vector, $2, $3) as m', place)
    into answer
    using find_similar_patterns.query_embedding::text, find_similar_patterns.match_count, find_similar_patterns.filter_type;
  return answer;
end
$$;

comment on function codered.find_similar_patterns(jsonb, integer, text) is
  'As match_patterns, with the vector as a JSON array of numbers, and in words where the database has no pgvector (CR003). Refuses CR002.';

revoke execute on function codered.find_similar_patterns from public;

grant execute on function codered.find_similar_patterns to authenticated, service_role;

create or replace function codered.project_of(arguments jsonb)
returns uuid
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (arguments ->> 'project_id')::uuid,
    (select t.project_id from codered.tasks t where t.id = (arguments ->> 'task_id')::uuid),
    (select j.project_id from codered.agent_jobs j where j.id = (arguments ->> 'job_id')::uuid),
    (select r.project_id from codered.runs r where r.id = (arguments ->> 'run_id')::uuid),
    (select s.project_id from codered.specs s where s.id = (arguments ->> 'spec_id')::uuid),
    (select s.project_id from codered.sprints s where s.id = (arguments ->> 'sprint_id')::uuid),
    (select a.project_id from codered.artifacts a where a.id = (arguments ->> 'artifact_id')::uuid),
    (select o.project_id from codered.user_overrides o where o.id = (arguments ->> 'override_id')::uuid),
    (select d.project_id from codered.deployments d where d.id = (arguments ->> 'deployment_id')::uuid),
    (
      select r.project_id
      from codered.tests t
      join codered.repositories r on r.id = t.repository_id
      where t.id = (arguments ->> 'test_id')::integer
    ),
    (select b.project_id from codered.bug_patterns b where b.id = (arguments ->> 'pattern_id')::uuid))
$$;

comment on function codered.project_of(jsonb) is 'The project that the arguments of an operation are about; null when they are about none. Called by call_as_once and refuse_unchecked.';

revoke execute on function codered.project_of from public;

grant execute on function codered.project_of to service_role;

create or replace function codered.refuse_unchecked(user_id uuid, name text, arguments jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  project uuid;
  since timestamptz;
begin
  -- What is about oneself alone leaves nothing out.
  if refuse_unchecked.name = 'my_profile' or not exists (select from codered.access_checks c where c.user_id = refuse_unchecked.user_id) then
    return;
  end if;
  project := codered.project_of(refuse_unchecked.arguments);
  -- What is not there is said by the operation itself, in the words for what is not theirs.
  if project is null and jsonb_strip_nulls(refuse_unchecked.arguments) ?| '{project_id,task_id,job_id,run_id,spec_id,sprint_id,artifact_id,override_id,deployment_id,test_id,pattern_id}' then
    return;
  end if;
  if codered.has_unchecked(refuse_unchecked.user_id, project) then
    select c.checked_at into since from codered.access_checks c where c.user_id = refuse_unchecked.user_id;
    raise exception 'What you may see is what GitHub lets you see, and GitHub could not be asked since %.', coalesce(to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'you signed in')
      using errcode = 'CR010', detail = jsonb_build_object('checked_at', since)::text;
  end if;
end
$$;

comment on function codered.refuse_unchecked(uuid, text, jsonb) is
  'Refuses (CR010) what would leave something out only because GitHub was not asked within the hour: an operation about a project of which something private is hidden for that, or about no project when anything is. Called by call_as and call_as_once.';

revoke execute on function codered.refuse_unchecked from public;

grant execute on function codered.refuse_unchecked to service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'add_artifact' then return to_jsonb(codered.add_artifact(artifact => arguments -> 'artifact'));
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_override' then return to_jsonb(codered.create_override(project_id => (arguments ->> 'project_id')::uuid, override_type => arguments ->> 'override_type', target_type => arguments ->> 'target_type', target_id => (arguments ->> 'target_id')::uuid, reason => arguments ->> 'reason'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'create_template' then return to_jsonb(codered.create_template(template => arguments -> 'template'));
    when 'create_template_version' then return to_jsonb(codered.create_template_version(template_id => (arguments ->> 'template_id')::uuid, version => arguments ->> 'version', copied_spec_id => (arguments ->> 'copied_spec_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, spec => coalesce(arguments -> 'spec', '{}'::jsonb)));
    when 'decide_stage' then return to_jsonb(codered.decide_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', is_approved => (arguments ->> 'is_approved')::boolean, reason => arguments ->> 'reason'));
    when 'find_similar_patterns' then return to_jsonb(codered.find_similar_patterns(query_embedding => arguments -> 'query_embedding', match_count => coalesce((arguments ->> 'match_count')::integer, 10), filter_type => arguments ->> 'filter_type'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_artifacts' then return to_jsonb(codered.list_artifacts(project_id => (arguments ->> 'project_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, kind => arguments ->> 'kind', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_artifact => (arguments ->> 'before_artifact')::uuid));
    when 'list_bug_patterns' then return to_jsonb(codered.list_bug_patterns(project_id => (arguments ->> 'project_id')::uuid, category => arguments ->> 'category', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_pattern => (arguments ->> 'after_pattern')::uuid));
    when 'list_deployments' then return to_jsonb(codered.list_deployments(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', environment => arguments ->> 'environment', status => arguments ->> 'status', commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_started_at => (arguments ->> 'before_started_at')::timestamp with time zone, before_deployment => (arguments ->> 'before_deployment')::uuid));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_flaky_tests' then return to_jsonb(codered.list_flaky_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', batch => coalesce((arguments ->> 'batch')::integer, 50), after_commits => (arguments ->> 'after_commits')::integer, after_repository => arguments ->> 'after_repository', after_suite => arguments ->> 'after_suite', after_name => arguments ->> 'after_name'));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_overrides' then return to_jsonb(codered.list_overrides(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_override => (arguments ->> 'before_override')::uuid));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_run_events' then return to_jsonb(codered.list_run_events(run_id => (arguments ->> 'run_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_runs' then return to_jsonb(codered.list_runs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', spec_id => (arguments ->> 'spec_id')::uuid, sprint_id => (arguments ->> 'sprint_id')::uuid, pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_specs' then return to_jsonb(codered.list_specs(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', branch => arguments ->> 'branch', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_sprints' then return to_jsonb(codered.list_sprints(project_id => (arguments ->> 'project_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_sprint => (arguments ->> 'before_sprint')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'list_template_versions' then return to_jsonb(codered.list_template_versions(template_id => (arguments ->> 'template_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_templates' then return to_jsonb(codered.list_templates(template_type => arguments ->> 'template_type', batch => coalesce((arguments ->> 'batch')::integer, 50), after_sort_order => (arguments ->> 'after_sort_order')::integer, after_slug => arguments ->> 'after_slug'));
    when 'list_tests' then return to_jsonb(codered.list_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', status => arguments ->> 'status', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_test => (arguments ->> 'after_test')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'override_stage' then return to_jsonb(codered.override_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', reason => arguments ->> 'reason', override_type => coalesce(arguments ->> 'override_type', 'agent_override'::text)));
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'publish_spec' then return to_jsonb(codered.publish_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_artifact' then return to_jsonb(codered.read_artifact(artifact_id => (arguments ->> 'artifact_id')::uuid));
    when 'read_attempt' then return to_jsonb(codered.read_attempt(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', attempt_number => (arguments ->> 'attempt_number')::integer));
    when 'read_bug_pattern' then return to_jsonb(codered.read_bug_pattern(pattern_id => (arguments ->> 'pattern_id')::uuid));
    when 'read_content' then return to_jsonb(codered.read_content(artifact_id => (arguments ->> 'artifact_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, has_body => coalesce((arguments ->> 'has_body')::boolean, false)));
    when 'read_deployment' then return to_jsonb(codered.read_deployment(deployment_id => (arguments ->> 'deployment_id')::uuid));
    when 'read_dora' then return to_jsonb(codered.read_dora(project_id => (arguments ->> 'project_id')::uuid, weeks => coalesce((arguments ->> 'weeks')::integer, 12)));
    when 'read_gate' then return to_jsonb(codered.read_gate(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha'));
    when 'read_intent' then return to_jsonb(codered.read_intent(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent'));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_run' then return to_jsonb(codered.read_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'read_spec' then return to_jsonb(codered.read_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_sprint' then return to_jsonb(codered.read_sprint(sprint_id => (arguments ->> 'sprint_id')::uuid));
    when 'read_template' then return to_jsonb(codered.read_template(template_id => (arguments ->> 'template_id')::uuid));
    when 'read_test' then return to_jsonb(codered.read_test(test_id => (arguments ->> 'test_id')::integer));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'revoke_override' then return to_jsonb(codered.revoke_override(override_id => (arguments ->> 'override_id')::uuid));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'start_workflow_run' then return to_jsonb(codered.start_workflow_run(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent', project_id => (arguments ->> 'project_id')::uuid, display_name => arguments ->> 'display_name'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes'));
    when 'update_template' then return to_jsonb(codered.update_template(template_id => (arguments ->> 'template_id')::uuid, changes => arguments -> 'changes'));
    when 'update_template_version' then return to_jsonb(codered.update_template_version(spec_id => (arguments ->> 'spec_id')::uuid, changes => arguments -> 'changes'));
    when 'upload_spec' then return to_jsonb(codered.upload_spec(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', path => arguments ->> 'path', content => arguments ->> 'content', branch => arguments ->> 'branch', label => arguments ->> 'label', dod => arguments -> 'dod'));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
