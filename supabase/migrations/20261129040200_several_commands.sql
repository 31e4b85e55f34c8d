-- Several commands of one comment, each known by its place in it. Old workers survive it: theirs is the first place.

alter table codered.user_overrides
  add column github_comment_place integer not null default 1,
  add column revoked_comment_place integer,
  drop constraint user_overrides_comment_key,
  add constraint user_overrides_comment_key unique (repository_id, github_comment_id, github_comment_place);
update codered.user_overrides set revoked_comment_place = 1 where revoked_comment_id is not null;
comment on column codered.user_overrides.github_comment_place is 'Which of the comment''s commands it was, from 1.';
comment on column codered.user_overrides.revoked_comment_place is 'Which of that comment''s commands took it back, from 1.';

drop function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz);
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
  made uuid;
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
    github_comment_id, github_comment_place
  )
  values (
    home.project_id, codered.find_profile(record_override.login), record_override.login, 'deploy_anyway', home.id,
    record_override.pull_request_number, case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id, record_override.place
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning user_overrides.id into made;
  if made is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = home.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.append_status(
    home.project_id, run, 'OVERRIDDEN', format('%s: %s', record_override.criterion, record_override.reason),
    jsonb_build_object(
      'override_id', made, 'criterion', record_override.criterion, 'user', record_override.login, 'reason', record_override.reason,
      'expires_at', record_override.expires_at, 'commit_sha', record_override.head_sha,
      'pull_request_number', record_override.pull_request_number));
  perform codered.queue_job(
    home.project_id, 'report', jsonb_build_object('repository_id', home.id, 'head_sha', record_override.head_sha),
    'report:' || home.id || ':' || record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;
comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; the same command''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';

drop function codered.revoke_overrides(bigint, integer, bigint, text, text, text);
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
    perform codered.queue_job(
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

revoke execute on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer),
  codered.revoke_overrides(bigint, integer, bigint, text, text, text, integer) from public;
grant execute on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer),
  codered.revoke_overrides(bigint, integer, bigint, text, text, text, integer) to service_role;
