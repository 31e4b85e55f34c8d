-- Artifacts: what runs made.

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
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  made_at timestamptz,
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
comment on table codered.artifacts is 'What a run or a task left: reports, diffs, documents, logs; here, in the bucket or elsewhere.';
comment on column codered.artifacts.kind is 'junit, coverage, playwright, lighthouse, logs of a CI run; diff, pr, test_report, document, other of a task.';
comment on column codered.artifacts.content_type is 'Open: markdown, json, typescript, …';
comment on column codered.artifacts.content_hash is 'SHA-256 in hexadecimal; of content, or of the file in storage.';
comment on column codered.artifacts.storage_path is 'Path in the private bucket codered-artifacts; where a member writes it, it begins with the project''s id and /.';
comment on column codered.artifacts.url is 'Where it lies when that is not the bucket.';
comment on column codered.artifacts.artifact_type is 'Open: research, spec, design, code, audit, publication, …';
comment on column codered.artifacts.ref is 'A link or an id that says it all: a pull request, a commit.';
comment on column codered.artifacts.ci_event_id is 'The attempt of a workflow run that it was read after.';
comment on column codered.artifacts.made_at is 'When GitHub was given it; null for what did not come from there, and for what was read before this was kept.';
create index artifacts_project_id_idx on codered.artifacts (project_id, created_at desc);
create index artifacts_run_id_idx on codered.artifacts (run_id);
create index artifacts_gate_execution_id_idx on codered.artifacts (gate_execution_id);
create index artifacts_task_id_idx on codered.artifacts (task_id);
create index artifacts_user_id_idx on codered.artifacts (user_id);
create index artifacts_artifact_type_idx on codered.artifacts (artifact_type);
create index artifacts_kind_idx on codered.artifacts (kind);
create index artifacts_created_at_idx on codered.artifacts (created_at desc);
create index artifacts_task_created_idx on codered.artifacts (task_id, created_at desc);
-- Newest first of one person, as the artifact browser asks.
create index artifacts_user_created_idx on codered.artifacts (user_id, created_at desc);
create index artifacts_ci_event_id_idx on codered.artifacts (ci_event_id);
create unique index artifacts_github_key on codered.artifacts (run_id, github_artifact_id);
create unique index artifacts_upload_key on codered.artifacts (run_id, ci_event_id, file_name)
  where github_artifact_id is null and run_id is not null and ci_event_id is not null;
alter table codered.artifacts enable row level security;
-- A run's artifact is seen by whoever sees the run, a task's by whoever sees the task.
create policy artifacts_read on codered.artifacts for select to authenticated using (
  case
    when run_id is not null then (select true from codered.runs r where r.id = artifacts.run_id)
    when ci_event_id is not null then (select true from codered.ci_events e where e.id = artifacts.ci_event_id)
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
grant select, insert, update, delete on codered.artifacts to service_role;
create trigger artifacts_touch before update on codered.artifacts
  for each row execute function codered.touch_updated_at();
create trigger artifacts_same_project before insert or update of project_id, task_id, ci_event_id on codered.artifacts
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'ci_event_id:ci_events');
-- Not the content: it stays where it lies, and its hash tells that it changed.
create trigger artifacts_events after insert or update or delete on codered.artifacts
  for each row execute function codered.append_event('artifact', 'content,summary');

create view codered.artifact_browser
with (security_invoker = true)
as
select
  a.id,
  a.project_id,
  a.run_id,
  a.task_id,
  a.gate_execution_id,
  a.user_id,
  a.kind,
  a.file_name,
  a.file_path,
  a.content_type,
  a.content_hash,
  a.size_bytes,
  a.storage_path,
  a.url,
  a.ref,
  a.summary,
  a.gate_id,
  a.artifact_type,
  a.created_at,
  r.display_name as run_name,
  r.project_slug,
  t.title as task_title
from codered.artifacts a
left join codered.projects p on p.id = a.project_id
left join codered.runs r on r.id = a.run_id
left join codered.tasks t on t.id = a.task_id
where p.deleted_at is null and t.deleted_at is null;
comment on view codered.artifact_browser is
  'Artifacts of runs and tasks without their content; those of retired projects and tasks left out. Ask for one project_id, user_id, run_id or task_id and order by created_at desc.';
comment on column codered.artifact_browser.user_id is 'Who added it, or whose run it is of.';
revoke all on codered.artifact_browser from anon, authenticated, service_role;
grant select on codered.artifact_browser to authenticated, service_role;

create view codered.task_progress with (security_invoker = true) as
select
  t.id,
  t.project_id,
  t.title,
  t.status,
  t.priority,
  cardinality(t.acceptance_criteria) as total_criteria,
  (select count(*) from codered.artifacts a where a.task_id = t.id) as artifact_count,
  t.locked_at,
  t.locked_by,
  t.created_at,
  t.updated_at
from codered.tasks t
join codered.projects p on p.id = t.project_id
where t.deleted_at is null
  and p.deleted_at is null;
comment on view codered.task_progress is 'Each task with what it has to meet and what it has produced; deleted tasks and retired projects left out.';
comment on column codered.task_progress.total_criteria is 'How many acceptance criteria it has; 0 when none were given.';
comment on column codered.task_progress.artifact_count is 'The artifacts of the task that the reader may see; 0 when it has none.';
revoke all on codered.task_progress from anon, authenticated, service_role;
grant select on codered.task_progress to authenticated, service_role;

