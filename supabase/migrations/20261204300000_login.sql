-- People's calls under a login of few rights, circles of parents, dependencies that hold a lock back, tokens of one audience. Old workers survive it.

alter table codered.oauth_tokens add column audience text;
alter table codered.oauth_tokens add constraint oauth_tokens_audience_length
  check (char_length(audience) between 1 and 2000 or codered.refuse_value('oauth_tokens.audience', audience, '1 to 2000 characters'));

drop function codered.read_token(text);

create or replace function codered.find_person(github_id bigint)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    (select p.id from codered.profiles p where p.github_id = find_person.github_id),
    (select u.id from auth.users u where u.raw_app_meta_data @> jsonb_build_object('github_id', find_person.github_id) order by u.created_at, u.id limit 1),
    (select p.id
      from auth.identities i
      join codered.profiles p on p.id = i.user_id
      where i.provider = 'github' and i.provider_id = find_person.github_id::text and p.github_id is null
      order by i.created_at, p.id
      limit 1))
$$;

comment on function codered.find_person(bigint) is
  'Who has that id at GitHub; null when nobody here does. Finds the user as well whom the app made through Supabase Auth when it ended before record_person: app metadata, which is nobody''s own to write, names the id; and who signed up with GitHub through Supabase Auth itself, whose identity has GitHub''s id as Auth was told it (never user metadata, which people write). Security definer, because the app may not read schema auth on Supabase.';

revoke execute on function codered.find_person from public;

grant execute on function codered.find_person to service_role;

comment on table codered.oauth_tokens is 'Tokens with which scripts and agents come in as a person. Only hashes are kept: whoever reads the table can sign in as nobody.';

comment on column codered.oauth_tokens.access_token_hash is 'SHA-256 of the token in hexadecimal, made by the app before it gets here.';

comment on column codered.oauth_tokens.scope is 'Names of scopes with a space between two.';

comment on column codered.oauth_tokens.client_id is 'Who was given it; personal: a token that a person made for a script of theirs.';

comment on column codered.oauth_tokens.audience is 'The resource that it was given for (RFC 8707); null: the REST interface, as all personal tokens are.';

comment on column codered.oauth_tokens.name is 'What a personal token is for, in its maker''s words; null for any other.';

comment on column codered.oauth_tokens.last_used_at is 'To the minute.';

grant select on codered.oauth_tokens to authenticated;

grant select, insert, update, delete on codered.oauth_tokens to service_role;

