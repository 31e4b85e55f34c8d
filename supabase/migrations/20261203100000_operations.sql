-- Acting as a person: the operations, the functions that they needed, call_as, and requests that may be sent again. What people may do with jobs and runs of an organisation that they left: nothing. Old workers survive it: they call none of them.

create table codered.idempotency_keys (
  user_id uuid not null references codered.profiles (id) on delete cascade,
  key_hash text not null,
  request_hash text not null,
  project_id uuid references codered.projects (id) on delete cascade,
  answer jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, key_hash),
  constraint idempotency_keys_key_hash_check check (key_hash ~ '^[0-9a-f]{64}$'),
  constraint idempotency_keys_request_hash_check check (request_hash ~ '^[0-9a-f]{64}$')
);
comment on table codered.idempotency_keys is
  'What was answered to a request that may be sent again: a person''s, for a day. Written in the transaction of what was done, so that a crash leaves neither or both, and nothing of what failed.';
comment on column codered.idempotency_keys.key_hash is 'SHA-256 of the key that the caller chose.';
comment on column codered.idempotency_keys.request_hash is 'SHA-256 of method, path and body: a key is good for one request.';
comment on column codered.idempotency_keys.project_id is 'Whose it is: asked for again before the answer is given again.';
create index idempotency_keys_project_id_idx on codered.idempotency_keys (project_id);
create index idempotency_keys_created_at_idx on codered.idempotency_keys (created_at);
alter table codered.idempotency_keys enable row level security;
create policy idempotency_keys_nobody on codered.idempotency_keys for select to authenticated using (false);
grant select, insert, update, delete on codered.idempotency_keys to service_role;
create trigger idempotency_keys_touch before update on codered.idempotency_keys
  for each row execute function codered.touch_updated_at();

create or replace function codered.check_place(what text, missing integer, parts integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if missing not in (0, parts) then
    perform codered.refuse_value(what, parts - missing, parts || ' parts of a place in the list, or none');
  end if;
end
$$;
comment on function codered.check_place(text, integer, integer) is 'Refuses (CR002) a place in a list of which a part is missing. Called by lists that go on after a place.';
revoke execute on function codered.check_place from public;
grant execute on function codered.check_place to authenticated, service_role;

create or replace function codered.list_projects(batch integer default 50, after_slug text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  items jsonb;
begin
  perform codered.check_batch('batch', list_projects.batch);
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description, 'status', p.status, 'phase', p.phase, 'mode', p.mode,
    'created_at', p.created_at, 'updated_at', p.updated_at) order by p.slug collate "C"), '[]')
  into items
  from (
    select p.*
    from codered.projects p
    where p.deleted_at is null and (list_projects.after_slug is null or p.slug collate "C" > list_projects.after_slug)
    order by p.slug collate "C"
    -- One more than asked for tells whether there are more.
    limit list_projects.batch + 1
  ) as p;
  return items;
end
$$;

comment on function codered.list_projects(integer, text) is
  'The projects that the caller may see and that are not retired, by slug (byte order), after a slug: one more than batch when there are more. Refuses CR002 (batch 1 to 500).';

revoke execute on function codered.list_projects from public;

grant execute on function codered.list_projects to authenticated, service_role;

create or replace function codered.describe_task(task codered.tasks)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', task.id, 'project_id', task.project_id, 'milestone_id', task.milestone_id, 'parent_task_id', task.parent_task_id,
    'title', task.title, 'description', task.description, 'acceptance_criteria', task.acceptance_criteria,
    'constraints', task.constraints, 'dependencies', task.dependencies, 'zone', task.zone, 'impact_axes', task.impact_axes,
    'size', task.size, 'status', task.status, 'priority', task.priority, 'assignee_agent_id', task.assignee_agent_id,
    'assignee_human', task.assignee_human, 'due_date', task.due_date, 'completed_at', task.completed_at,
    'lock', case when task.locked_at + interval '1 hour' > now()
      then codered.describe_task_lock(task.id, task.locked_by, task.locked_at) end,
    'created_at', task.created_at, 'updated_at', task.updated_at)
