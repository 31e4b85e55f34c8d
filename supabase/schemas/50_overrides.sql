-- Overrides: who let a criterion pass, why, and until when.

create table codered.user_overrides (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  user_id uuid default auth.uid() references codered.profiles (id) on delete set null,
  "user" text not null,
  override_type text not null,
  target_type text,
  target_id uuid,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  criterion text,
  reason text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  github_comment_id bigint,
  revoked_comment_id bigint,
  github_rule_suite_id bigint,
  github_comment_place integer not null default 1,
  revoked_comment_place integer,
  made_by text,
  made_through text,
  client_id text,
  constraint user_overrides_made_by_check check (
    made_by in ('person', 'agent') or codered.refuse_value('user_overrides.made_by', made_by, 'person, agent')),
  constraint user_overrides_made_through_check check (
    made_through in ('comment', 'rest', 'mcp') or codered.refuse_value('user_overrides.made_through', made_through, 'comment, rest, mcp')),
  constraint user_overrides_user_length check (char_length("user") between 1 and 200 or codered.refuse_value('user_overrides.user', "user", '1 to 200 characters')),
  constraint user_overrides_override_type_check check (
    override_type in ('cynic_reject', 'deploy_anyway', 'agent_override')
    or codered.refuse_value('user_overrides.override_type', override_type, 'cynic_reject, deploy_anyway, agent_override')),
  constraint user_overrides_target_type_check check (
    target_type in ('agent_run', 'ci_event', 'deployment', 'task', 'run')
    or codered.refuse_value('user_overrides.target_type', target_type, 'agent_run, ci_event, deployment, task, run')),
  constraint user_overrides_reason_length
    check (char_length(reason) between 1 and 2000 or codered.refuse_value('user_overrides.reason', reason, '1 to 2000 characters')),
  constraint user_overrides_criterion_length
    check (char_length(criterion) between 1 and 200 or codered.refuse_value('user_overrides.criterion', criterion, '1 to 200 characters')),
  constraint user_overrides_pull_request_number_check check (
    pull_request_number > 0 or codered.refuse_value('user_overrides.pull_request_number', pull_request_number, '1 or more')),
  constraint user_overrides_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('user_overrides.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint user_overrides_revoked_check check (
    (revoked_at is null) = (revoked_by is null)
    or codered.refuse_value('user_overrides.revoked_by', coalesce(revoked_by, ''), 'given together with revoked_at')),
  constraint user_overrides_rule_suite_key unique (repository_id, github_rule_suite_id),
  constraint user_overrides_comment_key unique (repository_id, github_comment_id, github_comment_place)
);
comment on table codered.user_overrides is 'Where a person overruled the gate or an agent: who, what, why, until when. Revoked, never deleted.';
comment on column codered.user_overrides."user" is
  'Who overrode: a GitHub login, or "account" and the id of whoever wrote the row without having one here. Never what a member writes.';
comment on column codered.user_overrides.target_id is 'A plain id: the override outlives what it was about.';
comment on column codered.user_overrides.commit_sha is 'The one commit it covers; null with expires_at: every commit of the pull request until then.';
comment on column codered.user_overrides.criterion is
  'The one criterion of the Definition of Done that it covers, or "all"; of a run of a workflow (target_type run) the stage.';
comment on column codered.user_overrides.github_comment_id is
  'The comment that commanded it, by which it is known when the command is followed again; null: it came another way.';
comment on column codered.user_overrides.revoked_comment_id is 'The comment that took it back; null: nobody has, or it was done another way.';
comment on column codered.user_overrides.github_rule_suite_id is
  'GitHub''s record of the push that bypassed a rule, by which it is known when it is read again; null: none was read.';
comment on column codered.user_overrides.github_comment_place is 'Which of the comment''s commands it was, from 1.';
comment on column codered.user_overrides.revoked_comment_place is 'Which of that comment''s commands took it back, from 1.';
comment on column codered.user_overrides.made_by is
  'person, or agent: it came from an agent for whom the policy lets this person answer; null where nobody was asked.';
