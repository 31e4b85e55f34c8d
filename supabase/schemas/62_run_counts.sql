-- How many runs there are by GitHub's count, day by day, so that whatever rests on history can say how complete it is.

create table codered.run_counts (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  day date not null,
  told integer,
  held integer not null default 0,
  counted_at timestamptz,
  asked integer not null default 0,
  ask_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, day),
  constraint run_counts_told_check check (told >= 0 or codered.refuse_value('run_counts.told', told, '0 or more')),
  constraint run_counts_counted_check check ((told is null) = (counted_at is null))
);
comment on table codered.run_counts is
  'How many workflow runs GitHub counts that were made on a day (UTC) in a repository; a day that is not over has no row.';
comment on column codered.run_counts.told is 'GitHub''s count; null until it was asked.';
comment on column codered.run_counts.held is
  'How many of them are known here with their end; counted when GitHub was asked, and again while there are less than it told.';
comment on column codered.run_counts.asked is 'How often GitHub was asked; five times in vain are the end.';
alter table codered.run_counts enable row level security;
create policy run_counts_read on codered.run_counts for select to authenticated
  using (repository_id in (select codered.my_repositories()));
revoke all on codered.run_counts from public, anon, authenticated;
grant select on codered.run_counts to authenticated;
grant select, insert, update, delete on codered.run_counts to service_role;
create trigger run_counts_touch before update on codered.run_counts
  for each row execute function codered.touch_updated_at();

create function codered.take_run_count(installation_id bigint)
returns table (repository_id bigint, day date)
language sql
set search_path = ''
as $$
  with due as (
    select r.id, d.day::date as day
    from (
      -- However many there are: some of them at a time.
      select o.id
      from codered.repositories o
      where o.installation_id = take_run_count.installation_id and o.deleted_at is null
        and exists (
          select from codered.ci_events e
          where e.project_id = o.project_id and e.repository_id = o.id and e.start_time > now() - interval '35 days'
            and e.provider = 'github-actions'
        )
      order by random()
      limit 100
    ) as r
    cross join generate_series(
      ((now() - interval '1 hour') at time zone 'utc')::date - 1, ((now() - interval '34 days') at time zone 'utc')::date, interval '-1 day'
    ) as d (day)
    left join codered.run_counts c on c.repository_id = r.id and c.day = d.day::date
    where c.day is null or (c.told is null and c.asked < 5 and c.ask_at <= now())
    order by d.day desc, r.id
    limit 1
  )
  insert into codered.run_counts as c (repository_id, day, asked, ask_at)
  select due.id, due.day, 1, now() + interval '1 hour' from due
  on conflict on constraint run_counts_pkey do update set asked = c.asked + 1, ask_at = excluded.ask_at
  returning c.repository_id, c.day
$$;
comment on function codered.take_run_count(bigint) is
  'Takes the next day whose runs GitHub is to be asked to count, of the last 35 that are over, the newest first, in a repository of the installation that has runs; due again in an hour.';
revoke execute on function codered.take_run_count from public;
grant execute on function codered.take_run_count to service_role;

create function codered.held_runs(repository_id bigint, day date)
returns integer
language sql
stable
set search_path = ''
as $$
  select count(distinct e.run_id)::integer
  from codered.repositories r
  join codered.ci_events e on e.project_id = r.project_id and e.repository_id = r.id
  where r.id = held_runs.repository_id
    and e.provider = 'github-actions'
    and e.start_time >= held_runs.day::timestamp at time zone 'utc'
    and e.start_time < (held_runs.day + 1)::timestamp at time zone 'utc'
    and e.run_attempt = 1
    and e.status not in ('queued', 'running')
$$;
comment on function codered.held_runs(bigint, date) is 'How many runs of a day (UTC) are known with their end. Called in SQL only.';
revoke execute on function codered.held_runs from public;
grant execute on function codered.held_runs to service_role;

create function codered.note_run_count(repository_id bigint, day date, told integer)
returns void
language sql
set search_path = ''
as $$
  insert into codered.run_counts as c (repository_id, day, told, held, counted_at)
  values (
    note_run_count.repository_id, note_run_count.day, note_run_count.told,
    codered.held_runs(note_run_count.repository_id, note_run_count.day), now())
  on conflict on constraint run_counts_pkey do update set told = excluded.told, held = excluded.held, counted_at = excluded.counted_at
$$;
comment on function codered.note_run_count(bigint, date, integer) is 'Keeps how many runs GitHub counts that were made on a day (UTC) that is over, and how many of them are known.';
revoke execute on function codered.note_run_count from public;
grant execute on function codered.note_run_count to service_role;

create function codered.recount_runs(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with short as (
    select c.repository_id, c.day
    from codered.run_counts c
    where c.held < c.told and c.day >= current_date - 36
    order by c.updated_at
    limit recount_runs.batch
  ), recounted as (
    update codered.run_counts c
    set held = codered.held_runs(c.repository_id, c.day)
    from short s
    where c.repository_id = s.repository_id and c.day = s.day
    returning 1
  )
  select count(*)::integer from recounted
$$;
comment on function codered.recount_runs(integer) is
  'Counts again how many runs are known of the days of which some are not, so many days at a time, those that were counted longest ago first. Returns how many days.';
revoke execute on function codered.recount_runs from public;
grant execute on function codered.recount_runs to service_role;

create function codered.completeness(project_id uuid, since timestamptz, until timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(*) > 0 then
    jsonb_build_object('have', sum(least(c.held, c.told)), 'of', sum(c.told), 'known_since', min(c.day))
  end
  from codered.repositories r
  join codered.run_counts c
    on c.repository_id = r.id and c.told is not null
    and c.day >= (completeness.since at time zone 'utc')::date
    and c.day < (completeness.until at time zone 'utc')::date
  where r.project_id = completeness.project_id and r.deleted_at is null
$$;
comment on function codered.completeness(uuid, timestamptz, timestamptz) is
  'How many of the workflow runs that GitHub counts in a project, on the days from since until before until, are known with their end: {have, of, known_since}; null where GitHub was asked about none of these days.';
revoke execute on function codered.completeness from public;
grant execute on function codered.completeness to authenticated, service_role;
