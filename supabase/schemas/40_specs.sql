-- Specs: what somebody asked for, as free documents and as versions of a template.

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
revoke execute on function codered.accept_intent_schema from public;
grant execute on function codered.accept_intent_schema to authenticated, service_role;

create function codered.fits_rules(stage jsonb, key text, fitting jsonpath)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case
    when coalesce(stage -> key, 'null') = 'null' then true
    when jsonb_typeof(stage -> key) <> 'array' or jsonb_array_length(stage -> key) > 200 then false
    else jsonb_array_length(stage -> key) = jsonb_array_length(jsonb_path_query_array(stage -> key, fitting))
  end
$$;
comment on function codered.fits_rules(jsonb, text, jsonpath) is
  'Whether what a stage has under a key is left out, or a list of at most 200 entries that all fit.';
revoke execute on function codered.fits_rules from public;
grant execute on function codered.fits_rules to authenticated, service_role;

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
      when not codered.fits_rules(stage, 'outputs', '$[*] ? (@.type() == "string" || @.name.type() == "string")') then
        'outputs, a list of at most 200 names or {name, …}'
      when not codered.fits_rules(stage, 'constraints', '$[*] ? (@.type() == "string")') then 'constraints, a list of at most 200 texts'
      when not codered.fits_rules(stage, 'validators', '$[*] ? (@.target.type() == "string"
          && (@.type == "file_exists" || @.type == "contains_headings" && @.headings.type() == "array")
          && (!exists(@.severity) || @.severity == "critical" || @.severity == "error" || @.severity == "warning" || @.severity == "info"))') then
        'validators, a list of at most 200: {type: file_exists, target, severity?}, {type: contains_headings, target, headings, severity?}'
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
revoke execute on function codered.accept_stages from public;
grant execute on function codered.accept_stages to authenticated, service_role;

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
comment on table codered.workflow_templates is 'Workflows that people can start; what exactly runs is a version of its spec.';
comment on column codered.workflow_templates.type is 'Open: visual-essay, infographic, research, …';
comment on column codered.workflow_templates.depth is 'Open: quick, standard, deep, …';
comment on column codered.workflow_templates.estimated_time is 'For people: "3-5 min".';
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
grant select, insert, update, delete on codered.workflow_templates to service_role;
create trigger workflow_templates_touch before update on codered.workflow_templates
  for each row execute function codered.touch_updated_at();

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
  content text,
  document_bytes bigint,
  document_sha256 text,
  object_path text,
  object_stored_at timestamptz,
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
    check (visibility in ('system', 'public', 'private') or codered.refuse_value('specs.visibility', visibility, 'system, public, private')),
  constraint specs_content_bytes check (
    octet_length(content) <= 262144 or codered.refuse_value('specs.content', octet_length(content), 'at most 262144 bytes; more goes to object_path')),
  constraint specs_document_bytes_check
    check (document_bytes >= 0 or codered.refuse_value('specs.document_bytes', document_bytes, '0 or more')),
  constraint specs_document_sha256_check check (
    document_sha256 ~ '^[0-9a-f]{64}$' or codered.refuse_value('specs.document_sha256', document_sha256, 'SHA-256 in lower-case hexadecimal')),
  constraint specs_object_path_check check (
    object_path ~ '^[0-9a-f-]{36}/specs/[0-9a-f-]{36}$' or codered.refuse_value('specs.object_path', object_path, 'a path of our own ids'))
);
comment on table codered.specs is
  'What is to be done, in one version: a spec document of a repository, or the execution contract of a workflow template.';
comment on column codered.specs.repo is 'owner/name at GitHub.';
comment on column codered.specs.storage_path is
  'The document''s path in the repository; of one that came by mail or API the path it was handed in for, and content or object_path have it.';
comment on column codered.specs.sha is
  'The commit it was read at; of one that came by API the commit or git''s hash of the document, as the caller gave it; of one that came by mail git''s hash of the document; null when nobody did.';