create function codered.keep_artifact()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  task_project uuid;
  gate codered.gate_executions;
  belongs_to uuid;
  is_moved constant boolean := tg_op = 'INSERT'
    or (new.run_id, new.task_id, new.project_id) is distinct from (old.run_id, old.task_id, old.project_id);
  hash text;
begin
  if is_moved and num_nonnulls(new.run_id, new.task_id) > 0 then
    if new.run_id is not null then
      select r.* into run from codered.runs r where r.id = new.run_id;
      if not found then
        perform codered.refuse_missing('run', new.run_id::text);
      end if;
      belongs_to := run.project_id;
      new.user_id := coalesce(new.user_id, run.user_id);
    end if;
    if new.task_id is not null then
      select t.project_id into task_project from codered.tasks t where t.id = new.task_id;
      if not found then
        perform codered.refuse_missing('task', new.task_id::text);
      end if;
      if new.run_id is not null and task_project is distinct from run.project_id then
        raise exception 'artifacts.task_id is "%": there is no such row of tasks in this project.', new.task_id
          using errcode = 'CR007', table = 'artifacts', column = 'task_id';
      end if;
      belongs_to := task_project;
    end if;
    if new.project_id is distinct from belongs_to and new.project_id is not null then
      raise exception 'artifacts.project_id is "%": the run or task belongs to another project.', new.project_id
        using errcode = 'CR007', table = 'artifacts', column = 'project_id';
    end if;
    new.project_id := belongs_to;
  end if;
  if new.gate_execution_id is not null and (tg_op = 'INSERT' or new.gate_execution_id is distinct from old.gate_execution_id) then
    select g.* into gate from codered.gate_executions g where g.id = new.gate_execution_id;
    if not found or gate.run_id is distinct from new.run_id then
      raise exception 'artifacts.gate_execution_id is "%": there is no such row of gate_executions in this run.', new.gate_execution_id
        using errcode = 'CR007', table = 'artifacts', column = 'gate_execution_id';
    end if;
    new.gate_id := coalesce(new.gate_id, gate.gate_id);
  end if;
  if new.content is not null then
    hash := encode(sha256(convert_to(new.content, 'UTF8')), 'hex');
    if new.content_hash is distinct from old.content_hash and new.content_hash <> hash then
      perform codered.refuse_value('artifacts.content_hash', new.content_hash, hash || ', the SHA-256 of content');
    end if;
    if new.size_bytes is distinct from old.size_bytes and new.size_bytes <> octet_length(new.content) then
      perform codered.refuse_value('artifacts.size_bytes', new.size_bytes, octet_length(new.content) || ', the bytes of content');
    end if;
    new.content_hash := hash;
    new.size_bytes := octet_length(new.content);
  end if;
  return new;
end
$$;
comment on function codered.keep_artifact() is
  'Takes project_id (and user_id) from the run or task, works content_hash and size_bytes out from content, and refuses values that say otherwise (CR002, CR007).';
revoke execute on function codered.keep_artifact from public;

create trigger artifacts_keep before insert or update on codered.artifacts
  for each row execute function codered.keep_artifact();

create function codered.add_artifact(artifact jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  added codered.artifacts;
begin
  perform codered.check_fields('artifacts', add_artifact.artifact, '{
    "run_id": "uuid", "task_id": "uuid", "project_id": "uuid", "gate_execution_id": "uuid", "user_id": "uuid", "kind": "text",
    "file_name": "text", "file_path": "text", "content_type": "text", "content": "text", "content_hash": "text", "size_bytes": "bigint",
    "storage_path": "text", "url": "text", "artifact_type": "text", "gate_id": "text", "ref": "text", "summary": "text",
    "github_artifact_id": "bigint"}');
  select * into told
  from jsonb_to_record(add_artifact.artifact) as t(
    run_id uuid, task_id uuid, project_id uuid, gate_execution_id uuid, user_id uuid, kind text, file_name text, file_path text,
    content_type text, content text, content_hash text, size_bytes bigint, storage_path text, url text, artifact_type text,
    gate_id text, ref text, summary text, github_artifact_id bigint);
  if auth.uid() is not null then
    if told.run_id is not null and not exists (select from codered.runs r where r.id = told.run_id) then
      perform codered.refuse_missing('run', told.run_id::text);
    end if;
    if told.run_id is not null or told.user_id is distinct from auth.uid() and told.user_id is not null then
      raise exception 'Members add artifacts of their own, to tasks; those of runs are the app''s to add.' using errcode = 'CR008';
    end if;
  end if;
  insert into codered.artifacts (
    run_id, task_id, project_id, gate_execution_id, user_id, kind, file_name, file_path, content_type, content, content_hash,
    size_bytes, storage_path, url, artifact_type, gate_id, ref, summary, github_artifact_id)
  values (
    told.run_id, told.task_id, told.project_id, told.gate_execution_id, coalesce(told.user_id, auth.uid()), coalesce(told.kind, 'other'),
    told.file_name, told.file_path, told.content_type, told.content, told.content_hash, told.size_bytes, told.storage_path, told.url,
    told.artifact_type, told.gate_id, told.ref, told.summary, told.github_artifact_id)
  returning * into added;
  return to_jsonb(added) - 'content';
end
$$;
comment on function codered.add_artifact(jsonb) is
  'Adds what a run or a task left, and returns its row without content. Keys are the columns of artifacts; run_id or task_id, and one of content, storage_path, url, ref. CR002: a key, a value, a content_hash or size_bytes that is not the content''s; CR004, CR007; CR008: a member, for a run or in somebody else''s name.';
revoke execute on function codered.add_artifact from public;
grant execute on function codered.add_artifact to authenticated, service_role;
