-- What people do with templates, their versions, specs and sprints: lists, reads, drafts, and documents handed in.

create function codered.require_operator(what text)
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

create function codered.list_templates(
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

create function codered.read_template(template_id uuid)
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

create function codered.list_template_versions(
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

create function codered.create_template(template jsonb)
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

create function codered.update_template(template_id uuid, changes jsonb)
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

create function codered.create_template_version(
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

create function codered.update_template_version(spec_id uuid, changes jsonb)
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

create function codered.read_spec(spec_id uuid)
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
    'analysis', (
      select jsonb_build_object(
        'job_id', j.id, 'status', j.status, 'error', left(j.error, 2000), 'created_at', j.created_at, 'completed_at', j.completed_at)
      from codered.agent_jobs j
      where j.dedupe_key = 'analysis:' || spec.id
      order by j.created_at desc, j.id desc
      limit 1
    ),
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
  'A spec, or a version of a template: its document where the row holds it, up to 100 sprints that were planned on it, newest first, the job that analyses it where it brought no Definition of Done, and the problem that kept a sprint from being planned. Refuses CR004.';
revoke execute on function codered.read_spec from public;
grant execute on function codered.read_spec to authenticated, service_role;

create function codered.list_specs(
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

create function codered.upload_spec(
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

create function codered.list_sprints(
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

create function codered.read_sprint(sprint_id uuid)
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
