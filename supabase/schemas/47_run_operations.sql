-- What people do with runs and artifacts: lists, reads, the decisions that a workflow leaves to a person, and their overrides.

create function codered.require_run(run_id uuid)
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

create function codered.list_runs(
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

create function codered.read_run(run_id uuid)
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

create function codered.read_attempt(run_id uuid, gate_id text, attempt_number integer default null)
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

create function codered.list_run_events(run_id uuid, batch integer default 50, before_id bigint default null)
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

create function codered.read_intent(spec_id uuid, intent jsonb)
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

create function codered.caller_name()
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

create function codered.decide_stage(run_id uuid, gate_id text, is_approved boolean, reason text)
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

create function codered.override_stage(run_id uuid, gate_id text, reason text, override_type text default 'agent_override')
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

create function codered.create_override(
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

create function codered.revoke_override(override_id uuid)
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

create function codered.list_overrides(
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

create function codered.require_artifact(artifact_id uuid)
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

create function codered.list_artifacts(
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

create function codered.read_artifact(artifact_id uuid)
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

create function codered.read_content(artifact_id uuid default null, spec_id uuid default null, has_body boolean default false)
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
