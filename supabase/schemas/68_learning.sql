-- Students' files, roadmaps and daily sessions.

create function codered.accept_modules(what text, modules jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_modules.what, accept_modules.modules, '{
    "is": "list", "from": 1, "of": {
      "is": "object", "optional": ["description", "estimated_hours", "prerequisites", "is_locked"], "keys": {
        "title": {"is": "text", "from": 1, "to": 200},
        "description": {"is": "text"},
        "steps": {"is": "list", "of": {"is": "text"}},
        "estimated_hours": {"is": "number", "from": 0, "to": 100, "open": true},
        "prerequisites": {"is": "list", "of": {"is": "text"}},
        "is_locked": {"is": "boolean"}
      }
    }
  }')
$$;
comment on function codered.accept_modules(text, jsonb) is
  'True for the modules of a roadmap as document 002 has them (one or more; title and steps required); raises CR002 with index and key otherwise.';
revoke execute on function codered.accept_modules from public;
grant execute on function codered.accept_modules to authenticated, service_role;

create function codered.accept_transcript(what text, transcript jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_transcript.what, accept_transcript.transcript, '{
    "is": "list", "of": {"is": "object", "keys": {"role": {"is": "word", "of": ["user", "mentor"]}, "content": {"is": "text"}}}
  }')
$$;
comment on function codered.accept_transcript(text, jsonb) is
  'True for [{"role": "user" | "mentor", "content"}]; raises CR002 with index and key otherwise.';
revoke execute on function codered.accept_transcript from public;
grant execute on function codered.accept_transcript to authenticated, service_role;

create table codered.project_files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  path text not null,
  content text,
  language text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_files_path_key unique (project_id, path),
  constraint project_files_path_check check (
    (char_length(path) between 1 and 1000 and path !~ '(^/|/$|(^|/)\.\.?(/|$)|//|[\\\x01-\x1f])')
    or codered.refuse_value('project_files.path', path, 'a relative path of a file, names joined by / and none of them . or .., at most 1000 characters')),
  constraint project_files_content_bytes
    check (octet_length(content) <= 2097152 or codered.refuse_value('project_files.content', octet_length(content), 'at most 2097152 bytes')),
  constraint project_files_version_check check (version >= 1 or codered.refuse_value('project_files.version', version, '1 or more')),
  constraint project_files_language_length
    check (char_length(language) between 1 and 50 or codered.refuse_value('project_files.language', language, '1 to 50 characters'))
);
comment on table codered.project_files is 'The files of a project that agents write; one row a path.';
comment on column codered.project_files.language is 'Open: typescript, python, css, …';
comment on column codered.project_files.version is 'Counted by trigger: one more whenever content changes.';
alter table codered.project_files enable row level security;
create policy project_files_read on codered.project_files for select to authenticated using (project_id in (select codered.my_projects()));
create policy project_files_insert on codered.project_files for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy project_files_update on codered.project_files for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy project_files_delete on codered.project_files for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.project_files to authenticated;
grant select, insert, update, delete on codered.project_files to service_role;
create trigger project_files_touch before update on codered.project_files
  for each row execute function codered.touch_updated_at();
-- The version counts each change of the content, which itself the history does not repeat.
create trigger project_files_events after insert or update or delete on codered.project_files
  for each row execute function codered.append_event('file', 'content');

create table codered.learning_roadmaps (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  title text,
  description text,
  skill_level text,
  total_estimated_hours numeric(6, 2),
  modules jsonb not null,
  current_step_index integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint learning_roadmaps_title_length
    check (char_length(title) between 1 and 200 or codered.refuse_value('learning_roadmaps.title', title, '1 to 200 characters')),
  constraint learning_roadmaps_skill_level_check check (
    skill_level in ('beginner', 'intermediate', 'advanced')
    or codered.refuse_value('learning_roadmaps.skill_level', skill_level, 'beginner, intermediate, advanced')),
  constraint learning_roadmaps_hours_check check (
    (total_estimated_hours > 0 and total_estimated_hours <= 500)
    or codered.refuse_value('learning_roadmaps.total_estimated_hours', total_estimated_hours, 'more than 0, at most 500')),
  constraint learning_roadmaps_step_check
    check (current_step_index >= 0 or codered.refuse_value('learning_roadmaps.current_step_index', current_step_index, '0 or more')),
  constraint learning_roadmaps_modules_check check (codered.accept_modules('learning_roadmaps.modules', modules)),
  constraint learning_roadmaps_modules_bytes check (
    octet_length(modules::text) <= 1048576 or codered.refuse_value('learning_roadmaps.modules', octet_length(modules::text), 'at most 1048576 bytes')),
  constraint learning_roadmaps_description_length check (
    char_length(description) <= 20000 or codered.refuse_value('learning_roadmaps.description', description, 'at most 20000 characters'))
);
comment on table codered.learning_roadmaps is 'What somebody learns while building a project, step by step.';
comment on column codered.learning_roadmaps.current_step_index is
  'How many steps of all modules, in their order, are done: 0 at first, as many as there are at the end.';