comment on column codered.user_overrides.made_through is 'The way on which GitHub was asked whether they may: a comment, REST or MCP; null: none of these.';
comment on column codered.user_overrides.client_id is 'The client whose token did it; null: a person''s own, or none.';
create index user_overrides_project_id_idx on codered.user_overrides (project_id, created_at desc);
create index user_overrides_user_id_idx on codered.user_overrides (user_id);
create index user_overrides_commit_idx on codered.user_overrides (repository_id, commit_sha);
alter table codered.user_overrides enable row level security;
create policy user_overrides_read on codered.user_overrides for select to authenticated
  using (
    project_id in (select codered.my_projects())
    and (repository_id is null or repository_id in (select codered.my_repositories()))
  );
create policy user_overrides_insert on codered.user_overrides for insert to authenticated
  with check (
    project_id in (select codered.my_projects())
    and user_id = (select auth.uid())
    -- The project's own, or a maintainer of one project could open the gate of another in which they are less.
    and (
      repository_id is null
      or exists (select from codered.repositories r where r.id = user_overrides.repository_id and r.project_id = user_overrides.project_id)
    )
    -- What opens a gate takes the App's own right: GitHub is asked first (override_criterion, a comment), which nobody can do by hand.
    and criterion is null
  );
create policy user_overrides_update on codered.user_overrides for update to authenticated
  using (
    revoked_at is null
    and (repository_id is null or repository_id in (select codered.my_repositories()))
    and (project_id in (select codered.my_projects('maintainer')) or (user_id = (select auth.uid()) and project_id in (select codered.my_projects())))
  )
  with check (
    revoked_at is not null and project_id in (select codered.my_projects())
    and (repository_id is null or repository_id in (select codered.my_repositories()))
  );
grant select on codered.user_overrides to authenticated;
grant insert (id, project_id, user_id, "user", override_type, target_type, target_id, repository_id, pull_request_number, commit_sha,
  reason, expires_at) on codered.user_overrides to authenticated;
-- A reason once given stays: an override is revoked, once, never rewritten, taken up again or deleted.
grant update (revoked_at, revoked_by) on codered.user_overrides to authenticated;
grant select, insert, update, delete on codered.user_overrides to service_role;
create trigger user_overrides_touch before update on codered.user_overrides
  for each row execute function codered.touch_updated_at();
create trigger user_overrides_events after insert or update or delete on codered.user_overrides
  for each row execute function codered.append_event('override');

