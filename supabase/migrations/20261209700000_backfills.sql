-- The past of repositories is asked for: how far that has come, and what asks for it by itself. Old workers survive it: they leave it to the new ones.

create table codered.backfills (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  reason text not null,
  since timestamptz not null,
  until timestamptz,
  with_jobs boolean not null default false,
  with_logs boolean not null default false,
  state text not null default 'pending',
  phase text not null default 'heads',
  done_to timestamptz,
  counts jsonb not null default '{}',
  missing jsonb not null default '[]',
  error text,
  failures integer not null default 0,
  due_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  claim bigint not null default 0,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint backfills_reason_length check (
    char_length(reason) between 1 and 200 or codered.refuse_value('backfills.reason', reason, '1 to 200 characters')),
  constraint backfills_state_check check (
    state in ('pending', 'done', 'stopped') or codered.refuse_value('backfills.state', state, 'pending, done or stopped')),
  constraint backfills_phase_check check (
    phase in ('heads', 'pulls', 'runs', 'deployments', 'commits', 'again')
    or codered.refuse_value('backfills.phase', phase, 'heads, pulls, runs, deployments, commits or again')),
  constraint backfills_span_check check (
    until is null or since <= until or codered.refuse_value('backfills.since', since, 'a time before until')),
  constraint backfills_missing_check check (
    jsonb_typeof(missing) = 'array' and pg_column_size(missing) < 20000
    or codered.refuse_value('backfills.missing', left(missing::text, 100), 'a list of less than 20 kB'))
);
comment on table codered.backfills is
  'What GitHub is asked for of the past of a repository, and how far that has come: whoever goes on begins where the last one was. One of a repository is open at a time.';
comment on column codered.backfills.reason is 'What asked for it: the command, or what happened to the installation.';
comment on column codered.backfills.since is 'From when on, by GitHub''s clock as far as it was known.';
comment on column codered.backfills.until is 'Until when: GitHub''s time when it began; null before. What came later came by webhook.';
comment on column codered.backfills.with_jobs is 'Whether the jobs of all runs are asked for, and not those of the open heads alone.';
comment on column codered.backfills.with_logs is 'Whether what failed is to be diagnosed, for which its log is read.';
comment on column codered.backfills.state is 'pending: it goes on, or waits until due_at; done; stopped: somebody has to act first (error).';
comment on column codered.backfills.phase is
  'heads: open pull requests and the runs of their heads; pulls; runs; deployments; commits of the default branch; again: the runs of the last 35 days once more, as re-runs change old ones.';
comment on column codered.backfills.done_to is 'The phase is done back to there, from its newest on; null: not begun.';
comment on column codered.backfills.counts is
  'What was asked and found: requests, runs, runs_expected, attempts, jobs, deployments, pulls, commits, stored (deliveries that were new), out_of_reach (runs that GitHub does not list).';
comment on column codered.backfills.missing is 'What could not be had, and why: [{what, why}].';
comment on column codered.backfills.error is 'Why it waits or stopped; null while it goes on.';
comment on column codered.backfills.failures is 'How often in a row it failed.';
comment on column codered.backfills.claim is 'The number of the newest claim; 0 until the first.';
create unique index backfills_open_key on codered.backfills (repository_id) where state = 'pending';
create index backfills_repository_id_idx on codered.backfills (repository_id, created_at);
create index backfills_due_at_idx on codered.backfills (due_at) where state = 'pending';
alter table codered.backfills enable row level security;
create policy backfills_nobody on codered.backfills for select to authenticated using (false);
revoke all on codered.backfills from public, anon, authenticated;
grant select, insert, update, delete on codered.backfills to service_role;
create trigger backfills_touch before update on codered.backfills
  for each row execute function codered.touch_updated_at();

create function codered.request_backfill(
  repository_id bigint, reason text, since timestamptz default now() - interval '35 days', with_jobs boolean default false,
  with_logs boolean default false
)
returns uuid
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  made uuid;
begin
  insert into codered.backfills as b (repository_id, reason, since, with_jobs, with_logs)
  values (
    request_backfill.repository_id, request_backfill.reason, request_backfill.since, request_backfill.with_jobs,
    request_backfill.with_logs)
  on conflict (repository_id) where state = 'pending' do update
  set
    -- What is asked for beyond that has whoever is at it begin anew, by taking it from them.
    phase = 'heads', done_to = null, locked_by = null, locked_until = null, claim = nextval('codered.claim_number'),
    since = least(b.since, excluded.since), with_jobs = b.with_jobs or excluded.with_jobs,
    with_logs = b.with_logs or excluded.with_logs, due_at = now(), failures = 0, error = null
  where excluded.since < b.since - interval '1 hour'
    or (excluded.with_jobs and not b.with_jobs) or (excluded.with_logs and not b.with_logs)
  returning b.id into made;
  if made is null then
    select b.id into made
    from codered.backfills b
    where b.repository_id = request_backfill.repository_id and b.state = 'pending';
  end if;
  return made;
