-- What people do with the App's own rights: GitHub is asked first, its answer is good once and for seconds, and then it is done as the person.

create table codered.asked_rights (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references codered.profiles (id) on delete cascade,
  action text not null,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  pull_request_number integer not null,
  commit_sha text not null,
  login text not null,
  made_by text not null,
  made_through text not null,
  client_id text,
  asked_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint asked_rights_action_check check (action in ('override') or codered.refuse_value('asked_rights.action', action, 'override')),
  constraint asked_rights_made_by_check check (
    made_by in ('person', 'agent') or codered.refuse_value('asked_rights.made_by', made_by, 'person, agent')),
  constraint asked_rights_made_through_check check (
    made_through in ('rest', 'mcp') or codered.refuse_value('asked_rights.made_through', made_through, 'rest, mcp')),
  constraint asked_rights_client_id_length check (
    char_length(client_id) between 1 and 2000 or codered.refuse_value('asked_rights.client_id', client_id, '1 to 2000 characters')),
  constraint asked_rights_login_length check (char_length(login) between 1 and 200 or codered.refuse_value('asked_rights.login', login, '1 to 200 characters'))
);
comment on table codered.asked_rights is
  'What GitHub said a moment ago that a person may do with the rights of the App: good once, for what the row names, and for half a minute. Written by the app alone, so that nobody can say it of themselves.';
comment on column codered.asked_rights.login is 'Their login at GitHub at that moment.';
comment on column codered.asked_rights.client_id is 'The client that an agent''s token was given to; null: none was.';
comment on column codered.asked_rights.asked_at is 'When the asking began.';
create index asked_rights_user_id_idx on codered.asked_rights (user_id);
create index asked_rights_repository_id_idx on codered.asked_rights (repository_id);
create index asked_rights_asked_at_idx on codered.asked_rights (asked_at);
alter table codered.asked_rights enable row level security;
create policy asked_rights_nobody on codered.asked_rights for select to authenticated using (false);
grant select, insert, update, delete on codered.asked_rights to service_role;
create trigger asked_rights_touch before update on codered.asked_rights
  for each row execute function codered.touch_updated_at();