create function codered.announce_override(made codered.user_overrides, run_id uuid, head_sha text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform codered.append_status(
    made.project_id, announce_override.run_id, 'OVERRIDDEN', format('%s: %s', made.criterion, made.reason),
    jsonb_build_object(
      'override_id', made.id, 'criterion', made.criterion, 'user', made."user", 'reason', made.reason,
      'expires_at', made.expires_at, 'commit_sha', announce_override.head_sha, 'pull_request_number', made.pull_request_number,
      'made_by', made.made_by, 'made_through', made.made_through, 'client_id', made.client_id));
  perform codered.queue_follow_up(
    made.project_id, 'report', jsonb_build_object('repository_id', made.repository_id, 'head_sha', announce_override.head_sha),
    'report:' || made.repository_id || ':' || announce_override.head_sha);
end
$$;
comment on function codered.announce_override(codered.user_overrides, uuid, text) is
  'Leaves the status event of an override, with who made it and how, and queues the report of the commit. Called by record_override and override_criterion.';
revoke execute on function codered.announce_override from public;
grant execute on function codered.announce_override to service_role;

create function codered.record_override(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, reason text,
  head_sha text, expires_at timestamptz default null, place integer default 1
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
  run uuid;
  made codered.user_overrides;
begin
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into home
  from codered.repositories r
  where r.id = record_override.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', record_override.repository_id::text);
  end if;
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at,
    github_comment_id, github_comment_place, made_by, made_through
  )
  values (
    home.project_id, codered.find_profile(record_override.login), record_override.login, 'deploy_anyway', home.id,
    record_override.pull_request_number, case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id, record_override.place,
    'person', 'comment'
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning * into made;
  if made.id is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = home.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.announce_override(made, run, record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;
comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; the same command''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';
revoke execute on function codered.record_override from public;
grant execute on function codered.record_override to service_role;

create function codered.revoke_overrides(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, head_sha text,
  place integer default 1
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
begin
  select r.* into home
  from codered.repositories r
  where r.id = revoke_overrides.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', revoke_overrides.repository_id::text);
  end if;
  update codered.user_overrides o
  set
    revoked_at = now(), revoked_by = revoke_overrides.login, revoked_comment_id = revoke_overrides.comment_id,
    revoked_comment_place = revoke_overrides.place
  where o.repository_id = home.id
    and o.pull_request_number = revoke_overrides.pull_request_number
    and o.criterion is not null
    and o.revoked_at is null
    and (o.expires_at is null or o.expires_at > now())
    and (revoke_overrides.criterion = 'all' or o.criterion = revoke_overrides.criterion)
    -- What was commanded later stands: this may be its second time.
    and (
      o.github_comment_id is null
      or (o.github_comment_id, o.github_comment_place) < (revoke_overrides.comment_id, revoke_overrides.place)
    );
  if found then
    perform codered.queue_follow_up(
      home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', revoke_overrides.head_sha),
      'report:' || home.id || ':' || revoke_overrides.head_sha);
  end if;
  return (
    select count(*)
    from codered.user_overrides o
    where o.repository_id = home.id and o.revoked_comment_id = revoke_overrides.comment_id
      and o.revoked_comment_place = revoke_overrides.place
  );
end
$$;
comment on function codered.revoke_overrides(bigint, integer, bigint, text, text, text, integer) is
  'Takes the overrides of one criterion (all: of every one) back that stand on a pull request, as a comment commanded, and queues the report; returns how many the command took back, the second time too. CR004.';
revoke execute on function codered.revoke_overrides from public;
grant execute on function codered.revoke_overrides to service_role;

create function codered.follow_override()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.queue_recheck(new.repository_id, coalesce(pr.head_sha, new.commit_sha))
  from (select) as once
  left join codered.pull_requests pr on pr.repository_id = new.repository_id and pr.number = new.pull_request_number
  where coalesce(pr.head_sha, new.commit_sha) is not null;
  return null;
end
$$;
comment on function codered.follow_override() is
  'Has the head of the pull request evaluated again when an override of a criterion is made or revoked, whoever wrote it. Security definer, because members write overrides by hand and may not queue work of the app; nobody can call it, it is a trigger''s.';
revoke execute on function codered.follow_override from public;

create trigger user_overrides_look_insert after insert on codered.user_overrides
  for each row when (new.repository_id is not null and new.criterion is not null)
  execute function codered.follow_override();

create trigger user_overrides_look_update after update of revoked_at, expires_at on codered.user_overrides
  for each row when (
    new.repository_id is not null and new.criterion is not null
    and (old.revoked_at, old.expires_at) is distinct from (new.revoked_at, new.expires_at))
  execute function codered.follow_override();

create function codered.name_overrider()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  known constant text := coalesce(
    (select p.github_login from codered.profiles p where p.id = (select auth.uid())), 'account ' || auth.uid()::text);
begin
  -- What the app wrote down for a person has the name that GitHub said a moment ago; no member may write that column.
  if not codered.is_member_call() or (tg_op = 'INSERT' and new.made_through is not null) then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new."user" := known;
  elsif new.revoked_at is not null then
    new.revoked_at := now();
    new.revoked_by := known;
  end if;
  return new;
end
$$;
comment on function codered.name_overrider() is
  'Puts into an override that a member writes, or revokes, who they are: the login that GitHub gave when they signed up, else the id of their account; what they write themselves is ignored. Security definer, because nobody may read that column of profiles; nobody can call it, it is a trigger''s.';
revoke execute on function codered.name_overrider from public;

create trigger user_overrides_name before insert or update of revoked_at, revoked_by on codered.user_overrides
  for each row execute function codered.name_overrider();