comment on column codered.learning_roadmaps.modules is '[{"title", "description", "steps", "estimated_hours", "prerequisites", "is_locked"}].';
create index learning_roadmaps_project_id_idx on codered.learning_roadmaps (project_id);
alter table codered.learning_roadmaps enable row level security;
create policy learning_roadmaps_read on codered.learning_roadmaps for select to authenticated using (project_id in (select codered.my_projects()));
create policy learning_roadmaps_insert on codered.learning_roadmaps for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_update on codered.learning_roadmaps for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_delete on codered.learning_roadmaps for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.learning_roadmaps to authenticated;
grant select, insert, update, delete on codered.learning_roadmaps to service_role;
create trigger learning_roadmaps_touch before update on codered.learning_roadmaps
  for each row execute function codered.touch_updated_at();
create trigger learning_roadmaps_events after insert or update or delete on codered.learning_roadmaps
  for each row execute function codered.append_event('roadmap');

create table codered.daily_sessions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  transcript jsonb not null default '[]',
  concepts_covered text[] not null default '{}',
  duration_minutes integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  message_count integer not null generated always as (case when jsonb_typeof(transcript) = 'array' then jsonb_array_length(transcript) else 0 end) stored,
  constraint daily_sessions_duration_check
    check (duration_minutes between 0 and 1440 or codered.refuse_value('daily_sessions.duration_minutes', duration_minutes, '0 to 1440')),
  constraint daily_sessions_transcript_check check (codered.accept_transcript('daily_sessions.transcript', transcript)),
  constraint daily_sessions_transcript_bytes check (
    octet_length(transcript::text) <= 8388608
    or codered.refuse_value('daily_sessions.transcript', octet_length(transcript::text), 'at most 8388608 bytes'))
);
comment on table codered.daily_sessions is 'A talk between learner and mentor.';
comment on column codered.daily_sessions.transcript is '[{"role": "user" | "mentor", "content"}].';
comment on column codered.daily_sessions.message_count is 'How long the transcript is: what the history tells of it, which does not repeat the talk.';
create index daily_sessions_project_id_idx on codered.daily_sessions (project_id, created_at desc);
alter table codered.daily_sessions enable row level security;
create policy daily_sessions_read on codered.daily_sessions for select to authenticated using (project_id in (select codered.my_projects()));
create policy daily_sessions_insert on codered.daily_sessions for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy daily_sessions_update on codered.daily_sessions for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy daily_sessions_delete on codered.daily_sessions for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.daily_sessions to authenticated;
grant select, insert, update, delete on codered.daily_sessions to service_role;
create trigger daily_sessions_touch before update on codered.daily_sessions
  for each row execute function codered.touch_updated_at();
create trigger daily_sessions_events after insert or update or delete on codered.daily_sessions
  for each row execute function codered.append_event('daily_session', 'transcript');

create function codered.count_file_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.version := 1;
  else
    new.version := old.version + case when new.content is distinct from old.content then 1 else 0 end;
  end if;
  return new;
end
$$;
comment on function codered.count_file_version() is 'Counts project_files.version: 1 at first, one more whenever content changes, whatever is written there.';
revoke execute on function codered.count_file_version from public;

create trigger project_files_version before insert or update on codered.project_files
  for each row execute function codered.count_file_version();

