-- Commands in comments, and how many one person may give.

create table codered.command_counts (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  about text not null,
  id bigint not null,
  hour_began timestamptz not null default now(),
  heard integer not null default 0,
  reactions integer not null default 0,
  reacted_at timestamptz,
  reacted_comment_id bigint,
  standing text,
  standing_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, about, id),
  constraint command_counts_about_check check (
    about in ('author', 'pull_request') or codered.refuse_value('command_counts.about', about, 'author, pull_request')),
  constraint command_counts_standing_check check (
    standing in ('none', 'some', 'full') or codered.refuse_value('command_counts.standing', standing, 'none, some, full'))
);
comment on table codered.command_counts is
  'How much was commanded within an hour, by author (id: the account''s) and by pull request (id: its number). Rows older than a day go by themselves.';
comment on column codered.command_counts.heard is 'Comments with commands since hour_began.';
comment on column codered.command_counts.reactions is 'Reactions to comments of people who may not write, since hour_began.';
comment on column codered.command_counts.reacted_at is 'The last of those on the pull request.';
comment on column codered.command_counts.standing is
  'What GitHub said of the author at standing_at: none, nothing is followed; some, may have a commit evaluated again; full, may write, or override by the policy.';
alter table codered.command_counts enable row level security;
create policy command_counts_nobody on codered.command_counts for select to authenticated using (false);
grant select, insert, update, delete on codered.command_counts to service_role;
create trigger command_counts_touch before update on codered.command_counts
  for each row execute function codered.touch_updated_at();

create function codered.queue_commands(facts json)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  told record;
  queued integer := 0;
begin
  for told in
    select distinct on (f.comment_id)
      r.project_id, f.repository_id, f.pull_request_number, f.author_id,
      'command:' || f.comment_id as dedupe_key,
      jsonb_build_object(
        'kind', 'command', 'repository_id', f.repository_id, 'pull_request_number', f.pull_request_number, 'comment_id', f.comment_id,
        'author', f.author, 'author_id', f.author_id, 'author_type', f.author_type, 'text', f.text, 'created_at', f.created_at,
        -- What the author had before them, as far as we know.
        'head_sha', pr.head_sha) as input
    from json_to_recordset(queue_commands.facts) as f (
      repository_id bigint, pull_request_number integer, comment_id bigint, author text, author_id bigint, author_type text, text text,
      created_at text
    )
    join codered.repositories r on r.id = f.repository_id
    left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = f.pull_request_number
    where not exists (select from codered.follow_ups j where j.dedupe_key = 'command:' || f.comment_id)
    order by f.comment_id
  loop
    if codered.take_command(told.repository_id, told.pull_request_number, told.author_id) then
      perform codered.queue_follow_up(told.project_id, 'command', told.input, told.dedupe_key);
      queued := queued + 1;
    end if;
  end loop;
  return queued;
end
$$;
comment on function codered.queue_commands(json) is
  'Queues commands of comments to be followed, each comment''s once and within the limits, with the pull request''s head of this moment; returns how many are new.';
revoke execute on function codered.queue_commands from public;
grant execute on function codered.queue_commands to service_role;

