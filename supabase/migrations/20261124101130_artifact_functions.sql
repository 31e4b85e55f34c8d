-- Artifacts: whose they are, and that hash and size are those of the content. Old workers survive it.

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
  'Takes project_id (and user_id) from the run or task, works content_hash and size_bytes out from content, and refuses what was told otherwise (CR002, CR007).';
revoke execute on function codered.keep_artifact() from public;
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
revoke execute on function codered.add_artifact(jsonb) from public;
grant execute on function codered.add_artifact(jsonb) to authenticated, service_role;