create function codered.write_project_file(
  project_id uuid, path text, content text, language text default null, expected_version integer default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  written codered.project_files;
  found_version integer;
begin
  perform codered.require_project(write_project_file.project_id);
  -- What reads a binary file as text leaves one of these; nothing of it would come out as it went in.
  if write_project_file.content ~ '[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffd]' then
    perform codered.refuse_value('project_files.content', 'binary'::text, 'text, without control characters but tab, line ends and escape, and without U+FFFD');
  end if;
  if write_project_file.expected_version is not null then
    select f.version into found_version
    from codered.project_files f
    where f.project_id = write_project_file.project_id and f.path = write_project_file.path
    for no key update;
    if coalesce(found_version, 0) <> write_project_file.expected_version then
      raise exception 'The file "%" has version %, not %: read it again.',
        left(write_project_file.path, 200), coalesce(found_version, 0), write_project_file.expected_version using errcode = 'CR005';
    end if;
  end if;
  insert into codered.project_files as f (project_id, path, content, language)
  values (write_project_file.project_id, write_project_file.path, write_project_file.content, write_project_file.language)
  on conflict on constraint project_files_path_key do update
    set content = excluded.content, language = coalesce(excluded.language, f.language)
    where write_project_file.expected_version is distinct from 0
  returning f.* into written;
  if not found then
    raise exception 'The file "%" is there already: read it again.', left(write_project_file.path, 200) using errcode = 'CR005';
  end if;
  return jsonb_build_object('id', written.id, 'path', written.path, 'version', written.version);
end
$$;
comment on function codered.write_project_file(uuid, text, text, text, integer) is
  'Writes a file of a project and returns {id, path, version}; version grows only when content changed, language stays when left out. With expected_version (0: none there yet) only over that version. Refuses CR002 (path, over 2 MB, binary content), CR003 (project retired), CR004 (no such project), CR005 (another version).';
revoke execute on function codered.write_project_file from public;
grant execute on function codered.write_project_file to authenticated, service_role;

create function codered.list_project_files(
  project_id uuid, under text default null, batch integer default 50, after_path text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_project_files.project_id);
  perform codered.check_batch('batch', list_project_files.batch);
  return (
    select coalesce(jsonb_agg(page.item order by page.path), '[]')
    from (
      select f.path, jsonb_build_object(
        'id', f.id, 'path', f.path, 'language', f.language, 'version', f.version,
        'size_bytes', coalesce(octet_length(f.content), 0), 'created_at', f.created_at, 'updated_at', f.updated_at) as item
      from codered.project_files f
      where f.project_id = list_project_files.project_id
        and (list_project_files.under is null or starts_with(f.path, rtrim(list_project_files.under, '/') || '/'))
        and (list_project_files.after_path is null or f.path > list_project_files.after_path)
      order by f.path
      -- One more than asked for tells whether there are more.
      limit list_project_files.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_project_files(uuid, text, integer, text) is
  'The files of a project, or those in a folder, by path, after a path, without their content: one more than batch when there are more. Refuses CR002 (batch 1 to 500), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_project_files from public;
grant execute on function codered.list_project_files to authenticated, service_role;

create function codered.export_project_files(project_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  files bigint;
  bytes bigint;
begin
  perform codered.require_project(export_project_files.project_id);
  select count(*), coalesce(sum(octet_length(f.content)), 0) into files, bytes
  from codered.project_files f
  where f.project_id = export_project_files.project_id;
  if files = 0 then
    raise exception 'The project has no files yet, so there is nothing to export.' using errcode = 'CR003';
  end if;
  if files > 1000 or bytes > 10485760 then
    raise exception 'The project has % files of % bytes together; an export takes at most 1000 files and 10485760 bytes.', files, bytes
      using errcode = 'CR003';
  end if;
  return (
    select jsonb_agg(jsonb_build_object('path', f.path, 'content', coalesce(f.content, '')) order by f.path)
    from codered.project_files f
    where f.project_id = export_project_files.project_id
  );
end
$$;
comment on function codered.export_project_files(uuid) is
  'All files of a project with their content, by path: [{path, content}]. Refuses CR003 (project retired, no files, or more than 1000 or 10 MB of them), CR004 (no such project).';
revoke execute on function codered.export_project_files from public;
grant execute on function codered.export_project_files to authenticated, service_role;

create function codered.read_project_file(project_id uuid, path text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_project_file.project_id);
  select jsonb_build_object(
    'id', f.id, 'path', f.path, 'language', f.language, 'version', f.version, 'size_bytes', coalesce(octet_length(f.content), 0),
    'content', coalesce(f.content, ''), 'created_at', f.created_at, 'updated_at', f.updated_at)
  into told
  from codered.project_files f
  where f.project_id = read_project_file.project_id and f.path = read_project_file.path;
  if not found then
    perform codered.refuse_missing('file', read_project_file.path);
  end if;
  return told;
end
$$;
comment on function codered.read_project_file(uuid, text) is
  'One file of a project by its path, with its content and version. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_project_file from public;
grant execute on function codered.read_project_file to authenticated, service_role;
