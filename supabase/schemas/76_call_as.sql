-- How the app acts as a person: one function, called as them, with all that row security says of them. On a Postgres server this is done
-- on a connection of its own, whose login can do nothing else (require_few_rights); on Supabase by call_as, for want of such a login.

create function codered.require_person(user_id uuid)
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

create function codered.require_few_rights()
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

create function codered.act_as(user_id uuid)
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

create function codered.project_of(arguments jsonb)
returns uuid
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (arguments ->> 'project_id')::uuid,
    (select t.project_id from codered.tasks t where t.id = (arguments ->> 'task_id')::uuid),
    (select j.project_id from codered.agent_jobs j where j.id = (arguments ->> 'job_id')::uuid),
    (select j.project_id from codered.agent_jobs j where j.id = (arguments ->> 'work_id')::uuid),
    (
      select r.project_id
      from codered.gate_executions g
      join codered.runs r on r.id = g.run_id
      where g.id = (arguments ->> 'work_id')::uuid
    ),
    (select r.project_id from codered.runs r where r.id = (arguments ->> 'run_id')::uuid),
    (select s.project_id from codered.specs s where s.id = (arguments ->> 'spec_id')::uuid),
    (select s.project_id from codered.sprints s where s.id = (arguments ->> 'sprint_id')::uuid),
    (select a.project_id from codered.artifacts a where a.id = (arguments ->> 'artifact_id')::uuid),
    (select o.project_id from codered.user_overrides o where o.id = (arguments ->> 'override_id')::uuid),
    (select d.project_id from codered.deployments d where d.id = (arguments ->> 'deployment_id')::uuid),
    (
      select r.project_id
      from codered.tests t
      join codered.repositories r on r.id = t.repository_id
      where t.id = (arguments ->> 'test_id')::integer
    ),
    (select b.project_id from codered.bug_patterns b where b.id = (arguments ->> 'pattern_id')::uuid),
    (select m.project_id from codered.milestones m where m.id = (arguments ->> 'milestone_id')::uuid),
    (select r.project_id from codered.task_runs r where r.id = (arguments ->> 'task_run_id')::uuid),
    (select d.project_id from codered.decisions d where d.id = (arguments ->> 'decision_id')::uuid),
    (select c.project_id from codered.checkpoints c where c.id = (arguments ->> 'checkpoint_id')::uuid),
    (select s.project_id from codered.agent_sessions s where s.id = (arguments ->> 'agent_session_id')::uuid),
    (select s.project_id from codered.ux_snippets s where s.id = (arguments ->> 'snippet_id')::uuid),
    (select e.project_id from codered.errors e where e.id = (arguments ->> 'error_id')::uuid),
    -- Not looked for where none is named: it is no index's first column.
    case when arguments ->> 'guid' is not null then (
      select r.project_id
      from codered.webhook_deliveries w
      join codered.repositories r on r.id = w.repository_id
      where w.guid = arguments ->> 'guid'
      limit 1
    ) end)
$$;
comment on function codered.project_of(jsonb) is 'The project that the arguments of an operation are about; null when they are about none. Called by home_of and refuse_unchecked.';
revoke execute on function codered.project_of from public;
grant execute on function codered.project_of to service_role;

create function codered.refuse_unchecked(user_id uuid, name text, arguments jsonb)
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
  -- Of whom GitHub was never asked everything is uncertain: those words would tell them what is there.
  select c.checked_at into since from codered.access_checks c where c.user_id = refuse_unchecked.user_id;
  if project is null and since is not null and jsonb_strip_nulls(refuse_unchecked.arguments) ?|
    '{guid,project_id,task_id,job_id,work_id,run_id,spec_id,sprint_id,artifact_id,override_id,deployment_id,test_id,pattern_id,milestone_id,task_run_id,decision_id,checkpoint_id,agent_session_id,snippet_id,error_id}' then
    return;
  end if;
  if project is null and refuse_unchecked.arguments ->> 'org' is not null and not exists (
    select from codered.memberships m join codered.orgs o on o.id = m.org_id
    where m.user_id = refuse_unchecked.user_id and lower(o.login) = lower(refuse_unchecked.arguments ->> 'org')
  ) then
    return;
  end if;
  if codered.has_unchecked(refuse_unchecked.user_id, project) then
    raise exception 'What you may see is what GitHub lets you see, and GitHub could not be asked since %.', coalesce(to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'you signed in')
      using errcode = 'CR010', detail = jsonb_build_object('checked_at', since)::text;
  end if;
end
$$;
comment on function codered.refuse_unchecked(uuid, text, jsonb) is
  'Refuses (CR010) what would leave something out only because GitHub was not asked within the hour: an operation about a project of which something private is hidden for that, or about no project when anything is. Called by call_as, call_as_once and require_fresh.';