create or replace function codered.read_token(token_hash text, audience text default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  found_token codered.oauth_tokens;
begin
  select t.* into found_token from codered.oauth_tokens t where t.access_token_hash = read_token.token_hash;
  if not found then
    return null;
  end if;
  if found_token.revoked_at is not null or found_token.expires_at <= now() then
    return json_build_object('state', case when found_token.revoked_at is not null then 'revoked' else 'expired' end);
  end if;
  -- Given for another resource it lets nobody in here, whoever brings it.
  if found_token.audience is distinct from read_token.audience then
    return json_build_object('state', 'for another audience');
  end if;
  -- Once a minute: a script that asks a thousand times writes sixty rows an hour.
  update codered.oauth_tokens t
  set last_used_at = now()
  where t.id = found_token.id and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  perform codered.note_seen(found_token.user_id);
  return json_build_object(
    'state', 'live', 'id', found_token.id, 'user_id', found_token.user_id, 'client_id', found_token.client_id,
    'scope', found_token.scope, 'expires_at', found_token.expires_at);
end
$$;

comment on function codered.read_token(text, text) is
  'Whom a token lets in to a resource (audience; null the REST interface), by its SHA-256: {state: live, id, user_id, client_id, scope, expires_at}, {state: expired, revoked or for another audience} without more, or null for one that was never given. Notes its last use, to the minute.';

revoke execute on function codered.read_token from public;

grant execute on function codered.read_token to service_role;

comment on table codered.projects is 'What everything belongs to; a repository without a project gets one when it is first seen.';

comment on column codered.projects.owner_user_id is 'Whoever made it; null for one that came with a repository.';

comment on column codered.projects.rules is
  'Zones ({"zones": {"red": ["src/billing/**"]}}), environments ({"environments": {"eu-live": "prod"}}), which the gate and the deployments go by; those of a policy file are written when it is read on the default branch. What else stands here is people''s: scope rules, gates and triggers say in words what may be touched, what holds work up and what begins it. project_context and resume_project hand them to whoever takes up work, and no function acts on them: what CI has to satisfy stands in the policy file.';

comment on column codered.projects.requirements_spec is 'What the research agent wrote: app_name, elevator_pitch, target_audience, core_features, recommended_stack.';

comment on column codered.projects.architecture_spec is 'What the wireframe agent wrote: site_map, global_state_needs, theme_colors.';

comment on column codered.projects.policy_rules is
  'What the policy file on the default branch of each repository said last, by the repository''s id: {"zones", "environments"} as rules has them. Written by record_policy_rules alone.';

grant select, delete on codered.projects to authenticated;

grant insert (id, org_id, slug, name, description, status, owner_user_id, rules, mode, phase, requirements_spec, architecture_spec, tech_stack)
  on codered.projects to authenticated;

-- Not org_id and owner_user_id: an owner could carry the organisation's project off. Not slug: the project's schema is named after it.
grant update (name, description, status, rules, mode, phase, requirements_spec, architecture_spec, tech_stack, deleted_at)
  on codered.projects to authenticated;

grant select, insert, update, delete on codered.projects to service_role;

create or replace function codered.open_dependencies(dependencies uuid[])
returns text
language sql
stable
set search_path = ''
as $$
  select left(string_agg(format('%s (%s)', to_json(left(t.title, 80)), t.status), ', ' order by t.title, t.id), 2000)
  from codered.tasks t
  where t.id = any (open_dependencies.dependencies) and t.status <> 'done' and t.deleted_at is null
$$;

comment on function codered.open_dependencies(uuid[]) is
  'What of a task''s dependencies is not done, in words: title and status of each; null when nothing is. Called by keep_task_state and take_task_lock.';

revoke execute on function codered.open_dependencies from public;

grant execute on function codered.open_dependencies to authenticated, service_role;

create or replace function codered.keep_task_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  next_states constant jsonb := '{
    "backlog": ["in_progress", "blocked", "ready_for_review", "done", "cancelled"],
    "in_progress": ["backlog", "blocked", "ready_for_review", "done", "cancelled"],
    "blocked": ["backlog", "in_progress", "cancelled"],
    "ready_for_review": ["backlog", "in_progress", "blocked", "done", "cancelled"],
    "done": ["backlog", "in_progress"],
    "cancelled": ["backlog"]
  }';
  is_update constant boolean := tg_op = 'UPDATE';
  is_asked boolean;
  was_waiting boolean;
  waits_for text;
begin
  if next_states ? new.status is not true then
    return new; -- the CHECK says what is allowed
  end if;
  if new.status in ('done', 'cancelled') or new.deleted_at is not null then
    new.locked_at := null;
    new.locked_by := null;
  end if;
  if new.status <> 'done' then
    new.completed_at := null;
  elsif is_update then
    new.completed_at := case when old.status = 'done' then old.completed_at else now() end;
  else
    new.completed_at := coalesce(new.completed_at, now());
  end if;
  if is_update and (new.status, new.dependencies, new.deleted_at) is not distinct from (old.status, old.dependencies, old.deleted_at) then
    return new;
  end if;
  if is_update and (new.status = 'done' or new.deleted_at is not null) <> (old.status = 'done' or old.deleted_at is not null) then
    -- Waits for those who are just adding this task to their dependencies.
    perform 1 from codered.tasks t where t.id = new.id for update;
  end if;

  is_asked := not is_update or new.status <> old.status;
  if new.deleted_at is null and new.dependencies <> '{}' then
    waits_for := codered.open_dependencies(new.dependencies);
  end if;
  if waits_for is not null and (
    (is_asked and new.status in ('in_progress', 'ready_for_review'))
    or (new.status = 'done' and (is_asked or new.dependencies is distinct from old.dependencies))
  ) then
    raise exception 'Task % can''t be % while it depends on what is not done: %; allowed: backlog (it becomes blocked), cancelled.',
      to_json(left(new.title, 80)), new.status, waits_for using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  if is_update and is_asked and not (next_states -> old.status) ? new.status then
    raise exception 'tasks.status can''t go from "%" to "%"; allowed: %.', old.status, new.status,
      (select string_agg(s.name, ', ') from jsonb_array_elements_text(next_states -> old.status) s(name))
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;

  if waits_for is not null then
    if new.status in ('backlog', 'in_progress', 'ready_for_review') then
      new.status := 'blocked';
    end if;
  elsif is_update and new.status = 'blocked' and old.status = 'blocked' and new.deleted_at is null then
    was_waiting := exists (
      select from codered.tasks t where t.id = any (old.dependencies) and t.status <> 'done' and t.deleted_at is null
    );
    if was_waiting or (old.deleted_at is not null and new.dependencies <> '{}') then
      new.status := 'backlog';
    end if;
  end if;
  return new;