comment on column codered.specs.created_by is 'Login, e-mail address or API client; created_by_user_id where we know that person.';
comment on column codered.specs.version_hash is 'SHA-256 over what a version promises, made when it is published.';
comment on column codered.specs.stages is 'In order: [{"order", "id", "name", "type", "agent", "model_id", "inputs", "outputs", "constraints"}]; each becomes a gate of a run.';
comment on column codered.specs.published_at is 'From then on nothing but is_active and visibility can change.';
comment on column codered.specs.content is
  'The document of a spec that came by API or mail, up to 262144 bytes; null for one that was pushed, which lies in the repository.';
comment on column codered.specs.document_bytes is 'Size of the document; null when nobody handed it in.';
comment on column codered.specs.document_sha256 is 'SHA-256 of the document in hexadecimal.';
comment on column codered.specs.object_path is
  'Where a document above 262144 bytes lies in the object store: the bucket codered-artifacts, or what CODERED_OBJECTS_DIR or CODERED_S3_… name. Made of our own ids.';
comment on column codered.specs.object_stored_at is 'When it was put there; null: not yet, and handing it in again does.';
create index specs_template_id_idx on codered.specs (template_id);
create index specs_project_id_idx on codered.specs (project_id, created_at desc);
create index specs_active_idx on codered.specs (is_active) where is_active;
create index specs_created_by_user_id_idx on codered.specs (created_by_user_id);
-- The same document stored twice is one row, also one that came by mail and has no commit; one branch's asks nothing of another.
create unique index specs_document_key on codered.specs (project_id, repo, branch, storage_path, sha) nulls not distinct
  where template_id is null;
alter table codered.specs enable row level security;
create policy specs_read on codered.specs for select to authenticated using (
  (
    project_id in (select codered.my_projects())
    -- A document of a repository is shown to whoever may read that; after a rename too, where nothing of the project is hidden.
    and (
      repo is null
      or project_id in (select codered.my_whole_projects())
      -- The project's own: the name may be another account's by now.
      or (project_id, lower(repo)) in (select r.project_id, lower(r.owner || '/' || r.name) from codered.repositories r)
    )
  )
  or (project_id is null and is_active and visibility in ('system', 'public'))
  or (project_id is null and (select codered.is_operator()))
);
create policy specs_insert on codered.specs for insert to authenticated with check ((select codered.is_operator()));
create policy specs_update on codered.specs for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy specs_delete on codered.specs for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.specs to authenticated;
grant select, insert, update, delete on codered.specs to service_role;
create trigger specs_touch before update on codered.specs
  for each row execute function codered.touch_updated_at();

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
revoke execute on function codered.check_fields from public;
grant execute on function codered.check_fields to authenticated, service_role;

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
revoke execute on function codered.fits_field from public;
grant execute on function codered.fits_field to authenticated, service_role;

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
revoke execute on function codered.describe_field from public;
grant execute on function codered.describe_field to authenticated, service_role;

create function codered.keep_published_spec()
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

create trigger specs_published before insert or update on codered.specs
  for each row execute function codered.keep_published_spec();

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

create trigger workflow_templates_used before delete on codered.workflow_templates
  for each row execute function codered.keep_used();

create trigger specs_used before delete on codered.specs
  for each row execute function codered.keep_used();

create trigger workflow_templates_events after insert or update or delete on codered.workflow_templates
  for each row execute function codered.append_event('template');
-- Of a document SPEC_RECEIVED tells.
create trigger specs_events after insert or update on codered.specs
  for each row when (new.template_id is not null) execute function codered.append_event('spec', 'content');
create trigger specs_deleted_events after delete on codered.specs
  for each row when (old.template_id is not null) execute function codered.append_event('spec', 'content');