revoke execute on function codered.refuse_unchecked from public;
grant execute on function codered.refuse_unchecked to service_role;

create function codered.require_fresh(name text, arguments jsonb)
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

create function codered.call_as(user_id uuid, name text, arguments jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  answer jsonb;
begin
  perform codered.refuse_unchecked(call_as.user_id, call_as.name, call_as.arguments);
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
  'Calls one function as a person and returns its answer. The name is one of those that the operations have (call_operation), and never put into a statement. Whatever it set is gone when the transaction ends, and before, when it returns. Refuses CR004 (no such person or operation), CR010 (GitHub was not asked within the hour, and something would be left out for that) and what the function refuses.';
revoke execute on function codered.call_as from public;
grant execute on function codered.call_as to service_role;

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

create function codered.take_key(key_hash text, request_hash text)
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

create function codered.home_of(arguments jsonb)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select p.id
  from codered.projects p
  where p.id = codered.project_of(home_of.arguments) and p.id in (select codered.my_projects())
$$;
comment on function codered.home_of(jsonb) is
  'The project that the arguments of an operation are about, where the caller sees it; else null. Security definer, because project_of reads of rows what not everybody may; it tells of the caller''s own projects alone.';
revoke execute on function codered.home_of from public;
grant execute on function codered.home_of to authenticated;

create function codered.keep_answer(key_hash text, answer jsonb, project_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if octet_length(keep_answer.answer::text) > 8388608 then
    perform codered.refuse_value('idempotency_keys.answer', octet_length(keep_answer.answer::text), 'at most 8388608 bytes');
  end if;
  -- As they are stored; without this an answer of megabytes to a change of a word would fill the disk ten thousand times.
  if octet_length(keep_answer.answer::text) + (
      select coalesce(sum(pg_column_size(k.answer)), 0) from codered.idempotency_keys k where k.user_id = auth.uid()) > 67108864 then
    raise exception 'What is kept for your Idempotency-Keys of a day would be more than 64 MB: send this without one, or wait.' using errcode = 'CR003';
  end if;
  update codered.idempotency_keys k
  set
    answer = keep_answer.answer,
    -- Only what the caller sees: whether there is another project of that name is nothing to find out here.
    project_id = (
      select p.id from codered.projects p
      -- What was just made names itself.
      where p.id::text = coalesce(keep_answer.project_id::text, keep_answer.answer ->> 'id') and p.id in (select codered.my_projects()))
  where k.user_id = auth.uid() and k.key_hash = keep_answer.key_hash
    -- Taken in this very transaction, so that no answer that was given is ever another.
    and k.created_at = now() and k.answer is null;
  if not found then
    raise exception 'This Idempotency-Key was not taken in this transaction.' using errcode = 'CR003';
  end if;
end
$$;
comment on function codered.keep_answer(text, jsonb, uuid) is
  'Keeps what was answered under a key that take_key took in this transaction, with the project that it is about. Refuses CR002 (more than 8 MB), CR003 (no such key, or more than 64 MB for all of a day). Security definer, because nobody may read or write the keys; it writes the caller''s own alone.';
revoke execute on function codered.keep_answer from public;
grant execute on function codered.keep_answer to authenticated;

create function codered.call_once(name text, arguments jsonb, key_hash text, request_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  kept constant jsonb := codered.take_key(call_once.key_hash, call_once.request_hash);
  -- Before, as it may delete what names the project.
  home constant uuid := case when kept is null then codered.home_of(call_once.arguments) end;
  given_answer jsonb;
begin
  if kept is null then
    given_answer := codered.call_operation(call_once.name, call_once.arguments);
    perform codered.keep_answer(call_once.key_hash, given_answer, home);
    return jsonb_build_object('answer', given_answer, 'is_replay', false);
  end if;
  if kept ->> 'project_id' is not null then
    begin
      perform codered.require_project((kept ->> 'project_id')::uuid);
    exception
      -- Retired, maybe by this very request: who may see it is all that counts here.
      when sqlstate 'CR003' then null;
    end;
  end if;
  return jsonb_build_object('answer', kept -> 'answer', 'is_replay', true);
end
$$;
comment on function codered.call_once(text, jsonb, text, text) is
  'As call_operation, but done once for a key of the caller''s: {answer, is_replay}. The same request again gets the same answer for a day, if the caller may still see the project that it is about; what failed is not kept. Refuses what take_key and the operation refuse.';
revoke execute on function codered.call_once from public;
grant execute on function codered.call_once to authenticated;

create function codered.call_as_once(user_id uuid, name text, arguments jsonb, key_hash text, request_hash text)
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