end
$$;

comment on function codered.keep_task_state() is
  'Keeps completed_at, ends the lock of a task that is done, canceled or deleted, and decides on the status. From backlog, in_progress, ready_for_review: to any other; blocked: backlog, in_progress, cancelled; done: backlog, in_progress; cancelled: backlog; else CR003. With an open dependency: asked for in_progress, ready_for_review or done: CR003 naming them; backlog becomes blocked; a started task to which one is added, or which is restored, becomes blocked. Blocked goes to backlog when the last open dependency is taken out. A deleted task is left as it is until it is restored.';

revoke execute on function codered.keep_task_state from public;

comment on table codered.tasks is 'The unit of work, for people and agents.';

comment on column codered.tasks.constraints is
  'Limits of scope, in words for whoever does the work: paths, tools, anything to keep to. list_tasks hands them out as they are; no function looks into them, as what was done outside of the database only its reviewer can hold against them.';

comment on column codered.tasks.dependencies is
  'Tasks of the same project that have to be done first; a cycle is refused. A canceled one still holds this task up: take it out. A deleted one does not.';

comment on column codered.tasks.impact_axes is 'A easier to deploy, B more revenue, C saves money, D more organised, E legal.';

comment on column codered.tasks.status is
  'A task with an open dependency is blocked by trigger and goes back to backlog when the last is done; codered.keep_task_state() has the legal transitions.';

comment on column codered.tasks.priority is 'Lower comes first; 100 by default.';

comment on column codered.tasks.locked_at is 'When the lock was taken or kept last; it lapses an hour later. Written by take_task_lock, keep_task_lock and release_task_lock only.';

comment on column codered.tasks.locked_by is 'Who has the lock: an agent''s or a person''s name for themselves.';

comment on column codered.tasks.completed_at is 'Kept by trigger: when the status became done.';

comment on column codered.tasks.deleted_at is
  'Retired: counts nowhere (dependents go on without it, milestones leave it out, it can''t be locked), but its history stays and it can be restored.';

grant select, delete on codered.tasks to authenticated;

-- The lock is taken and released by functions only, so nobody but their owner may write its columns.
revoke insert, update on codered.tasks from service_role;

grant insert (id, project_id, milestone_id, parent_task_id, user_id, title, description, acceptance_criteria, constraints,
  dependencies, zone, impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date)
  on codered.tasks to authenticated, service_role;

grant update (milestone_id, parent_task_id, title, description, acceptance_criteria, constraints, dependencies, zone,
  impact_axes, size, status, priority, assignee_agent_id, assignee_human, due_date, deleted_at)
  on codered.tasks to authenticated, service_role;

grant select, delete on codered.tasks to service_role;

create or replace function codered.check_task_parent()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  way text;
begin
  if new.parent_task_id is null or (tg_op = 'UPDATE' and new.parent_task_id is not distinct from old.parent_task_id) then
    return new;
  end if;
  -- Two that would close a circle together wait for each other; the later sees what the first wrote.
  perform pg_advisory_xact_lock(hashtextextended('codered.tasks.parents ' || new.project_id, 0));
  with recursive above (id, parent_task_id, title, place) as (
    select t.id, t.parent_task_id, t.title, 1 from codered.tasks t where t.id = new.parent_task_id and t.id <> new.id
    union all
    select t.id, t.parent_task_id, t.title, a.place + 1
    from above a
    join codered.tasks t on t.id = a.parent_task_id
    where t.id <> new.id
  ) cycle id set is_seen using trail
  select string_agg(to_json(left(a.title, 80))::text, ' → ' order by a.place)
  into way
  from above a
  where exists (select from above last where last.parent_task_id = new.id) and not a.is_seen;
  if new.parent_task_id = new.id or way is not null then
    raise exception 'tasks.parent_task_id would close a circle: % → %.', to_json(left(new.title, 80)),
      left(concat_ws(' → ', way, to_json(left(new.title, 80))), 2000)
      using errcode = 'CR006', table = 'tasks', column = 'parent_task_id', hint = 'Allowed: tasks that do not lie under this one.';
  end if;
  return new;
