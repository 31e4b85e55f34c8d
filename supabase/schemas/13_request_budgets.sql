-- How many requests GitHub still takes: of each installation, and of the App itself.

create table codered.request_budgets (
  installation_id bigint primary key,
  request_limit integer not null default 0,
  remaining integer not null default 0,
  resets_at timestamptz not null default '-infinity',
  paused_until timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.request_budgets is
  'What GitHub said last of the primary limit, by installation. All processes see it here; each knows better what it was told itself.';
comment on column codered.request_budgets.installation_id is '0: the App itself, which has a limit of its own. No foreign key: GitHub may be asked before anything is known of it.';
comment on column codered.request_budgets.remaining is 'Of request_limit, until resets_at; as it was told some seconds ago.';
comment on column codered.request_budgets.resets_at is 'By our clock, from how long GitHub said by its own. Past: nothing is known of the hour that runs.';
comment on column codered.request_budgets.paused_until is
  'As installations.paused_until, for whom there is no row there: the App itself, and installations that nothing is known of yet.';
alter table codered.request_budgets enable row level security;
create policy request_budgets_nobody on codered.request_budgets for select to authenticated using (false);
revoke all on codered.request_budgets from public, anon, authenticated;
grant select, insert, update, delete on codered.request_budgets to service_role;
create trigger request_budgets_touch before update on codered.request_budgets
  for each row execute function codered.touch_updated_at();

create function codered.pause_installation(installation_id bigint, pause_ms integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  ends constant timestamptz := now() + make_interval(secs => pause_installation.pause_ms / 1000.0);
begin
  update codered.installations i
  set paused_until = ends
  where i.id = pause_installation.installation_id and i.paused_until < ends;
  if not found and not exists (select from codered.installations i where i.id = pause_installation.installation_id) then
    insert into codered.request_budgets as b (installation_id, paused_until)
    values (pause_installation.installation_id, ends)
    on conflict on constraint request_budgets_pkey do update set paused_until = greatest(b.paused_until, excluded.paused_until);
  end if;
end
$$;
comment on function codered.pause_installation(bigint, integer) is
  'Notes that GitHub asked for silence for so long; a longer pause that is known already stays. 0: the App itself.';
revoke execute on function codered.pause_installation from public;
grant execute on function codered.pause_installation to service_role;

create function codered.read_pause(installation_id bigint)
returns integer
language sql
stable
set search_path = ''
as $$
  select ceil(extract(epoch from max(p.ends) - now()) * 1000)::integer
  from (
    select i.paused_until from codered.installations i where i.id = read_pause.installation_id
    union all
    select b.paused_until from codered.request_budgets b where b.installation_id = read_pause.installation_id
  ) as p (ends)
  where p.ends > now()
$$;
comment on function codered.read_pause(bigint) is
  'For how many milliseconds more no request may leave for an installation (0: for the App itself); null when it may.';
revoke execute on function codered.read_pause from public;
grant execute on function codered.read_pause to service_role;

create function codered.read_budget(installation_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'pause_ms', codered.read_pause(read_budget.installation_id),
    'left', (
      select json_build_object(
        'limit', b.request_limit, 'remaining', b.remaining,
        'resets_ms', ceil(extract(epoch from b.resets_at - now()) * 1000)::integer)
      from codered.request_budgets b
      where b.installation_id = read_budget.installation_id and b.resets_at > now()
    ))
$$;
comment on function codered.read_budget(bigint) is
  'What is known of the requests that an installation (0: the App itself) has left: {pause_ms, left: {limit, remaining, resets_ms}}; null for what nothing is known of.';
revoke execute on function codered.read_budget from public;
grant execute on function codered.read_budget to service_role;

create function codered.note_budget(installation_id bigint, request_limit integer, remaining integer, resets_ms integer)
returns void
language sql
set search_path = ''
as $$
  insert into codered.request_budgets as b (installation_id, request_limit, remaining, resets_at)
  values (
    note_budget.installation_id, note_budget.request_limit, note_budget.remaining,
    now() + make_interval(secs => note_budget.resets_ms / 1000.0))
  on conflict on constraint request_budgets_pkey do update
  set
    request_limit = excluded.request_limit,
    resets_at = excluded.resets_at,
    -- In one hour it only falls; answers overtake each other.
    remaining = case
      when abs(extract(epoch from excluded.resets_at - b.resets_at)) < 60 then least(b.remaining, excluded.remaining)
      else excluded.remaining
    end
$$;
comment on function codered.note_budget(bigint, integer, integer, integer) is
  'Notes for all processes what GitHub said of the primary limit of an installation (0: of the App itself), which begins anew in resets_ms.';
revoke execute on function codered.note_budget from public;
grant execute on function codered.note_budget to service_role;

create function codered.budget_status(batch integer)
returns table (
  installation_id bigint, account_login text, request_limit integer, remaining integer, resets_seconds integer, paused_seconds integer
)
language sql
stable
set search_path = ''
as $$
  select k.id, i.account_login, b.request_limit, b.remaining, ceil(extract(epoch from b.resets_at - now()))::integer,
    ceil(extract(epoch from p.ends - now()))::integer
  from (
    select n.id from codered.installations n where n.paused_until > now()
    union
    select n.installation_id from codered.request_budgets n where n.paused_until > now() or n.resets_at > now()
  ) as k (id)
  left join codered.installations i on i.id = k.id
  left join codered.request_budgets b on b.installation_id = k.id and b.resets_at > now()
  left join lateral (
    select max(e.ends)
    from (
      values (i.paused_until), ((select o.paused_until from codered.request_budgets o where o.installation_id = k.id))
    ) as e (ends)
    where e.ends > now()
  ) as p (ends) on true
  order by p.ends desc nulls last, b.remaining::double precision / greatest(b.request_limit, 1), k.id
  limit budget_status.batch
$$;
comment on function codered.budget_status(integer) is
  'Of which installations (0: of the App itself) GitHub said something that holds now, the most pressing first: how many requests are left (null: unknown), and for how long it asked for silence.';
revoke execute on function codered.budget_status from public;
grant execute on function codered.budget_status to service_role;