$$;

comment on function codered.describe_task(codered.tasks) is 'A task as the operations tell it; lock null when nobody has it.';

revoke execute on function codered.describe_task from public;

grant execute on function codered.describe_task to authenticated, service_role;

create or replace function codered.list_tasks(
  project_id uuid, status text default null, batch integer default 50,
  after_priority integer default null, after_created_at timestamptz default null, after_task uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_tasks.project_id);
  perform codered.check_batch('batch', list_tasks.batch);
  perform codered.check_place('after_task', num_nulls(list_tasks.after_priority, list_tasks.after_created_at, list_tasks.after_task), 3);
  return (
    select coalesce(jsonb_agg(codered.describe_task(page.task) order by page.priority, page.created_at, page.id), '[]')
    from (
      select t as task, t.priority, t.created_at, t.id
      from codered.tasks t
      where t.project_id = list_tasks.project_id
        and t.deleted_at is null
        and (list_tasks.status is null or t.status = list_tasks.status)
        and (
          list_tasks.after_task is null
          or (t.priority, t.created_at, t.id) > (list_tasks.after_priority, list_tasks.after_created_at, list_tasks.after_task)
        )
      order by t.priority, t.created_at, t.id
      -- One more than asked for tells whether there are more.
      limit list_tasks.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_tasks(uuid, text, integer, integer, timestamptz, uuid) is
  'The tasks of a project, or those of a status, by priority, then age, after a place in that order, which stays where it is when its task moves or goes: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_tasks from public;

grant execute on function codered.list_tasks to authenticated, service_role;

create or replace function codered.create_task(project_id uuid, task jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.tasks;
begin
  perform codered.require_project(create_task.project_id);
  insert into codered.tasks (
    project_id, milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone, impact_axes,
    size, status, priority, assignee_agent_id, assignee_human, due_date)
  select
    create_task.project_id, w.milestone_id, w.parent_task_id, w.title, w.description, coalesce(w.acceptance_criteria, '{}'),
    coalesce(w.constraints, '{}'), coalesce(w.dependencies, '{}'), coalesce(w.zone, 'green'), coalesce(w.impact_axes, '{}'),
    w.size, coalesce(w.status, 'backlog'), coalesce(w.priority, 100), w.assignee_agent_id, w.assignee_human, w.due_date
  from jsonb_populate_record(null::codered.tasks, create_task.task) as w
  returning * into made;
  return codered.describe_task(made);
end
$$;

comment on function codered.create_task(uuid, jsonb) is
  'Makes a task of the caller''s in a project; what task leaves out is as the table has it. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR006 (a cycle), CR007 (a milestone, parent or dependency of another project).';

revoke execute on function codered.create_task from public;

grant execute on function codered.create_task to authenticated, service_role;

create or replace function codered.update_task(task_id uuid, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.tasks;
begin
  -- First for its project's sake, then under a lock: what is left out stays as it is, also beside another who writes.
  perform codered.require_project(t.project_id) from codered.tasks t where t.id = update_task.task_id and t.deleted_at is null;
  if not found then
    perform codered.refuse_missing('task', update_task.task_id::text);
  end if;
  select t.* into made from codered.tasks t where t.id = update_task.task_id for no key update;
  made := jsonb_populate_record(made, update_task.changes);
  update codered.tasks t
  set (milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone, impact_axes, size,
    status, priority, assignee_agent_id, assignee_human, due_date)
    = (made.milestone_id, made.parent_task_id, made.title, made.description, made.acceptance_criteria, made.constraints,
      made.dependencies, made.zone, made.impact_axes, made.size, made.status, made.priority, made.assignee_agent_id,
      made.assignee_human, made.due_date)
  where t.id = update_task.task_id
  returning t.* into made;
  return codered.describe_task(made);
end
$$;

comment on function codered.update_task(uuid, jsonb) is
  'Changes what changes names of a task, and nothing else; null empties. Locks, times and whose it is are not to be written here. Refuses as create_task does, and CR003 for a status that can''t follow.';

revoke execute on function codered.update_task from public;

grant execute on function codered.update_task to authenticated, service_role;

create or replace function codered.record_decision(project_id uuid, decision jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.decisions;
begin
  perform codered.require_project(record_decision.project_id);
  insert into codered.decisions (
    project_id, title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
  select
    record_decision.project_id, w.title, w.description, w.domain, w.decision_type, w.rationale, w.options_considered,
    coalesce(w.options, '[]'), w.choice, w.decision_maker
  from jsonb_populate_record(null::codered.decisions, record_decision.decision) as w
  returning * into made;
  return jsonb_build_object(
    'id', made.id, 'project_id', made.project_id, 'title', made.title, 'choice', made.choice, 'created_at', made.created_at);
end
$$;

comment on function codered.record_decision(uuid, jsonb) is
  'Writes down what was decided, from which options and why. Returns {id, project_id, title, choice, created_at}. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.record_decision from public;

grant execute on function codered.record_decision to authenticated, service_role;

create or replace function codered.list_failures(
  project_id uuid, repository text default null, pull_request integer default null, commit_sha text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_failures.project_id);
  perform codered.check_batch('batch', list_failures.batch);
  perform codered.check_place('before_error', num_nulls(list_failures.before_created_at, list_failures.before_error), 2);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', e.id, 'project_id', e.project_id, 'source', e.source, 'severity', e.severity, 'message', e.message,
      'details', e.details, 'verdict', e.verdict, 'occurrences', e.occurrences, 'first_seen_at', e.first_seen_at,
      'created_at', e.created_at, 'excerpt', e.excerpt, 'evidence_why', e.evidence_why, 'line_number', e.line_number,
      'step_name', e.step_name, 'file_path', e.file_path, 'line', e.line,
      'repository', r.owner || '/' || r.name, 'job_name', j.name, 'workflow_name', c.workflow_name, 'commit_sha', c.commit_sha, 'branch', c.branch,
      'pull_requests', coalesce(c.pull_request_numbers, '{}'), 'url', coalesce(j.html_url, c.html_url),
      'cause', (
        select jsonb_build_object('name', b.name, 'category', b.category, 'rank', m.rank, 'root_cause', b.root_cause,
          'recommended_fix', b.recommended_fix, 'docs_url', b.docs_url, 'line_text', m.line_text)
        from codered.error_matches m
        join codered.bug_patterns b on b.id = m.bug_pattern_id
        where m.error_id = e.id and m.is_primary
      )) order by e.created_at desc, e.id desc), '[]')
    from (
      select e.*
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.repositories r on r.id = c.repository_id
      where e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.pull_request is null or list_failures.pull_request = any (c.pull_request_numbers))
        and (list_failures.commit_sha is null or c.commit_sha = list_failures.commit_sha)
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_failures.batch + 1
    ) as e
    left join codered.ci_events c on c.id = e.ci_event_id
    left join codered.repositories r on r.id = c.repository_id
    left join codered.ci_jobs j on j.id = e.ci_job_id
  );
end
$$;
comment on function codered.list_failures(uuid, text, integer, text, integer, timestamptz, uuid) is
  'Failures of a project, or of a repository (owner/name), pull request or commit, newest first, before a place in that order: one more than batch when there are more. cause is the primary match, null where no pattern knows it. Text from logs and names is a stranger''s. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_failures from public;
grant execute on function codered.list_failures to authenticated, service_role;

create or replace function codered.list_failures_of(repository text, pull_request integer default null, commit_sha text default null, batch integer default 50)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select codered.list_failures(r.project_id, list_failures_of.repository, list_failures_of.pull_request, list_failures_of.commit_sha, list_failures_of.batch)
  from codered.repositories r
  where lower(r.owner || '/' || r.name) = lower(list_failures_of.repository) and r.deleted_at is null
  order by r.id desc
  limit 1
$$;
comment on function codered.list_failures_of(text, integer, text, integer) is
  'As list_failures, by the repository''s name alone (owner/name, in any case); null when there is no such repository.';
revoke execute on function codered.list_failures_of from public;
grant execute on function codered.list_failures_of to service_role;

create or replace function codered.act_as(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if not exists (select from codered.profiles p where p.id = act_as.user_id) then
    raise exception 'There is no person "%".', act_as.user_id using errcode = 'CR004';
  end if;
  perform
    set_config('request.jwt.claims', jsonb_build_object('sub', act_as.user_id, 'role', 'authenticated')::text, true),
    -- Older ones of Supabase's own functions read these.
    set_config('request.jwt.claim.sub', act_as.user_id::text, true),
    set_config('request.jwt.claim.role', 'authenticated', true),
    set_config('role', 'authenticated', true);
  -- Whatever a pooler or a setting of the database did to them: nothing runs as anybody else.
  if auth.uid() is distinct from act_as.user_id or current_user <> 'authenticated' then
    raise exception 'The call would not run as person "%".', act_as.user_id using errcode = 'insufficient_privilege';
  end if;
end
$$;

comment on function codered.act_as(uuid) is
  'From here on the transaction has the rights of a person. Security invoker, as Postgres sets no role inside a definer function. Called by call_as and call_as_once. Refuses CR004 (no such person).';

revoke execute on function codered.act_as from public;

grant execute on function codered.act_as to service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes'));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;
comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';
revoke execute on function codered.call_operation from public;
grant execute on function codered.call_operation to authenticated;

create or replace function codered.call_as(user_id uuid, name text, arguments jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  answer jsonb;
begin
  perform codered.act_as(call_as.user_id);
  answer := codered.call_operation(call_as.name, call_as.arguments);
  perform
    set_config('request.jwt.claims', '{"role": "service_role"}', true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('role', 'service_role', true);
  return answer;
end
$$;

comment on function codered.call_as(uuid, text, jsonb) is
  'Calls one function as a person and returns its answer. The name is one of those that the operations have (call_operation), and never put into a statement. Whatever it set is gone when the transaction ends, and before, when it returns. Refuses CR004 (no such person or operation) and what the function refuses.';

revoke execute on function codered.call_as from public;

grant execute on function codered.call_as to service_role;

create or replace function codered.project_of(arguments jsonb)
returns uuid
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (arguments ->> 'project_id')::uuid,
    (select t.project_id from codered.tasks t where t.id = (arguments ->> 'task_id')::uuid),
    (select j.project_id from codered.agent_jobs j where j.id = (arguments ->> 'job_id')::uuid),
    (select r.project_id from codered.runs r where r.id = (arguments ->> 'run_id')::uuid))
$$;

comment on function codered.project_of(jsonb) is 'The project that the arguments of an operation are about; null when they are about none. Called by call_as_once.';

revoke execute on function codered.project_of from public;

grant execute on function codered.project_of to service_role;

create or replace function codered.call_as_once(user_id uuid, name text, arguments jsonb, key_hash text, request_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  kept codered.idempotency_keys;
  given_answer jsonb;
begin
  delete from codered.idempotency_keys k
  where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash and k.created_at < now() - interval '1 day';
  -- Everybody's, as who never comes back leaves some; nobody waits here for another who does the same.
  delete from codered.idempotency_keys k
  where (k.user_id, k.key_hash) in (
    select old.user_id, old.key_hash from codered.idempotency_keys old
    where old.created_at < now() - interval '1 day'
    order by old.created_at
    limit 100
    for update skip locked);
  -- Whoever sends the same at the same time waits here until the first is done, or has failed. Nothing of what the arguments name is
  -- written before it is known that the person may see it.
  insert into codered.idempotency_keys (user_id, key_hash, request_hash)
  select call_as_once.user_id, call_as_once.key_hash, call_as_once.request_hash
  where exists (select from codered.profiles p where p.id = call_as_once.user_id)
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    if (select count(*) from (
        select from codered.idempotency_keys k where k.user_id = call_as_once.user_id limit 10001) as mine) > 10000 then
      raise exception 'You used 10000 Idempotency-Keys within a day: send this without one, or wait.' using errcode = 'CR003';
    end if;
    given_answer := codered.call_as(call_as_once.user_id, call_as_once.name, call_as_once.arguments);
    update codered.idempotency_keys k
    set answer = given_answer, project_id = codered.project_of(call_as_once.arguments)
    where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash;
    return jsonb_build_object('answer', given_answer, 'is_replay', false);
  end if;
  select k.* into kept
  from codered.idempotency_keys k
  where k.user_id = call_as_once.user_id and k.key_hash = call_as_once.key_hash;
  if kept.request_hash is distinct from call_as_once.request_hash then
    raise exception 'The Idempotency-Key was used for another request: take a new one.' using errcode = 'CR009';
  end if;
  if kept.project_id is not null then
    perform codered.act_as(call_as_once.user_id);
    perform codered.require_project(kept.project_id);
    perform
      set_config('request.jwt.claims', '{"role": "service_role"}', true),
      set_config('request.jwt.claim.sub', '', true),
      set_config('request.jwt.claim.role', '', true),
      set_config('role', 'service_role', true);
  end if;
  return jsonb_build_object('answer', kept.answer, 'is_replay', true);
end
$$;

comment on function codered.call_as_once(uuid, text, jsonb, text, text) is
  'As call_as, but done once for a key: {answer, is_replay}. The same request again gets the same answer for a day, if the person may still see the project that it is about; what failed is not kept. Refuses CR003 (10,000 keys of a person within a day), CR009 (the key was used for another request) and what call_as refuses.';

revoke execute on function codered.call_as_once from public;

grant execute on function codered.call_as_once to service_role;

create or replace function codered.lock_own_job(job_id uuid)
returns codered.agent_jobs
language plpgsql
set search_path = ''
as $$
declare
  job codered.agent_jobs;
begin
  select j.* into job
  from codered.agent_jobs j
  where j.id = lock_own_job.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      -- Whoever left the organisation has nothing to do there any more.
      or j.user_id = auth.uid() and (j.project_id is null or j.project_id in (select codered.my_projects()))
    )
  for update;
  if not found then
    raise exception 'There is no job "%" of yours.', lock_own_job.job_id using errcode = 'CR004';
  end if;
  return job;
end
$$;

create or replace function codered.read_job(job_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'progress', j.progress,
    'result', j.result, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at
  ) || case when j.status <> 'waiting_for_input' then '{}' else jsonb_build_object('questions', (
    select coalesce(jsonb_agg(q.entry order by q.n), '[]')
    from jsonb_array_elements(j.questions) with ordinality as q (entry, n)
    where not exists (
      select from jsonb_array_elements(coalesce(j.answers, '[]')) as a (entry) where a.entry ->> 'question_id' = q.entry ->> 'id'
    )
  )) end
  into told
  from codered.agent_jobs j
  where j.id = read_job.job_id
    and (
      not codered.is_member_call()
      or codered.is_operator()
      -- Whoever left the organisation has nothing to read there any more.
      or j.project_id is null or j.project_id in (select codered.my_projects())
    );
  if not found then
    raise exception 'There is no job "%" that you may see.', read_job.job_id using errcode = 'CR004';
  end if;
  return told;
end
$$;

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
        -- Whoever left the organisation has nothing to do there any more.
        run.user_id = caller and (run.project_id is null or run.project_id in (select codered.my_projects()))
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