end
$$;

comment on function codered.check_task_parent() is
  'Refuses a parent that is the task itself or lies under it through any number of tasks (CR006, naming the way). That it is of the same project tasks_same_project sees to.';

revoke execute on function codered.check_task_parent from public;

create or replace trigger tasks_parent before insert or update of parent_task_id on codered.tasks
  for each row execute function codered.check_task_parent();

create or replace function codered.take_task_lock(task_id uuid, locker text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  task codered.tasks;
  waits_for text;
begin
  task := codered.hold_task(take_task_lock.task_id, take_task_lock.locker);
  if task.status in ('done', 'cancelled') then
    raise exception 'Task % is %; allowed: a lock on a task that is neither done nor cancelled.', to_json(left(task.title, 80)), task.status
      using errcode = 'CR003', table = 'tasks', column = 'status';
  end if;
  waits_for := codered.open_dependencies(task.dependencies);
  if waits_for is not null then
    raise exception 'Task % can''t be locked while it depends on what is not done: %; allowed: one of these, or another task.',
      to_json(left(task.title, 80)), waits_for using errcode = 'CR003', table = 'tasks', column = 'dependencies';
  end if;
  update codered.tasks t
  set locked_by = take_task_lock.locker, locked_at = clock_timestamp()
  where t.id = task.id
  returning t.* into task;
  return codered.describe_task_lock(task.id, task.locked_by, task.locked_at);
end
$$;

comment on function codered.take_task_lock(uuid, text) is
  'Takes the lock of a task for an hour, or keeps it for another when the locker has it already; gives {task_id, locked_by, locked_at, locked_until}. A lapsed lock goes to whoever comes first. The locker''s name is all that tells two apart: let it be unique. Refuses: CR005 somebody else has it (who, until when; as JSON in detail), CR003 the task is done or cancelled, or depends on what is not done (named), CR004, CR002. Security definer, because nobody may write a lock''s columns; membership is checked here.';

revoke execute on function codered.take_task_lock from public;

grant execute on function codered.take_task_lock to authenticated, service_role;

create or replace function codered.describe_task(task codered.tasks)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', task.id, 'project_id', task.project_id, 'milestone_id', task.milestone_id, 'parent_task_id', task.parent_task_id,
    'title', task.title, 'description', task.description, 'acceptance_criteria', task.acceptance_criteria,
    'constraints', task.constraints, 'dependencies', task.dependencies,
    'is_blocked_by', coalesce((
      select jsonb_agg(t.id order by d.place)
      from unnest(task.dependencies) with ordinality as d (id, place)
      join codered.tasks t on t.id = d.id
      where t.status <> 'done' and t.deleted_at is null), '[]'),
    'zone', task.zone, 'impact_axes', task.impact_axes,
    'size', task.size, 'status', task.status, 'priority', task.priority, 'assignee_agent_id', task.assignee_agent_id,
    'assignee_human', task.assignee_human, 'due_date', task.due_date, 'completed_at', task.completed_at,
    'lock', case when task.locked_at + interval '1 hour' > now()
      then codered.describe_task_lock(task.id, task.locked_by, task.locked_at) end,
    'created_at', task.created_at, 'updated_at', task.updated_at)
$$;

comment on function codered.describe_task(codered.tasks) is 'A task as the operations tell it; lock null when nobody has it, is_blocked_by the dependencies that are not done, which hold its lock back.';

revoke execute on function codered.describe_task from public;

grant execute on function codered.describe_task to authenticated, service_role;

create or replace function codered.require_person(user_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Whatever a pooler or a setting of the database did to them: nothing runs as anybody else.
  if auth.uid() is distinct from require_person.user_id or current_user <> 'authenticated' then
    raise exception 'The call would not run as person "%": something between changes claims or role.', require_person.user_id using errcode = 'CR012';
  end if;
  if not exists (select from codered.profiles p where p.id = require_person.user_id) then
    raise exception 'There is no person "%".', require_person.user_id using errcode = 'CR004';
  end if;
end
$$;

comment on function codered.require_person(uuid) is
  'Reads back that the transaction has the claims and the role of this person. Refuses CR004 (no such person) and CR012 (they are others). Called before everything that is done as a person.';

revoke execute on function codered.require_person from public;

grant execute on function codered.require_person to authenticated;

create or replace function codered.require_few_rights()
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  more text;
begin
  select string_agg(quote_ident(r.rolname), ', ' order by r.rolname) into more
  from pg_catalog.pg_roles r
  where r.rolname not in (session_user, 'authenticated') and pg_has_role(session_user, r.oid, 'member');
  if more is null then
    select 'more than a login' into more
    from pg_catalog.pg_roles r
    where r.rolname = session_user and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication);
  end if;
  if more is not null then
    raise exception 'The login "%" of people''s calls has more rights than authenticated: %. Take these away.', session_user, left(more, 300) using errcode = 'CR012';
  end if;
