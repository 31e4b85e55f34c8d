-- Specs and sprints: take a document in, plan a sprint on it, publish a version for good. Old workers survive it.

create function codered.check_fields(what text, given jsonb, fields jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  known constant text := (select string_agg(f, ', ' order by f) from jsonb_object_keys(check_fields.fields) f);
  wrong record;
begin
  if jsonb_typeof(given) is distinct from 'object' then
    perform codered.refuse_value(what, coalesce(given::text, 'null'), 'an object of ' || known);
  end if;
  select
    g.key,
    g.value #>> '{}' as value,
    case f.value
      when 'uuid' then 'a UUID'
      when 'text' then 'text'
      when 'texts' then 'a list of texts'
      when 'integer' then 'a whole number'
      when 'bigint' then 'a whole number'
      when 'usd' then 'US dollars, 0 to 99999999'
      when 'array' then 'a JSON array'
      when 'object' then 'a JSON object'
      else 'the keys ' || known
    end as allowed
  into wrong
  from jsonb_each(given) g
  left join jsonb_each_text(fields) f on f.key = g.key
  where not coalesce(
    f.key is not null and jsonb_typeof(g.value) = 'null'
      or case
        when f.value = 'uuid' then
          jsonb_typeof(g.value) = 'string' and g.value #>> '{}' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        when f.value = 'text' then jsonb_typeof(g.value) in ('string', 'number')
        when f.value = 'texts' then jsonb_typeof(g.value) = 'array' and not g.value @? 'strict $[*] ? (@.type() != "string")'
        when f.value in ('array', 'object') then jsonb_typeof(g.value) = f.value
        when jsonb_typeof(g.value) <> 'number' then false
        when f.value = 'usd' then g.value::numeric between 0 and 99999999
        when f.value = 'integer' then
          g.value::numeric = trunc(g.value::numeric) and g.value::numeric between -2147483648 and 2147483647
        when f.value = 'bigint' then
          g.value::numeric = trunc(g.value::numeric) and g.value::numeric between -9223372036854775808 and 9223372036854775807
      end,
    false)
  order by g.key
  limit 1;
  if found then
    perform codered.refuse_value(what || '.' || left(wrong.key, 80), coalesce(wrong.value, 'null'), wrong.allowed);
  end if;
  return true;
end
$$;
comment on function codered.check_fields(text, jsonb, jsonb) is
  'True when the object has known keys with fitting values only (null is taken for left out); raises CR002 with key, value and what is allowed. fields: {"<key>": "uuid|text|texts|integer|bigint|usd|array|object"}.';

revoke execute on function codered.check_fields(text, jsonb, jsonb) from public;
grant execute on function codered.check_fields(text, jsonb, jsonb) to authenticated, service_role;

-- What a version promises: the fields of its intent and its stages have to be such that a run can be made of them.

create function codered.fits_field(field jsonb, value jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    case fits_field.field ->> 'type'
      when 'string' then jsonb_typeof(fits_field.value) = 'string'
        and (fits_field.field -> 'required' is distinct from 'true' or btrim(fits_field.value #>> '{}') <> '')
      when 'enum' then jsonb_typeof(fits_field.value) in ('string', 'number', 'boolean')
        and fits_field.field -> 'options' @> fits_field.value
      when 'number' then jsonb_typeof(fits_field.value) = 'number'
      when 'integer' then jsonb_typeof(fits_field.value) = 'number' and fits_field.value::text ~ '^-?[0-9]+$'
      when 'boolean' then jsonb_typeof(fits_field.value) = 'boolean'
    end,
    false)
$$;
comment on function codered.fits_field(jsonb, jsonb) is 'Whether a value is what a field of an intent_schema asks for.';

create function codered.describe_field(field jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select case describe_field.field ->> 'type'
    when 'string' then case when describe_field.field -> 'required' = 'true' then 'text that is not blank' else 'text' end
    when 'enum' then (
      select string_agg(o.value #>> '{}', ', ' order by o.ordinality)
      from jsonb_array_elements(describe_field.field -> 'options') with ordinality o
    )
    when 'number' then 'a number'
    when 'integer' then 'a whole number'
    else 'true or false'
  end
$$;
comment on function codered.describe_field(jsonb) is 'What a field of an intent_schema takes, in words.';

create function codered.accept_intent_schema(intent_schema jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  field jsonb;
  seen text[] := '{}';
  allowed text;
begin
  for field in select * from jsonb_array_elements(accept_intent_schema.intent_schema) loop
    allowed := case
      when coalesce(field ->> 'field', '') !~ '^[A-Za-z][A-Za-z0-9_]{0,99}$' then 'a field name of letters, digits and _'
      when field ->> 'field' = any (seen) then 'each field once'
      when not coalesce(field ->> 'type' in ('string', 'enum', 'number', 'integer', 'boolean'), false)
        then 'the types string, enum, number, integer, boolean'
      when field ->> 'type' = 'enum' and (jsonb_typeof(field -> 'options') is distinct from 'array' or field -> 'options' = '[]')
        then 'options for an enum'
      when coalesce(jsonb_typeof(field -> 'default'), 'null') <> 'null' and not codered.fits_field(field, field -> 'default')
        then 'a default that the field itself takes'
    end;
    if allowed is not null then
      perform codered.refuse_value('specs.intent_schema', field::text, allowed);
    end if;
    seen := seen || (field ->> 'field');
  end loop;
  return true;
end
$$;
comment on function codered.accept_intent_schema(jsonb) is
  'True when every element is {field, type, required, options, default, …} that an intent can be checked by; raises CR002 otherwise.';

create function codered.accept_stages(stages jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  stage jsonb;
  seen text[] := '{}';
  allowed text;
begin
  for stage in select * from jsonb_array_elements(accept_stages.stages) loop
    allowed := case
      when char_length(coalesce(stage ->> 'id', '')) not between 1 and 200 then 'an id of 1 to 200 characters'
      when stage ->> 'id' = any (seen) then 'each id once'
      when char_length(coalesce(stage ->> 'name', 'x')) not between 1 and 500 then 'a name of 1 to 500 characters'
      when stage ->> 'order' is not null and stage ->> 'order' !~ '^[0-9]{1,6}$' then 'an order from 0 to 999999'
      when stage ->> 'max_attempts' is not null and stage ->> 'max_attempts' !~ '^([1-9][0-9]?|100)$' then 'max_attempts from 1 to 100'
    end;
    if allowed is not null then
      perform codered.refuse_value('specs.stages', stage::text, allowed);
    end if;
    seen := seen || (stage ->> 'id');
  end loop;
  return true;
end
$$;
comment on function codered.accept_stages(jsonb) is 'True when a gate can be made of every stage; raises CR002 otherwise.';

revoke execute on function codered.fits_field(jsonb, jsonb), codered.describe_field(jsonb), codered.accept_intent_schema(jsonb),
  codered.accept_stages(jsonb) from public;
grant execute on function codered.fits_field(jsonb, jsonb), codered.describe_field(jsonb), codered.accept_intent_schema(jsonb),
  codered.accept_stages(jsonb) to authenticated, service_role;

create function codered.keep_published_spec()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  free constant text[] := '{is_active,visibility,updated_at}';
  changed text;
begin
  if tg_op = 'UPDATE' and old.published_at is not null then
    select string_agg(a.key, ', ' order by a.key) into changed
    from jsonb_each(to_jsonb(new) - free) a
    where a.value is distinct from to_jsonb(old) -> a.key
      -- Whoever wrote it may leave: the reference goes, the text in created_by stays.
      and not (a.key = 'created_by_user_id' and a.value = 'null');
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

create function codered.keep_used()
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
  end if;
  if is_used then
    raise exception 'The row % of % is in use and stays; allowed: is_active = false.', old.id, tg_table_name
      using errcode = 'CR003', table = tg_table_name;
  end if;
  return old;
end
$$;
comment on function codered.keep_used() is
  'Refuses (CR003) to delete a template that has specs, and a spec that has runs or sprints, unless its project goes. Security definer, because a use that the caller cannot see counts too.';
revoke execute on function codered.keep_published_spec(), codered.keep_used() from public;

create trigger specs_published before insert or update on codered.specs
  for each row execute function codered.keep_published_spec();
create trigger specs_used before delete on codered.specs
  for each row execute function codered.keep_used();
create trigger workflow_templates_used before delete on codered.workflow_templates
  for each row execute function codered.keep_used();

create function codered.publish_spec(spec_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  published codered.specs;
begin
  select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
  if not found then
    perform codered.refuse_missing('spec', publish_spec.spec_id::text);
  end if;
  if published.published_at is not null then
    return to_jsonb(published);
  end if;
  update codered.specs s set published_at = now() where s.id = publish_spec.spec_id and s.published_at is null
  returning s.* into published;
  if not found then
    -- Nobody but an operator and the app may change a spec; or another call was quicker.
    select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
    if published.published_at is null then
      raise exception 'Publishing a spec is for operators.' using errcode = 'CR008';
    end if;
  end if;
  return to_jsonb(published);
end
$$;
comment on function codered.publish_spec(uuid) is
  'Publishes a version, for good, and returns it with published_at and version_hash; one that is published already as it is. CR002: intent_schema or stages that no run could be made of; CR004, CR008.';
revoke execute on function codered.publish_spec(uuid) from public;
grant execute on function codered.publish_spec(uuid) to authenticated, service_role;

create function codered.ingest_spec(spec jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  repository codered.repositories;
  made codered.specs;
begin
  perform codered.check_fields('specs', ingest_spec.spec, '{
    "project_id": "uuid", "repository_id": "bigint", "repo": "text", "branch": "text", "storage_path": "text", "sha": "text",
    "created_by": "text"}');
  select * into told
  from jsonb_to_record(ingest_spec.spec) as t(
    project_id uuid, repository_id bigint, repo text, branch text, storage_path text, sha text, created_by text);
  if told.repository_id is not null then
    select r.* into repository from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if told.project_id is distinct from repository.project_id and told.project_id is not null then
      raise exception 'specs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'specs', column = 'repository_id';
    end if;
  elsif told.project_id is null then
    perform codered.refuse_value('specs.project_id', 'null'::text, 'a project_id or a repository_id');
  elsif not exists (select from codered.projects p where p.id = told.project_id) then
    perform codered.refuse_missing('project', told.project_id::text);
  end if;
  insert into codered.specs (project_id, repo, branch, storage_path, sha, created_by, created_by_user_id, published_at)
  values (
    coalesce(told.project_id, repository.project_id),
    coalesce(told.repo, repository.owner || '/' || repository.name),
    told.branch, told.storage_path, told.sha, told.created_by,
    (
      select (array_agg(p.id))[1]
      from codered.profiles p
      where p.github_login = told.created_by or p.email = told.created_by
      having count(*) = 1
    ),
    now()
  )
  on conflict (project_id, storage_path, sha) where template_id is null do nothing
  returning * into made;
  if not found then
    select s.* into made
    from codered.specs s
    where s.project_id is not distinct from coalesce(told.project_id, repository.project_id)
      and s.storage_path = told.storage_path and s.sha is not distinct from told.sha and s.template_id is null;
    return to_jsonb(made) || '{"is_new": false}';
  end if;
  perform codered.append_status(
    made.project_id, null, 'SPEC_RECEIVED', left(format('%s of %s', made.storage_path, made.repo), 500),
    jsonb_build_object('spec_id', made.id, 'repo', made.repo, 'branch', made.branch, 'storage_path', made.storage_path,
      'sha', made.sha, 'created_by', made.created_by));
  return to_jsonb(made) || '{"is_new": true}';
end
$$;
comment on function codered.ingest_spec(jsonb) is
  'Takes a spec document in, published at once, with a status event SPEC_RECEIVED; returns its row and is_new. Keys: project_id or repository_id, repo (from the repository when left out), branch, storage_path, sha, created_by. The same project, path and sha again changes nothing. CR002, CR004, CR007.';
revoke execute on function codered.ingest_spec(jsonb) from public;
grant execute on function codered.ingest_spec(jsonb) to service_role;

create function codered.keep_sprint_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  allowed constant text[] := case old.state when 'PLANNED' then '{RUNNING}' when 'RUNNING' then '{DONE,FAILED}' else '{RUNNING}' end;
begin
  if old.state <> 'PLANNED' and (new.spec_id, new.label, new.dod_json) is distinct from (old.spec_id, old.label, old.dod_json) then
    perform codered.refuse_state('sprints.state', old.state, 'PLANNED, to change spec_id, label or dod_json');
  end if;
  -- A word that is no state at all is the CHECK's to refuse.
  if new.state <> old.state and new.state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') and new.state <> all (allowed) then
    perform codered.refuse_state('sprints.state', new.state, format('%s after %s', array_to_string(allowed, ' or '), old.state));
  end if;
  return new;
end
$$;
comment on function codered.keep_sprint_state() is
  'Lets a sprint go PLANNED, RUNNING, DONE or FAILED, RUNNING again (CR003 otherwise); what it asks for is fixed once it has run.';
revoke execute on function codered.keep_sprint_state() from public;
create trigger sprints_state before update on codered.sprints
  for each row execute function codered.keep_sprint_state();

create function codered.plan_sprint(spec_id uuid, label text, dod_json jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
  planned jsonb;
begin
  select s.* into spec from codered.specs s where s.id = plan_sprint.spec_id;
  if not found then
    perform codered.refuse_missing('spec', plan_sprint.spec_id::text);
  end if;
  if spec.project_id is null then
    perform codered.refuse_state('specs.project_id', 'null', 'a spec that belongs to a project');
  end if;
  if plan_sprint.label is null then
    perform codered.refuse_value('sprints.label', 'null'::text, '1 to 200 characters');
  end if;
  if plan_sprint.dod_json is null then
    perform codered.refuse_value(
      'sprints.dod_json', 'null'::text, 'an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check');
  end if;
  insert into codered.sprints as s (spec_id, project_id, label, dod_json)
  values (spec.id, spec.project_id, plan_sprint.label, plan_sprint.dod_json)
  on conflict on constraint sprints_spec_label_key do update
    set dod_json = excluded.dod_json
    where s.dod_json is distinct from excluded.dod_json
  returning to_jsonb(s) || jsonb_build_object('is_new', s.xmax = 0) into planned;
  if planned is null then
    select to_jsonb(s) || '{"is_new": false}' into planned
    from codered.sprints s
    where s.spec_id = plan_sprint.spec_id and s.label = plan_sprint.label;
    return planned;
  end if;
  perform codered.append_status(
    spec.project_id, null, 'PLANNING', 'Sprint ' || plan_sprint.label,
    jsonb_build_object('spec_id', spec.id, 'sprint_id', planned -> 'id', 'label', plan_sprint.label, 'dod_json', plan_sprint.dod_json));
  return planned;
end
$$;
comment on function codered.plan_sprint(uuid, text, jsonb) is
  'Makes the sprint of that label, or changes its Definition of Done while it is PLANNED, with a status event PLANNING; returns its row and is_new. Told the same again it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.plan_sprint(uuid, text, jsonb) from public;
grant execute on function codered.plan_sprint(uuid, text, jsonb) to service_role;