create function codered.publish_spec(spec_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  published codered.specs;
begin
  select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
  -- What people publish is a version of a template: a document is in force as it is.
  if not found or published.template_id is null and codered.is_member_call() then
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
revoke execute on function codered.publish_spec from public;
grant execute on function codered.publish_spec to authenticated, service_role;

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
  on conflict (project_id, repo, branch, storage_path, sha) where template_id is null do nothing
  returning * into made;
  if not found then
    select s.* into made
    from codered.specs s
    where s.project_id is not distinct from coalesce(told.project_id, repository.project_id)
      and s.repo is not distinct from coalesce(told.repo, repository.owner || '/' || repository.name)
      and s.branch is not distinct from told.branch
      and s.storage_path = told.storage_path and s.sha is not distinct from told.sha and s.template_id is null;
    return to_jsonb(made) - 'content' || '{"is_new": false}';
  end if;
  perform codered.append_status(
    made.project_id, null, 'SPEC_RECEIVED', left(format('%s of %s', made.storage_path, made.repo), 500),
    jsonb_build_object('spec_id', made.id, 'repo', made.repo, 'branch', made.branch, 'storage_path', made.storage_path,
      'sha', made.sha, 'created_by', made.created_by));
  return to_jsonb(made) - 'content' || '{"is_new": true}';
end
$$;
comment on function codered.ingest_spec(jsonb) is
  'Takes a spec document in, published at once, with a status event SPEC_RECEIVED; returns its row without content, and is_new. Keys: project_id or repository_id, repo (from the repository when left out), branch, storage_path, sha, created_by. The same project, repository, branch, path and sha again changes nothing; keep_spec_document takes the document itself. CR002, CR004, CR007.';
revoke execute on function codered.ingest_spec from public;
grant execute on function codered.ingest_spec to service_role;

create function codered.keep_spec_document(spec_id uuid, document jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  told record;
  kept codered.specs;
begin
  perform codered.check_fields('document', keep_spec_document.document, '{"content": "text", "bytes": "bigint", "sha256": "text"}');
  select * into told from jsonb_to_record(keep_spec_document.document) as t (content text, bytes bigint, sha256 text);
  if told.content is null and num_nonnulls(told.bytes, told.sha256) < 2 then
    perform codered.refuse_value('document.content', 'null'::text, 'content, or bytes and sha256 of what is put into the object store');
  end if;
  select s.* into kept from codered.specs s where s.id = keep_spec_document.spec_id for no key update;
  if not found then
    perform codered.refuse_missing('spec', keep_spec_document.spec_id::text);
  end if;
  if kept.project_id is null then
    perform codered.refuse_state('specs.project_id', 'null', 'a spec that belongs to a project');
  end if;
  if kept.document_bytes is null then
    update codered.specs s
    set
      content = told.content,
      document_bytes = coalesce(octet_length(told.content), told.bytes),
      document_sha256 = coalesce(encode(sha256(convert_to(told.content, 'UTF8')), 'hex'), told.sha256),
      -- Known before it lies there: nothing is put there without a row that names it.
      object_path = case when told.content is null then s.project_id || '/specs/' || s.id end
    where s.id = kept.id
    returning * into kept;
  end if;
  perform codered.queue_analysis(kept.id, told.content);
  return case when kept.object_stored_at is null and kept.document_sha256 = told.sha256 then kept.object_path end;
end
$$;
comment on function codered.keep_spec_document(uuid, jsonb) is
  'Keeps the document of a spec that came by API or mail: {content} of up to 262144 bytes, or {bytes, sha256} of a larger one. Returns the path in the object store where the document is still to be put (then call keep_spec_object), null when nothing is. What is kept already stays; where no sprint was planned on it, it is analysed (queue_analysis). CR002, CR003, CR004.';
revoke execute on function codered.keep_spec_document from public;
grant execute on function codered.keep_spec_document to service_role;

create function codered.keep_spec_object(spec_id uuid)
returns void
language sql
set search_path = ''
as $$
  update codered.specs s
  set object_stored_at = now()
  where s.id = keep_spec_object.spec_id and s.object_path is not null and s.object_stored_at is null
$$;
comment on function codered.keep_spec_object(uuid) is 'Notes that a spec''s document lies at its object_path now; done twice, it changes nothing.';
revoke execute on function codered.keep_spec_object from public;
grant execute on function codered.keep_spec_object to service_role;