end
$$;

comment on function codered.require_few_rights() is
  'Refuses (CR012) a session whose login could become anything but authenticated: what a function let out could then do no more than people may. Asked before each call of a person on a Postgres server, as a pooler may have put another login in the place of ours.';

revoke execute on function codered.require_few_rights from public;

grant execute on function codered.require_few_rights to authenticated;

create or replace function codered.act_as(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform
    set_config('request.jwt.claims', jsonb_build_object('sub', act_as.user_id, 'role', 'authenticated')::text, true),
    -- Older ones of Supabase's own functions read these.
    set_config('request.jwt.claim.sub', act_as.user_id::text, true),
    set_config('request.jwt.claim.role', 'authenticated', true),
    set_config('role', 'authenticated', true);
  perform codered.require_person(act_as.user_id);
end
$$;

comment on function codered.act_as(uuid) is
  'From here on the transaction has the rights of a person. Security invoker, as Postgres sets no role inside a definer function. Called by call_as and call_as_once. Refuses CR004 (no such person).';

revoke execute on function codered.act_as from public;

grant execute on function codered.act_as to service_role;

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

comment on function codered.project_of(jsonb) is 'The project that the arguments of an operation are about; null when they are about none. Called by keep_answer and refuse_unchecked.';

revoke execute on function codered.project_of from public;

grant execute on function codered.project_of to service_role;

create or replace function codered.refuse_unchecked(user_id uuid, name text, arguments jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  project uuid;
  since timestamptz;
begin
  -- What is about oneself alone leaves nothing out.
  if refuse_unchecked.name = 'my_profile' or not exists (select from codered.access_checks c where c.user_id = refuse_unchecked.user_id) then
    return;
  end if;
  project := codered.project_of(refuse_unchecked.arguments);
  -- What is not there is said by the operation itself, in the words for what is not theirs.
  if project is null and jsonb_strip_nulls(refuse_unchecked.arguments) ?| '{project_id,task_id,job_id,run_id}' then
    return;
  end if;
  if codered.has_unchecked(refuse_unchecked.user_id, project) then
    select c.checked_at into since from codered.access_checks c where c.user_id = refuse_unchecked.user_id;
    raise exception 'What you may see is what GitHub lets you see, and GitHub could not be asked since %.', coalesce(to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'you signed in')
      using errcode = 'CR010', detail = jsonb_build_object('checked_at', since)::text;
  end if;
end
$$;

comment on function codered.refuse_unchecked(uuid, text, jsonb) is
  'Refuses (CR010) what would leave something out only because GitHub was not asked within the hour: an operation about a project of which something private is hidden for that, or about no project when anything is. Called by call_as, call_as_once and require_fresh.';

revoke execute on function codered.refuse_unchecked from public;

grant execute on function codered.refuse_unchecked to service_role;

create or replace function codered.require_fresh(name text, arguments jsonb)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  perform codered.refuse_unchecked(auth.uid(), require_fresh.name, require_fresh.arguments);
end
$$;

comment on function codered.require_fresh(text, jsonb) is
  'As refuse_unchecked, of the caller alone. Security definer, because when GitHub was asked of whom is nobody''s to read.';

revoke execute on function codered.require_fresh from public;

grant execute on function codered.require_fresh to authenticated;

create or replace function codered.take_key(key_hash text, request_hash text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  person constant uuid := auth.uid();
  kept codered.idempotency_keys;
begin
  delete from codered.idempotency_keys k
  where k.user_id = person and k.key_hash = take_key.key_hash and k.created_at < now() - interval '1 day';
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
  select p.id, take_key.key_hash, take_key.request_hash
  from codered.profiles p
  where p.id = person
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    if (select count(*) from (
        select from codered.idempotency_keys k where k.user_id = person limit 10001) as mine) > 10000 then
      raise exception 'You used 10000 Idempotency-Keys within a day: send this without one, or wait.' using errcode = 'CR003';
    end if;
    return null;
  end if;
  select k.* into kept
  from codered.idempotency_keys k
  where k.user_id = person and k.key_hash = take_key.key_hash;
  if not found then
    raise exception 'There is no person who could use an Idempotency-Key here.' using errcode = 'CR004';
  end if;
  if kept.request_hash is distinct from take_key.request_hash then
    raise exception 'The Idempotency-Key was used for another request: take a new one.' using errcode = 'CR009';
  end if;
  return jsonb_build_object('answer', kept.answer, 'project_id', kept.project_id);
end
$$;

comment on function codered.take_key(text, text) is
  'Takes a key of the caller''s for the request; null when it is new, else {answer, project_id} of the same request before. Refuses CR003 (10,000 keys within a day), CR009 (used for another request). Security definer, because nobody may read or write the keys; it tells of nobody''s but the caller''s.';

revoke execute on function codered.take_key from public;

grant execute on function codered.take_key to authenticated;

create or replace function codered.keep_answer(key_hash text, answer jsonb, arguments jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  about constant uuid := codered.project_of(keep_answer.arguments);
begin
  if octet_length(keep_answer.answer::text) > 8388608 then
    perform codered.refuse_value('idempotency_keys.answer', octet_length(keep_answer.answer::text), 'at most 8388608 bytes');
  end if;
  update codered.idempotency_keys k
  set
    answer = keep_answer.answer,
    -- Only what the caller sees: whether there is another project of that name is nothing to find out here.
    project_id = case when about in (select codered.my_projects()) then about end
  where k.user_id = auth.uid() and k.key_hash = keep_answer.key_hash
    -- Taken in this very transaction, so that no answer that was given is ever another.
    and k.created_at = now() and k.answer is null;
  if not found then
    raise exception 'This Idempotency-Key was not taken in this transaction.' using errcode = 'CR003';
  end if;
end
$$;

comment on function codered.keep_answer(text, jsonb, jsonb) is
  'Keeps what was answered under a key that take_key took in this transaction, with the project that the arguments are about. Refuses CR002 (more than 8 MB), CR003 (no such key). Security definer, because nobody may read or write the keys; it writes the caller''s own alone.';

revoke execute on function codered.keep_answer from public;

grant execute on function codered.keep_answer to authenticated;

create or replace function codered.call_once(name text, arguments jsonb, key_hash text, request_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  kept constant jsonb := codered.take_key(call_once.key_hash, call_once.request_hash);
  given_answer jsonb;
begin
  if kept is null then
    given_answer := codered.call_operation(call_once.name, call_once.arguments);
    perform codered.keep_answer(call_once.key_hash, given_answer, call_once.arguments);
    return jsonb_build_object('answer', given_answer, 'is_replay', false);
  end if;
  if kept ->> 'project_id' is not null then
    perform codered.require_project((kept ->> 'project_id')::uuid);
  end if;
  return jsonb_build_object('answer', kept -> 'answer', 'is_replay', true);
end
$$;

comment on function codered.call_once(text, jsonb, text, text) is
  'As call_operation, but done once for a key of the caller''s: {answer, is_replay}. The same request again gets the same answer for a day, if the caller may still see the project that it is about; what failed is not kept. Refuses what take_key and the operation refuse.';

revoke execute on function codered.call_once from public;

grant execute on function codered.call_once to authenticated;

create or replace function codered.call_as_once(user_id uuid, name text, arguments jsonb, key_hash text, request_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  done jsonb;
begin
  perform codered.refuse_unchecked(call_as_once.user_id, call_as_once.name, call_as_once.arguments);
  perform codered.act_as(call_as_once.user_id);
  done := codered.call_once(call_as_once.name, call_as_once.arguments, call_as_once.key_hash, call_as_once.request_hash);
  perform
    set_config('request.jwt.claims', '{"role": "service_role"}', true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('role', 'service_role', true);
  return done;
end
$$;

comment on function codered.call_as_once(uuid, text, jsonb, text, text) is
  'As call_as, but done once for a key: {answer, is_replay}. Refuses what call_once and call_as refuse.';

revoke execute on function codered.call_as_once from public;

grant execute on function codered.call_as_once to service_role;
