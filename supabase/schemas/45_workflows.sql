-- Runs that members start from a workflow's template.

create function codered.intent_problems(intent_schema jsonb, intent jsonb)
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

create function codered.fill_intent(intent_schema jsonb, intent jsonb)
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

create function codered.prepare_run()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
begin
  select s.* into spec from codered.specs s where s.id = new.spec_id;
  if not found then
    perform codered.refuse_missing('spec', new.spec_id::text);
  end if;
  if spec.published_at is null or not spec.is_active then
    perform codered.refuse_state('specs.published_at', case when spec.published_at is null then 'null' else 'is_active = false' end,
      'a published, active spec to run');
  end if;
  new.project_id := coalesce(new.project_id, spec.project_id);
  if spec.project_id is distinct from new.project_id and spec.project_id is not null then
    raise exception 'runs.spec_id is "%": there is no such row of specs in this project.', new.spec_id
      using errcode = 'CR007', table = 'runs', column = 'spec_id';
  end if;
  if new.sprint_id is not null or new.repository_id is not null then
    return new;
  end if;
  if spec.stages = '[]' then
    perform codered.refuse_state('specs.stages', '[]', 'a spec with stages, to run it as a workflow');
  end if;
  new.intent := codered.fill_intent(spec.intent_schema, new.intent);
  new.project_slug := coalesce(
    new.project_slug,
    (
      select string_agg(part.word, '-' order by part.place)
      from (
        select
          f.ordinality as place,
          left(btrim(regexp_replace(lower(new.intent ->> (f.value ->> 'field')), '[^a-z0-9]+', '-', 'g'), '-'), 60) as word
        from jsonb_array_elements(spec.intent_schema) with ordinality f
        where f.value ->> 'type' in ('string', 'enum')
        order by f.ordinality
        limit 2
      ) part
      where part.word <> ''
    ) || to_char(now() at time zone 'utc', '-YYYYMMDD'),
    to_char(now() at time zone 'utc', '"run-"YYYYMMDD'));
  new.display_name := coalesce(
    new.display_name,
    (
      select nullif(left(upper(left(text.value, 1)) || substr(text.value, 2), 500), '')
      from (
        select new.intent ->> (f.value ->> 'field') as value
        from jsonb_array_elements(spec.intent_schema) with ordinality f
        where f.value ->> 'type' = 'string'
        order by f.ordinality
        limit 1
      ) text
    ),
    (select t.name from codered.workflow_templates t where t.id = spec.template_id),
    spec.storage_path);
  return new;
end
$$;
comment on function codered.prepare_run() is
  'Before a run of a spec: the spec has to be published, active and visible (CR003, CR004) and of the same project (CR007); for a workflow run the intent is checked and filled (CR002), project_slug and display_name are made.';
revoke execute on function codered.prepare_run from public;

create trigger runs_prepare before insert on codered.runs
  for each row when (new.spec_id is not null) execute function codered.prepare_run();

create function codered.make_stage_gates()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.make_gates(m.id, (
    select jsonb_agg(jsonb_build_object(
      'gate_id', stage.value ->> 'id',
      'gate_name', stage.value ->> 'name',
      'phase', stage.value ->> 'type',
      'gate_order', coalesce((stage.value ->> 'order')::integer, stage.ordinality::integer),
      'agent_slug', stage.value ->> 'agent',
      'model_id', stage.value ->> 'model_id',
      'max_attempts', (stage.value ->> 'max_attempts')::integer))
    from jsonb_array_elements(s.stages) with ordinality stage
  ))
  from made m
  join codered.specs s on s.id = m.spec_id
  where m.sprint_id is null and m.repository_id is null and m.status = 'pending';
  return null;
end
$$;
comment on function codered.make_stage_gates() is
  'After a workflow run is made: one pending gate for each stage of its spec. Security definer, because gates are not for members to write.';
revoke execute on function codered.make_stage_gates from public;

create trigger runs_stage_gates after insert on codered.runs
  referencing new table as made for each statement execute function codered.make_stage_gates();

