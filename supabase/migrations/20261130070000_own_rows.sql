-- What is the app's own is said by a column: a run or a job whose person is gone is nobody else's to read. Old workers survive it.

-- Added with a value, so that nothing is written anew: nearly all of these rows are the app's.
alter table codered.agent_jobs add column is_apps boolean default true;
alter table codered.runs add column is_apps boolean default true;
-- The history need not tell of each row that it has got a column.
alter table codered.agent_jobs disable trigger user;
alter table codered.runs disable trigger user;
update codered.agent_jobs j
set is_apps = false
where j.user_id is not null
  -- Only the app's have such a key, and these types are not a member's to create. Of any other nobody knows whose it was.
  or (j.dedupe_key is null and j.agent_type not in ('diagnose', 'report', 'artifacts', 'backfill', 'embed'));
update codered.runs r
set is_apps = false
where r.user_id is not null
  or (
    r.sprint_id is null and r.repository_id is null
    -- The history knows whether somebody made it who is gone.
    and not exists (
      select from codered.events e where e.run_id = r.id and e.event_type = 'run.created' and e.user_id is null
    )
  );
alter table codered.agent_jobs enable trigger user;
alter table codered.runs enable trigger user;
alter table codered.agent_jobs alter column is_apps drop default, alter column is_apps set not null;
alter table codered.runs alter column is_apps drop default, alter column is_apps set not null;
comment on column codered.agent_jobs.is_apps is
  'Whether it is the app''s own, which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
comment on column codered.runs.is_apps is
  'Whether it is the app''s own (the gate''s), which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
comment on column codered.runs.user_id is 'Who started it; null for the app''s own runs (is_apps), and when that person is gone.';

create function codered.keep_owner_kind()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.is_apps := coalesce(new.is_apps, new.user_id is null);
  else
    new.is_apps := old.is_apps;
  end if;
  return new;
end
$$;
comment on function codered.keep_owner_kind() is
  'Says of a new run or job whether it is the app''s own, unless it says so itself: whether it is made for nobody. It never changes.';
revoke execute on function codered.keep_owner_kind() from public;
create trigger agent_jobs_owner_kind before insert or update of is_apps on codered.agent_jobs
  for each row execute function codered.keep_owner_kind();
create trigger runs_owner_kind before insert or update of is_apps on codered.runs
  for each row execute function codered.keep_owner_kind();

drop policy agent_jobs_read on codered.agent_jobs;
create policy agent_jobs_read on codered.agent_jobs for select to authenticated using (
  user_id = (select auth.uid())
  or (is_apps and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);
drop policy runs_read on codered.runs;
create policy runs_read on codered.runs for select to authenticated using (
  user_id = (select auth.uid())
  or (is_apps and project_id in (select codered.my_projects()))
  or (select codered.is_operator())
);

create or replace function codered.lock_own_run(run_id uuid)
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
        run.user_id = caller
          or run.is_apps and run.project_id in (select codered.my_projects())
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
revoke execute on function codered.lock_own_run(uuid) from public;

create or replace function codered.create_agent_job(
  project_id uuid,
  agent_type text,
  input jsonb,
  user_id uuid default auth.uid(),
  parent_job_id uuid default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.agent_jobs;
begin
  if create_agent_job.project_id is not null or codered.is_member_call() then
    perform codered.require_project(create_agent_job.project_id);
  end if;
  if codered.is_member_call() then
    if create_agent_job.user_id is distinct from auth.uid() then
      raise exception 'create_agent_job.user_id is "%"; allowed: yourself.', create_agent_job.user_id using errcode = 'CR008';
    end if;
    -- The app works on these with rights of its own, on what their input names.
    if create_agent_job.agent_type in ('diagnose', 'report', 'artifacts', 'backfill', 'embed') then
      raise exception 'create_agent_job.agent_type is "%", which only the app queues; allowed: research, wireframe, code, qa, pedagogy, roadmap, plan_sprint, pipeline.',
        create_agent_job.agent_type using errcode = 'CR008';
    end if;
    if create_agent_job.parent_job_id is not null and not exists (
      select from codered.agent_jobs j
      where j.id = create_agent_job.parent_job_id and (j.is_apps or j.user_id = auth.uid() or codered.is_operator())
    ) then
      raise exception 'agent_jobs.parent_job_id is "%": there is no such row of agent_jobs in this project.', create_agent_job.parent_job_id
        using errcode = 'CR007', table = 'agent_jobs', column = 'parent_job_id', hint = 'Allowed: an id of the project that project_id names.';
    end if;
  elsif create_agent_job.user_id is not null and not exists (select from codered.profiles p where p.id = create_agent_job.user_id) then
    raise exception 'There is no profile "%".', create_agent_job.user_id using errcode = 'CR004';
  end if;
  insert into codered.agent_jobs (project_id, agent_type, input, user_id, parent_job_id)
  values (
    create_agent_job.project_id, create_agent_job.agent_type, coalesce(create_agent_job.input, '{}'),
    create_agent_job.user_id, create_agent_job.parent_job_id
  )
  returning * into made;
  return jsonb_build_object('job_id', made.id, 'status', made.status);
end
$$;
comment on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) is
  'Queues a job and returns {job_id, status}. Refuses CR002 (unknown agent_type, input that is no object or over 1 MB), CR003 (project retired), CR004 (no such project or profile), CR007 (parent of another project), CR008 (a member for somebody else, or work that only the app queues). Security definer, because members write agent_jobs through functions only; it checks membership itself.';
revoke execute on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) from public;
grant execute on function codered.create_agent_job(uuid, text, jsonb, uuid, uuid) to authenticated, service_role;
