-- What one process of all does from time to time: whose turn it is, and when it is due again.

create table codered.chores (
  name text primary key,
  due_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  ended_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chores_name_length check (
    char_length(name) between 1 and 100 or codered.refuse_value('chores.name', name, '1 to 100 characters'))
);
comment on table codered.chores is 'Work that one process of all does from time to time, such as looking for lost deliveries.';
comment on column codered.chores.due_at is 'Not before then. It moves when a turn ends: what a process died at is due at once, when its lease ends.';
comment on column codered.chores.ended_at is 'When a turn ended last, well or not.';
comment on column codered.chores.last_error is 'Why the last turn failed; null when it did not.';
alter table codered.chores enable row level security;
create policy chores_nobody on codered.chores for select to authenticated using (false);
revoke all on codered.chores from public, anon, authenticated;
grant select, insert, update, delete on codered.chores to service_role;
create trigger chores_touch before update on codered.chores
  for each row execute function codered.touch_updated_at();

create function codered.take_chore(chore text, worker text, lease_seconds integer)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  insert into codered.chores (name) values (take_chore.chore) on conflict do nothing;
  update codered.chores c
  set locked_by = take_chore.worker, locked_until = now() + make_interval(secs => take_chore.lease_seconds)
  where c.name = take_chore.chore
    and c.due_at <= now()
    and (c.locked_until is null or c.locked_until <= now());
  return found;
end
$$;
comment on function codered.take_chore(text, text, integer) is
  'Whether a worker has the turn at a chore now: it is due, and no other has it under a lease that has not ended.';
revoke execute on function codered.take_chore from public;
grant execute on function codered.take_chore to service_role;

create function codered.keep_chore(chore text, worker text, lease_seconds integer)
returns boolean
language sql
set search_path = ''
as $$
  with kept as (
    update codered.chores c
    set locked_until = now() + make_interval(secs => keep_chore.lease_seconds)
    where c.name = keep_chore.chore and c.locked_by = keep_chore.worker
    returning 1
  )
  select exists (select from kept)
$$;
comment on function codered.keep_chore(text, text, integer) is 'Holds on to a turn for as long again; false when somebody else has it by now.';
revoke execute on function codered.keep_chore from public;
grant execute on function codered.keep_chore to service_role;

create function codered.finish_chore(chore text, worker text, due_ms integer, error text default null)
returns void
language sql
set search_path = ''
as $$
  update codered.chores c
  set
    locked_by = null, locked_until = null, ended_at = now(), last_error = left(finish_chore.error, 4000),
    due_at = now() + make_interval(secs => finish_chore.due_ms / 1000.0)
  where c.name = finish_chore.chore and c.locked_by = finish_chore.worker
$$;
comment on function codered.finish_chore(text, text, integer, text) is
  'Ends a turn, with the reason when it failed; the next one is due in due_ms. Nothing when somebody else has it by now.';
revoke execute on function codered.finish_chore from public;
grant execute on function codered.finish_chore to service_role;