create function codered.command_limit(name text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case command_limit.name
    when 'refusal_minutes' then 10
    when 'comments_of_author' then 10
    when 'comments_of_writer' then 60
    when 'comments_on_pull_request' then 120
    when 'reactions_to_author' then 3
  end
$$;
comment on function codered.command_limit(text) is 'The limits of commands, in an hour unless named for minutes; docs/policy.md says why they are what they are. Of reactions on a pull request there is one.';
revoke execute on function codered.command_limit from public;
grant execute on function codered.command_limit to service_role;

create function codered.count_command(repository_id bigint, about text, id bigint)
returns codered.command_counts
language plpgsql
set search_path = ''
as $$
declare
  counted codered.command_counts;
begin
  insert into codered.command_counts as c (repository_id, about, id, heard)
  values (count_command.repository_id, count_command.about, count_command.id, 1)
  on conflict on constraint command_counts_pkey do update
  set
    heard = case when c.hour_began <= now() - interval '1 hour' then 1 else c.heard + 1 end,
    reactions = case when c.hour_began <= now() - interval '1 hour' then 0 else c.reactions end,
    hour_began = case when c.hour_began <= now() - interval '1 hour' then now() else c.hour_began end
  returning c.* into counted;
  if counted.heard = 1 then
    delete from codered.command_counts c
    where (c.repository_id, c.about, c.id) in (
      select o.repository_id, o.about, o.id
      from codered.command_counts o
      where o.repository_id = count_command.repository_id and o.hour_began < now() - interval '1 day'
      for update skip locked
    );
  end if;
  return counted;
end
$$;
comment on function codered.count_command(bigint, text, bigint) is 'Counts one more comment with commands, of an author or on a pull request, and returns the count of the hour.';
revoke execute on function codered.count_command from public;
grant execute on function codered.count_command to service_role;

create function codered.may_react(repository_id bigint, pull_request_number integer, author_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select not exists (
    select
    from codered.command_counts c
    where c.repository_id = may_react.repository_id
      and (
        (c.about = 'pull_request' and c.id = may_react.pull_request_number and c.reacted_at > now() - interval '1 hour')
        or (
          c.about = 'author' and c.id = may_react.author_id and c.hour_began > now() - interval '1 hour'
          and c.reactions >= codered.command_limit('reactions_to_author')
        )
      )
  )
$$;
comment on function codered.may_react(bigint, integer, bigint) is
  'Whether somebody who may not write may still have a reaction on a pull request in this hour.';
revoke execute on function codered.may_react from public;
grant execute on function codered.may_react to service_role;

create function codered.take_command(repository_id bigint, pull_request_number integer, author_id bigint)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  author constant codered.command_counts := codered.count_command(take_command.repository_id, 'author', take_command.author_id);
begin
  if author.standing is not distinct from 'full' then
    return author.heard <= codered.command_limit('comments_of_writer')
      and (codered.count_command(take_command.repository_id, 'pull_request', take_command.pull_request_number)).heard
        <= codered.command_limit('comments_on_pull_request');
  end if;
  if author.heard > codered.command_limit('comments_of_author') then
    return false;
  end if;
  return author.standing is distinct from 'none'
    or author.standing_at <= now() - make_interval(mins => codered.command_limit('refusal_minutes'))
    or codered.may_react(take_command.repository_id, take_command.pull_request_number, take_command.author_id);
end
$$;
comment on function codered.take_command(bigint, integer, bigint) is
  'Counts a comment with commands and says whether it is to be followed: false past the limits, and for whoever was refused a moment ago when not even a reaction is left.';
revoke execute on function codered.take_command from public;
grant execute on function codered.take_command to service_role;

create function codered.read_refusal(repository_id bigint, author_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.command_counts c
    where c.repository_id = read_refusal.repository_id and c.about = 'author' and c.id = read_refusal.author_id
      and c.standing = 'none'
      and c.standing_at > now() - make_interval(mins => codered.command_limit('refusal_minutes'))
  )
$$;
comment on function codered.read_refusal(bigint, bigint) is
  'Whether GitHub said within the last minutes that somebody may command nothing in a repository, so that it need not be asked again.';
revoke execute on function codered.read_refusal from public;
grant execute on function codered.read_refusal to service_role;

create function codered.keep_standing(repository_id bigint, author_id bigint, standing text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.command_counts as c (repository_id, about, id, standing, standing_at)
  values (keep_standing.repository_id, 'author', keep_standing.author_id, keep_standing.standing, now())
  on conflict on constraint command_counts_pkey do update
  set standing = excluded.standing, standing_at = excluded.standing_at
$$;
comment on function codered.keep_standing(bigint, bigint, text) is 'Keeps what GitHub just said of somebody who commands: none, some or full. CR002.';
revoke execute on function codered.keep_standing from public;
grant execute on function codered.keep_standing to service_role;

create function codered.take_command_reaction(repository_id bigint, pull_request_number integer, comment_id bigint, author_id bigint)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  place codered.command_counts;
begin
  insert into codered.command_counts (repository_id, about, id)
  values
    (take_command_reaction.repository_id, 'author', take_command_reaction.author_id),
    (take_command_reaction.repository_id, 'pull_request', take_command_reaction.pull_request_number)
  on conflict do nothing;
  select c.* into place
  from codered.command_counts c
  where c.repository_id = take_command_reaction.repository_id and c.about = 'pull_request'
    and c.id = take_command_reaction.pull_request_number
  for update;
  -- Its own, once more: the first time came to nothing.
  if place.reacted_comment_id = take_command_reaction.comment_id then
    return true;
  end if;
  if not codered.may_react(
    take_command_reaction.repository_id, take_command_reaction.pull_request_number, take_command_reaction.author_id)
  then
    return false;
  end if;
  update codered.command_counts c
  set reacted_at = now(), reacted_comment_id = take_command_reaction.comment_id
  where c.repository_id = place.repository_id and c.about = place.about and c.id = place.id;
  update codered.command_counts c
  set
    reactions = case when c.hour_began <= now() - interval '1 hour' then 1 else c.reactions + 1 end,
    heard = case when c.hour_began <= now() - interval '1 hour' then 0 else c.heard end,
    hour_began = case when c.hour_began <= now() - interval '1 hour' then now() else c.hour_began end
  where c.repository_id = take_command_reaction.repository_id and c.about = 'author' and c.id = take_command_reaction.author_id;
  return true;
end
$$;
comment on function codered.take_command_reaction(bigint, integer, bigint, bigint) is
  'Whether a comment of somebody who may not write gets the reaction of this hour; the same comment gets the same answer again.';
revoke execute on function codered.take_command_reaction from public;
grant execute on function codered.take_command_reaction to service_role;
