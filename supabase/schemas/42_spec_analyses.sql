-- A spec without a Definition of Done is analysed: a job plan_sprint waits for an agent whose answer plans the sprint.

create function codered.end_analyses(spec_id uuid, has_own boolean)
returns void
language sql
set search_path = ''
as $$
  update codered.agent_jobs j
  set
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    status = case when j.status = 'running' and j.locked_until > now() then 'running' else 'cancelled' end
  from codered.specs s
  join codered.specs o on o.project_id = s.project_id and o.repo = s.repo and o.branch = s.branch and o.storage_path = s.storage_path
    and o.template_id is null and (o.id <> s.id or end_analyses.has_own)
  where s.id = end_analyses.spec_id and s.template_id is null
    and j.dedupe_key = 'analysis:' || o.id and j.status in ('queued', 'running', 'waiting_for_input')
$$;
comment on function codered.end_analyses(uuid, boolean) is
  'Cancels the analyses of other versions of a spec, which this one supersedes, and with has_own its own; who works on one hears it at the next report.';
revoke execute on function codered.end_analyses from public;
grant execute on function codered.end_analyses to service_role;

create function codered.queue_analysis(spec_id uuid, document text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
  repository bigint;
  key constant text := 'analysis:' || queue_analysis.spec_id;
  most constant integer := 100000;
begin
  select s.* into spec
  from codered.specs s
  where s.id = queue_analysis.spec_id and s.template_id is null and s.project_id is not null
    and not exists (select from codered.sprints p where p.spec_id = s.id)
    and not exists (
      select
      from codered.specs o
      where o.project_id = s.project_id and o.repo = s.repo and o.branch = s.branch and o.storage_path = s.storage_path
        and o.template_id is null and o.created_at > s.created_at);
  if not found then
    return false;
  end if;
  select r.id into repository
  from codered.repositories r
  where r.project_id = spec.project_id and lower(r.owner || '/' || r.name) = lower(spec.repo) and r.deleted_at is null;
  -- Once for each version, also when it was cancelled or failed.
  if repository is null or exists (select from codered.agent_jobs j where j.dedupe_key = key) then
    return false;
  end if;
  perform codered.end_analyses(spec.id, false);
  insert into codered.agent_jobs (project_id, agent_type, input, dedupe_key, is_apps)
  values (spec.project_id, 'plan_sprint', jsonb_build_object(
    'spec_id', spec.id, 'repository_id', repository, 'repository', spec.repo, 'branch', spec.branch, 'path', spec.storage_path,
    'document', left(queue_analysis.document, most),
    'document_left_out', case when queue_analysis.document is null then spec.document_bytes
      else greatest(0, char_length(queue_analysis.document) - most) end), key, true)
  on conflict (dedupe_key) where status = 'queued' do nothing;
  -- Where nobody works on them, no more than these wait.
  update codered.agent_jobs j
  set cancel_requested_at = now(), status = 'cancelled'
  where j.id in (
    select w.id
    from codered.agent_jobs w
    where w.project_id = spec.project_id and w.agent_type = 'plan_sprint' and w.is_apps and w.status = 'queued'
      and w.dedupe_key like 'analysis:%'
    order by w.created_at desc, w.id desc
    offset 100);
  return true;
end
$$;
comment on function codered.queue_analysis(uuid, text) is
  'Queues a job plan_sprint of the app''s own for a spec document that no sprint was planned on, with the first 100,000 characters of its text (null: it lies in the object store), once for each version; analyses of older versions are cancelled, and beyond 100 that wait in a project the oldest. Returns whether one was queued.';
revoke execute on function codered.queue_analysis from public;
grant execute on function codered.queue_analysis to service_role;

create function codered.follow_analysis()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform codered.queue_spec_reports((new.input ->> 'repository_id')::bigint, new.input ->> 'branch');
  return null;
end
$$;
comment on function codered.follow_analysis() is
  'When the analysis of a spec is done, and so a sprint is planned, the open pull requests of its branch are evaluated anew.';
revoke execute on function codered.follow_analysis from public;

create trigger agent_jobs_analysis after update on codered.agent_jobs
  for each row when (
    new.status = 'completed' and old.status <> 'completed' and new.is_apps and new.agent_type = 'plan_sprint'
    and new.dedupe_key like 'analysis:%')
  execute function codered.follow_analysis();
