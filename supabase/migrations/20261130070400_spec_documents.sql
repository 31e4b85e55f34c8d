-- The document of a spec that came by API or mail is kept: in its row, or, where it is larger, in the object store. Old workers survive it.

alter table codered.specs
  add column content text,
  add column document_bytes bigint,
  add column document_sha256 text,
  add column object_path text,
  add column object_stored_at timestamptz,
  add constraint specs_content_bytes check (
    octet_length(content) <= 262144 or codered.refuse_value('specs.content', octet_length(content), 'at most 262144 bytes; more goes to object_path')),
  add constraint specs_document_bytes_check
    check (document_bytes >= 0 or codered.refuse_value('specs.document_bytes', document_bytes, '0 or more')),
  add constraint specs_document_sha256_check check (
    document_sha256 ~ '^[0-9a-f]{64}$' or codered.refuse_value('specs.document_sha256', document_sha256, 'SHA-256 in lower-case hexadecimal')),
  add constraint specs_object_path_check check (
    object_path ~ '^[0-9a-f-]{36}/specs/[0-9a-f-]{36}$' or codered.refuse_value('specs.object_path', object_path, 'a path of our own ids'));
comment on column codered.specs.content is
  'The document of a spec that came by API or mail, up to 262144 bytes; null for one that was pushed, which lies in the repository.';
comment on column codered.specs.document_bytes is 'Size of the document; null when nobody handed it in.';
comment on column codered.specs.document_sha256 is 'SHA-256 of the document in hexadecimal.';
comment on column codered.specs.object_path is
  'Where a document above 262144 bytes lies in the object store: the bucket codered-artifacts, or what CODERED_OBJECTS_DIR or CODERED_S3_… name. Made of our own ids.';
comment on column codered.specs.object_stored_at is 'When it was put there; null: not yet, and handing it in again does.';
comment on column codered.specs.storage_path is
  'The document''s path in the repository; of one that came by mail or API the path it was handed in for, and content or object_path have it.';

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
      -- Whoever wrote it may leave: the reference goes, the text in created_by stays.
      and not (a.key = 'created_by_user_id' and a.value = 'null')
      -- The document itself may come after its name.
      and not (a.key = any (documents) and to_jsonb(old) -> a.key = 'null');
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
revoke execute on function codered.keep_published_spec() from public;

create or replace function codered.ingest_spec(spec jsonb)
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
revoke execute on function codered.ingest_spec(jsonb) from public;
grant execute on function codered.ingest_spec(jsonb) to service_role;

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
  return case when kept.object_stored_at is null and kept.document_sha256 = told.sha256 then kept.object_path end;
end
$$;
comment on function codered.keep_spec_document(uuid, jsonb) is
  'Keeps the document of a spec that came by API or mail: {content} of up to 262144 bytes, or {bytes, sha256} of a larger one. Returns the path in the object store where the document is still to be put (then call keep_spec_object), null when nothing is. What is kept already stays. CR002, CR003, CR004.';
revoke execute on function codered.keep_spec_document(uuid, jsonb) from public;
grant execute on function codered.keep_spec_document(uuid, jsonb) to service_role;

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
revoke execute on function codered.keep_spec_object(uuid) from public;
grant execute on function codered.keep_spec_object(uuid) to service_role;

create or replace function codered.erasable_objects(scope jsonb, after text, batch integer)
returns setof text
language sql
stable
set search_path = ''
as $$
  select distinct o.path
  from (
    select a.storage_path as path
    from codered.artifacts a
    where a.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or a.run_id in (select r.id from codered.runs r where r.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories')))
      or a.ci_event_id in (
        select e.id from codered.ci_events e where e.repository_id = any (codered.ids_in(erasable_objects.scope, 'repositories'))
      )
    union
    select s.object_path
    from codered.specs s
    where s.project_id = any (codered.uuids_in(erasable_objects.scope, 'projects'))
      or (
        s.project_id = any (codered.uuids_in(erasable_objects.scope, 'touched'))
        and lower(s.repo) = any (codered.texts_in(erasable_objects.scope, 'names'))
      )
  ) as o
  where o.path > erasable_objects.after and o.path not like 'archive/%'
  order by 1
  limit erasable_objects.batch
$$;
comment on function codered.erasable_objects(jsonb, text, integer) is
  'The next paths in the object store that rows of an erasure point at, in order, behind after: artifacts and documents of specs. The archive of events is never among them.';
revoke execute on function codered.erasable_objects(jsonb, text, integer) from public;
grant execute on function codered.erasable_objects(jsonb, text, integer) to service_role;