create function codered.start_workflow_run(spec_id uuid, intent jsonb, project_id uuid default null, display_name text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  new_id constant uuid := gen_random_uuid();
begin
  if start_workflow_run.project_id is not null
    and not exists (select from codered.projects p where p.id = start_workflow_run.project_id)
  then
    perform codered.refuse_missing('project', start_workflow_run.project_id::text);
  end if;
  if start_workflow_run.spec_id is null then
    perform codered.refuse_missing('spec', null);
  end if;
  if auth.uid() is null and start_workflow_run.project_id is null
    and not exists (select from codered.specs s where s.id = start_workflow_run.spec_id and s.project_id is not null)
  then
    perform codered.refuse_value('runs.project_id', 'null'::text, 'a project, when nobody is signed in whose run it could be');
  end if;
  -- Whoever claims for them has all of these looked at.
  if auth.uid() is not null and (
    select count(*) from (
      select from codered.runs r
      where r.user_id = auth.uid() and r.status in ('pending', 'running', 'paused') and r.sprint_id is null
      limit 1000) as mine) >= 1000
  then
    raise exception 'You have 1000 runs that are not over: cancel those that nobody needs.' using errcode = 'CR003';
  end if;
  insert into codered.runs (id, spec_id, project_id, user_id, intent, display_name)
  values (
    new_id, start_workflow_run.spec_id, start_workflow_run.project_id, auth.uid(), start_workflow_run.intent,
    start_workflow_run.display_name);
  -- Read again: its gates have been made and counted since.
  return (select to_jsonb(r) from codered.runs r where r.id = new_id);
end
$$;
comment on function codered.start_workflow_run(uuid, jsonb, uuid, text) is
  'Makes a pending run of a published, active spec under the caller''s name, with one pending gate for each stage, and returns its row. CR002: a field of the intent; CR003: the spec cannot be run, or the caller has 1000 runs that are not over; CR004: no such spec or project; CR007: the spec of another project.';
revoke execute on function codered.start_workflow_run from public;
grant execute on function codered.start_workflow_run to authenticated, service_role;

create function codered.lock_own_run(run_id uuid)
returns codered.runs
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := auth.uid();
  run codered.runs;
begin
  if codered.is_member_call() then
    select r.* into run from codered.runs r where r.id = lock_own_run.run_id;
    if not found
      or not coalesce(
        -- Whoever left the organisation has nothing to do there any more.
        run.user_id = caller and (run.project_id is null or run.project_id in (select codered.my_projects()))
          or run.is_apps and run.project_id in (select codered.my_projects())
            and (run.repository_id is null or run.repository_id in (select codered.my_repositories()))
          or (select codered.is_operator()),
        false)
    then
      perform codered.refuse_missing('run', lock_own_run.run_id::text);
    end if;
    if run.user_id is distinct from caller or caller is null then
      raise exception 'The run % is not yours; allowed: whoever started it.', run.id using errcode = 'CR008';
    end if;
  end if;
  return codered.lock_run(lock_own_run.run_id);
end
$$;
comment on function codered.lock_own_run(uuid) is
  'As lock_run, and a member only gets what they started themselves (CR008), in the words for what is not there when they may not even see it (CR004). Security definer, because to lock a row one has to be allowed to write it.';
revoke execute on function codered.lock_own_run from public;

create function codered.recompute_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
begin
  select r.* into run from codered.runs r where r.id = recompute_run.run_id;
  if run.status = 'running' and run.gates_passed = run.total_gates and run.sprint_id is null and run.repository_id is null then
    update codered.runs r set status = 'completed', current_gate = null where r.id = run.id returning * into run;
  end if;
  return run;
end
$$;
comment on function codered.recompute_run(uuid) is 'Completes a workflow run that runs and has passed its last gate, and returns its row.';
revoke execute on function codered.recompute_run from public;
grant execute on function codered.recompute_run to service_role;

create function codered.pause_run(run_id uuid, reason text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(pause_run.run_id);
begin
  if coalesce(btrim(pause_run.reason), '') = '' then
    perform codered.refuse_value('runs.pause_reason', coalesce(pause_run.reason, 'null'), '1 to 2000 characters');
  end if;
  if run.status = 'paused' and run.pause_reason = pause_run.reason then
    return to_jsonb(run);
  end if;
  if run.status <> 'running' then
    perform codered.refuse_state('runs.status', run.status, 'running, to pause it');
  end if;
  update codered.runs r set status = 'paused', pause_reason = pause_run.reason where r.id = run.id returning * into run;
  return to_jsonb(run);
end
$$;
comment on function codered.pause_run(uuid, text) is
  'Pauses a run, one''s own for a member, and returns its row; a gate that is running may still be finished. CR002: no reason; CR003, CR004, CR008. Security definer, because the status is nobody''s to write freely.';
revoke execute on function codered.pause_run from public;
grant execute on function codered.pause_run to authenticated, service_role;

create function codered.resume_run(run_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(resume_run.run_id);
begin
  if run.status <> 'paused' then
    perform codered.refuse_state('runs.status', run.status, 'paused, to resume it');
  end if;
  update codered.runs r set status = 'running' where r.id = run.id;
  if run.sprint_id is null and run.repository_id is null then
    perform codered.make_gates(run.id, (
      select jsonb_agg(to_jsonb(g))
      from (
        select distinct on (e.gate_id)
          e.gate_id, e.gate_name, e.phase, e.gate_order, e.agent_slug, e.model_id, e.max_attempts, e.status
        from codered.gate_executions e
        where e.run_id = run.id
        order by e.gate_id, e.attempt_number desc
      ) g
      where g.status in ('failed', 'missing', 'error')
    ));
  end if;
  return to_jsonb(codered.recompute_run(run.id));
end
$$;
comment on function codered.resume_run(uuid) is
  'Lets a paused run, one''s own for a member, go on, and returns its row; a gate of a workflow run that has failed for good gets one more attempt. CR003, CR004, CR008. Security definer, because status and gates are nobody''s to write freely.';
revoke execute on function codered.resume_run from public;
grant execute on function codered.resume_run to authenticated, service_role;

create function codered.cancel_run(run_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  run codered.runs := codered.lock_own_run(cancel_run.run_id);
begin
  if run.status = 'cancelled' then
    return to_jsonb(run);
  end if;
  if run.status not in ('pending', 'running', 'paused') then
    perform codered.refuse_state('runs.status', run.status, 'pending, running or paused, to cancel it');
  end if;
  perform codered.close_gates(run.id, 'RUN_CANCELLED');
  update codered.runs r set status = 'cancelled' where r.id = run.id returning * into run;
  return to_jsonb(run);
end
$$;
comment on function codered.cancel_run(uuid) is
  'Cancels a run that is not over, one''s own for a member, and returns its row; a gate that is running ends in error with RUN_CANCELLED. Called again it changes nothing. CR003, CR004, CR008. Security definer, because the status is nobody''s to write freely.';
revoke execute on function codered.cancel_run from public;
grant execute on function codered.cancel_run to authenticated, service_role;