end
$$;
comment on function codered.request_backfill(bigint, text, timestamptz, boolean, boolean) is
  'Asks for the past of a repository since a time: a new backfill, or the open one, which is widened when more is asked for than it does. Returns its id.';
revoke execute on function codered.request_backfill from public;
grant execute on function codered.request_backfill to service_role;

create function codered.take_backfill(worker text, lease_seconds integer, id uuid default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  taken codered.backfills;
begin
  with turns as materialized (
    select r.installation_id, max(b.claim) as last_claim
    from codered.backfills b
    join codered.repositories r on r.id = b.repository_id
    group by r.installation_id
  )
  update codered.backfills b
  set
    locked_by = take_backfill.worker, locked_until = now() + make_interval(secs => take_backfill.lease_seconds),
    claim = nextval('codered.claim_number')
  where b.id = (
    select due.id
    from codered.backfills due
    join codered.repositories r on r.id = due.repository_id and r.deleted_at is null
    join codered.installations i on i.id = r.installation_id and i.deleted_at is null and i.suspended_at is null
    join turns t on t.installation_id = i.id
    where due.state = 'pending'
      and (due.locked_until is null or due.locked_until <= now())
      and (due.id = take_backfill.id or (take_backfill.id is null and due.due_at <= now()))
    -- What a verdict waits for goes first; among equals the installation whose last turn is longest ago, so that one with thousands of
    -- repositories does not keep the others waiting.
    order by due.phase = 'heads' desc, t.last_claim, due.due_at, due.id
    limit 1
    for update of due skip locked
  )
  returning b.* into taken;
  if not found then
    return null;
  end if;
  return (
    select json_build_object(
      'id', taken.id, 'claim', taken.claim, 'repository_id', r.id, 'installation_id', r.installation_id,
      'repository', r.owner || '/' || r.name, 'since', taken.since, 'until', taken.until, 'with_jobs', taken.with_jobs,
      'with_logs', taken.with_logs, 'phase', taken.phase, 'done_to', taken.done_to, 'counts', taken.counts,
      'missing', taken.missing, 'failures', taken.failures)
    from codered.repositories r
    where r.id = taken.repository_id
  );
end
$$;
comment on function codered.take_backfill(text, integer, uuid) is
  'Takes the backfill that is due, or the one that is named, for a worker until the lease ends; null when there is none that may go on now: one that another has, that is over, or of a repository or an installation that is gone or suspended.';
revoke execute on function codered.take_backfill from public;
grant execute on function codered.take_backfill to service_role;

create function codered.note_backfill(id uuid, claim bigint, lease_seconds integer, progress json default null)
returns boolean
language sql
set search_path = ''
as $$
  with noted as (
    update codered.backfills b
    set
      locked_until = now() + make_interval(secs => note_backfill.lease_seconds),
      until = coalesce((progress ->> 'until')::timestamptz, b.until),
      phase = coalesce(progress ->> 'phase', b.phase),
      done_to = case when progress is null then b.done_to else (progress ->> 'done_to')::timestamptz end,
      counts = coalesce((progress -> 'counts')::jsonb, b.counts),
      missing = coalesce((progress -> 'missing')::jsonb, b.missing)
    where b.id = note_backfill.id and b.claim = note_backfill.claim and b.state = 'pending'
    returning 1
  )
  select exists (select from noted)
$$;
comment on function codered.note_backfill(uuid, bigint, integer, json) is
  'Holds on to a backfill for as long again, and notes how far it has come ({until, phase, done_to, counts, missing}); false when it was taken again since the claim that is named.';
revoke execute on function codered.note_backfill from public;
grant execute on function codered.note_backfill to service_role;

create function codered.release_backfill(
  id uuid, claim bigint, state text default 'pending', due_ms integer default 0, error text default null,
  has_failed boolean default false
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  released codered.backfills;
begin
  update codered.backfills b
  set
    state = release_backfill.state,
    error = left(release_backfill.error, 1000),
    failures = case when release_backfill.has_failed then b.failures + 1 else 0 end,
    due_at = now() + make_interval(secs => release_backfill.due_ms / 1000.0),
    finished_at = case when release_backfill.state <> 'pending' then now() end,
    locked_by = null,
    locked_until = null
  where b.id = release_backfill.id and b.claim = release_backfill.claim and b.state = 'pending'
  returning b.* into released;
  -- Of those that are over the last one says what is known.
  delete from codered.backfills b
  where b.repository_id = released.repository_id and b.state <> 'pending' and b.id <> released.id
    and released.state <> 'pending';
end
$$;
comment on function codered.release_backfill(uuid, bigint, text, integer, text, boolean) is
  'Lets go of a backfill: pending, to go on in due_ms, done or stopped; with the reason. Nothing when it was taken again since the claim that is named.';
revoke execute on function codered.release_backfill from public;
grant execute on function codered.release_backfill to service_role;

create function codered.list_backfills(batch integer, ids uuid[] default null)
returns table (
  id uuid, repository text, reason text, state text, phase text, since timestamptz, until timestamptz, done_to timestamptz,
  counts jsonb, missing jsonb, error text, is_running boolean, locked_by text, due_at timestamptz
)
language sql
stable
set search_path = ''
as $$
  select b.id, r.owner || '/' || r.name, b.reason, b.state, b.phase, b.since, b.until, b.done_to, b.counts, b.missing, b.error,
    coalesce(b.locked_until > now(), false), case when b.locked_until > now() then b.locked_by end, b.due_at
  from codered.backfills b
  join codered.repositories r on r.id = b.repository_id
  where list_backfills.ids is null or b.id = any (list_backfills.ids)
  order by b.state = 'pending' desc, b.state = 'stopped' desc, b.created_at desc, b.id
  limit list_backfills.batch
$$;
comment on function codered.list_backfills(integer, uuid[]) is
  'The backfills, open ones first, then those that stopped; is_running: a process has it now (locked_by).';
revoke execute on function codered.list_backfills from public;
grant execute on function codered.list_backfills to service_role;

create function codered.repositories_of(login text)
returns table (id bigint, repository text, installation_id bigint)
language sql
stable
set search_path = ''
as $$
  select r.id, r.owner || '/' || r.name, i.id
  from codered.repositories r
  join codered.installations i on i.id = r.installation_id and i.deleted_at is null
  where lower(i.account_login) = lower(repositories_of.login) and r.deleted_at is null and r.archived is not true
  order by r.owner, r.name, r.id
$$;
comment on function codered.repositories_of(text) is
  'The repositories of an account that CodeRed sees, but for archived ones, in which nothing runs.';
revoke execute on function codered.repositories_of from public;
grant execute on function codered.repositories_of to service_role;

create function codered.backfill_new_repository()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform codered.request_backfill(new.id, 'CodeRed was installed on it');
  return null;
end
$$;
comment on function codered.backfill_new_repository() is
  'Asks for the past of a repository from the moment that CodeRed sees it: in the transaction that records the event.';
revoke execute on function codered.backfill_new_repository from public;

create trigger repositories_backfill after insert on codered.repositories
  for each row when (new.installation_id is not null and new.deleted_at is null)
  execute function codered.backfill_new_repository();

create trigger repositories_seen_again after update of installation_id, deleted_at on codered.repositories
  for each row when (
    new.installation_id is not null and new.deleted_at is null
    and (old.installation_id is null or old.deleted_at is not null)
  )
  execute function codered.backfill_new_repository();

create function codered.backfill_after_pause()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if old.suspended_at is not null and new.suspended_at is null then
    perform codered.request_backfill(r.id, 'its installation was suspended')
    from codered.repositories r
    where r.installation_id = new.id and r.deleted_at is null and r.archived is not true;
  elsif old.permissions is not null then
    -- What was refused may be allowed now.
    perform codered.request_backfill(last.repository_id, 'the permissions of CodeRed changed', last.since, last.with_jobs, last.with_logs)
    from codered.repositories r
    cross join lateral (
      select b.repository_id, b.since, b.with_jobs, b.with_logs, b.state, b.missing
      from codered.backfills b
      where b.repository_id = r.id
      order by b.created_at desc
      limit 1
    ) as last
    where r.installation_id = new.id and r.deleted_at is null and (last.state = 'stopped' or last.missing <> '[]');
  end if;
  return null;
end
$$;
comment on function codered.backfill_after_pause() is
  'Asks for what was not sent while an installation was suspended, and once more for what was refused, when its permissions change.';
revoke execute on function codered.backfill_after_pause from public;

create trigger installations_backfill after update of suspended_at, permissions on codered.installations
  for each row when (
    new.suspended_at is null and new.deleted_at is null
    and (old.suspended_at is not null or new.permissions is distinct from old.permissions)
  )
  execute function codered.backfill_after_pause();