create function codered.read_github_person(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('github_id', p.github_id, 'github_login', p.github_login)
  from codered.profiles p
  where p.id = read_github_person.user_id
$$;
comment on function codered.read_github_person(uuid) is 'Who a person is at GitHub: {github_id: null for who never signed in there, github_login: the last known}; null when there is no such person.';
revoke execute on function codered.read_github_person from public;
grant execute on function codered.read_github_person to service_role;

create function codered.keep_asked_right(
  user_id uuid, action text, repository_id bigint, pull_request_number integer, commit_sha text, login text, made_by text,
  made_through text, client_id text, asked_ms_ago integer)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  made uuid;
begin
  delete from codered.asked_rights a
  where a.id in (
    select old.id from codered.asked_rights old
    where old.asked_at < now() - interval '1 minute'
    order by old.asked_at
    limit 100
    for update skip locked);
  if (keep_asked_right.asked_ms_ago >= 0) is not true then
    perform codered.refuse_value('asked_ms_ago', coalesce(keep_asked_right.asked_ms_ago::text, 'null'), '0 or more');
  end if;
  insert into codered.asked_rights (
    user_id, action, repository_id, pull_request_number, commit_sha, login, made_by, made_through, client_id, asked_at)
  values (
    keep_asked_right.user_id, keep_asked_right.action, keep_asked_right.repository_id, keep_asked_right.pull_request_number,
    keep_asked_right.commit_sha, keep_asked_right.login, keep_asked_right.made_by, keep_asked_right.made_through,
    keep_asked_right.client_id, clock_timestamp() - make_interval(secs => keep_asked_right.asked_ms_ago / 1000.0))
  returning asked_rights.id into made;
  return made;
end
$$;
comment on function codered.keep_asked_right(uuid, text, bigint, integer, text, text, text, text, text, integer) is
  'Keeps that GitHub, asked so many milliseconds ago, said that a person may do this, and returns the id by which it can be used once. Refuses CR002.';
revoke execute on function codered.keep_asked_right from public;
grant execute on function codered.keep_asked_right to service_role;

create function codered.take_asked_right(right_id uuid, action text, repository_id bigint, pull_request_number integer, commit_sha text)
returns codered.asked_rights
language plpgsql
set search_path = ''
as $$
declare
  taken codered.asked_rights;
begin
  delete from codered.asked_rights a
  where a.id = take_asked_right.right_id
    and a.user_id = auth.uid()
    and a.action = take_asked_right.action
    and a.repository_id = take_asked_right.repository_id
    and a.pull_request_number = take_asked_right.pull_request_number
    and a.commit_sha = take_asked_right.commit_sha
  returning a.* into taken;
  if not found then
    raise exception 'This takes the right of the App, and GitHub was not asked whether you may: do it over REST or MCP.' using errcode = 'CR008';
  end if;
  if taken.asked_at < clock_timestamp() - interval '30 seconds' then
    raise exception 'What GitHub said that you may do is older than 30 seconds, since %.',
      to_char(taken.asked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') using errcode = 'CR010';
  end if;
  -- What GitHub told of them since then is newer than its answer.
  if exists (select from codered.access_checks c where c.user_id = auth.uid() and c.doubted_at >= taken.asked_at) then
    raise exception 'GitHub told of a change of your rights since it was asked, at %.',
      to_char(taken.asked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') using errcode = 'CR010';
  end if;
  return taken;
end
$$;
comment on function codered.take_asked_right(uuid, text, bigint, integer, text) is
  'Uses up what GitHub said that the caller may do there. Refuses CR008 (GitHub was not asked, or of something else), CR010 (older than 30 seconds, or GitHub told of a change since). Called by what is done with the App''s right.';
revoke execute on function codered.take_asked_right from public;

create function codered.refuse_no_criterion(run_id uuid, criterion text)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  names text[];
begin
  select array_agg(distinct g.gate_id order by g.gate_id) into names
  from codered.gate_executions g
  where g.run_id = refuse_no_criterion.run_id and g.phase = 'definition_of_done' and g.status <> 'skipped';
  if names is null then
    raise exception 'Nothing is asked of this commit, or it was not evaluated yet: there is nothing to override.' using errcode = 'CR003';
  end if;
  if exists (
    select from codered.gate_executions g
    where g.run_id = refuse_no_criterion.run_id and g.phase = 'definition_of_done' and g.gate_id = 'policy' and g.status = 'error') then
    raise exception 'The policy is broken: it has to be mended first.' using errcode = 'CR003';
  end if;
  if refuse_no_criterion.criterion <> all (array_prepend('all', names)) then
    perform codered.refuse_value('criterion', refuse_no_criterion.criterion, left(array_to_string(array_prepend('all', names), ', '), 1000));
  end if;
end
$$;
comment on function codered.refuse_no_criterion(uuid, text) is
  'Refuses a criterion that the newest evaluation of a commit does not have (CR002), and anything where nothing was evaluated or the policy is broken (CR003). Called by override_criterion.';
revoke execute on function codered.refuse_no_criterion from public;

create function codered.override_criterion(
  right_id uuid, project_id uuid, repository text, pull_request integer, commit_sha text, criterion text, reason text, until date default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  place codered.repositories;
  pull codered.pull_requests;
  asked codered.asked_rights;
  run uuid;
  made codered.user_overrides;
begin
  perform codered.require_project(override_criterion.project_id);
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into place
  from codered.repositories r
  where r.project_id = override_criterion.project_id and lower(r.owner || '/' || r.name) = lower(override_criterion.repository)
    and r.deleted_at is null
    and (not codered.is_member_call() or r.id in (select codered.my_repositories()))
  for no key update;
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  select p.* into pull from codered.pull_requests p where p.repository_id = place.id and p.number = override_criterion.pull_request;
  if not found then
    perform codered.refuse_missing('pull request', override_criterion.pull_request::text);
  end if;
  asked := codered.take_asked_right(
    override_criterion.right_id, 'override', place.id, pull.number, override_criterion.commit_sha);
  if pull.head_sha <> override_criterion.commit_sha then
    raise exception 'The newest commit of pull request % is another one by now, %: look at that one.', pull.number, pull.head_sha using errcode = 'CR014';
  end if;
  if override_criterion.until < (now() at time zone 'utc')::date then
    perform codered.refuse_value('until', override_criterion.until, 'today or later');
  end if;
  if override_criterion.until is not null and pull.head_repository_id is distinct from place.id then
    raise exception 'This pull request comes from a fork, whose author could push anything until then: leave out until.' using errcode = 'CR003';
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = override_criterion.commit_sha and r.is_apps
  order by r.sprint_id is null, r.updated_at desc, r.created_at desc, r.id
  limit 1;
  perform codered.refuse_no_criterion(run, override_criterion.criterion);
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at, made_by,
    made_through, client_id)
  values (
    place.project_id, asked.user_id, asked.login, 'deploy_anyway', place.id, pull.number,
    case when override_criterion.until is null then override_criterion.commit_sha end,
    override_criterion.criterion, override_criterion.reason,
    (override_criterion.until + time '23:59:59.999') at time zone 'utc', asked.made_by, asked.made_through, asked.client_id)
  returning * into made;
  perform codered.announce_override(made, run, override_criterion.commit_sha);
  return to_jsonb(made);
end
$$;
comment on function codered.override_criterion(uuid, uuid, text, integer, text, text, text, date) is
  'Lets a criterion of a pull request pass on its newest commit, or with until on every commit to the end of that day (UTC), as GitHub said a moment ago (right_id) that the caller may. Leaves the override with the way it came, and a status event, and queues the report. Refuses CR002 (no such criterion, a day that is over), CR003 (nothing evaluated, a fork with until), CR004, CR008 (GitHub was not asked), CR010 (not just now), CR014 (another commit is the newest). Security definer, because statuses and the app''s queue are nobody''s to write.';
revoke execute on function codered.override_criterion from public;
grant execute on function codered.override_criterion to authenticated;
