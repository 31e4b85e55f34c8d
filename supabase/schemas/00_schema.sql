-- The schema, who may use it, and the functions that tables of every subject rest on.
--
-- What is refused is refused in words: column, value and what is allowed, under codes of our own (a client decides by them, never
-- by the text):
--   CR001  history: rows of this table can be added, never changed or deleted
--   CR002  a value is not allowed; the message names column, value and what is allowed
--   CR003  the state that the row is in does not allow this
--   CR004  there is no such row, or the caller may not see it
--   CR005  somebody else holds it
--   CR006  the dependencies would form a cycle
--   CR007  the id belongs to another project
--   CR008  the caller may see it but not do this
--   CR009  the key of a request that may be sent again was used for another one
--   CR014  the row was changed after what the caller had read of it
--   CR015  the place in the list is older than what is kept

-- Functions call one another across these files; 90_realtime.sql, the last one, looks at all bodies when all is there.
set check_function_bodies = off;

create schema if not exists codered;
comment on schema codered is 'The brain of CodeRed: CI runs, deployments, failures and what is known of them.';
grant usage on schema codered to service_role, authenticated;
alter default privileges in schema codered grant select, insert, update, delete on tables to service_role;
alter default privileges in schema codered grant usage, select on sequences to service_role;

create function codered.touch_updated_at()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function codered.touch_updated_at() is 'The one trigger that keeps updated_at on every table that has it.';
revoke execute on function codered.touch_updated_at from public;
grant execute on function codered.touch_updated_at to service_role;

create function codered.status_rank(status text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case status when 'queued' then 0 when 'running' then 1 else 2 end
$$;
comment on function codered.status_rank(text) is
  'How far a CI status is: a status only moves forward (queued, running, any of the final ones).';
revoke execute on function codered.status_rank from public;
grant execute on function codered.status_rank to service_role;

create function codered.slug_of(name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(nullif(btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_'), ''), 'project')
$$;
comment on function codered.slug_of(text) is 'A name as a slug: lower case, every other character an underscore.';
revoke execute on function codered.slug_of from public;
grant execute on function codered.slug_of to authenticated, service_role;

create function codered.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'Rows of % are history: they can be added, never changed or deleted.', tg_table_name
    using errcode = 'CR001';
end
$$;
comment on function codered.refuse_change() is 'Refuses UPDATE and DELETE on append-only tables, for every role.';
revoke execute on function codered.refuse_change from public;
grant execute on function codered.refuse_change to service_role;

create function codered.is_asked(delivery text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select starts_with(is_asked.delivery, '.asked:')
$$;
comment on function codered.is_asked(text) is
  'Whether a delivery was made by us out of what GitHub answered, instead of sent by GitHub: its guid says so (src/asked/asked-guid.ts).';
revoke execute on function codered.is_asked from public;
grant execute on function codered.is_asked to service_role;

create function codered.is_newer(
  provider text,
  status text, source_updated_at timestamptz, source_delivery text,
  than_status text, than_updated_at timestamptz, than_delivery text
)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case
    when provider = 'github-status' then
      (source_updated_at, codered.status_rank(status), source_delivery)
      > (than_updated_at, codered.status_rank(than_status), than_delivery)
    else
      (codered.status_rank(status), source_updated_at, source_delivery)
      > (codered.status_rank(than_status), than_updated_at, than_delivery)
  end
$$;
comment on function codered.is_newer(text, text, timestamptz, text, text, timestamptz, text) is
  'Whether what one source says of a run or job wins over what another said.';
revoke execute on function codered.is_newer from public;
grant execute on function codered.is_newer to service_role;

create function codered.refuse_value(what text, value anyelement, allowed text)
returns boolean
language plpgsql
-- Not immutable: with constants for arguments it would be worked out, and raise, before any row is looked at.
stable
strict
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(value::text, 80)), allowed
    using errcode = 'CR002', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_value(text, anyelement, text) is
  'Stands in a CHECK behind "or", where it is reached only by a value that broke it: raises CR002 with column, value and what is allowed. Null in, null out: a missing value breaks no CHECK.';
revoke execute on function codered.refuse_value from public;
grant execute on function codered.refuse_value to authenticated, service_role;

create function codered.refuse_missing(thing text, id text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception 'There is no % %.', thing, to_json(left(coalesce(id, 'null'), 80)) using errcode = 'CR004';
end
$$;
comment on function codered.refuse_missing(text, text) is
  'Raises CR004, in the same words for a row that is not there and one that the caller may not see.';
revoke execute on function codered.refuse_missing from public;
grant execute on function codered.refuse_missing to authenticated, service_role;

create function codered.refuse_state(what text, state text, allowed text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  raise exception '% is %; allowed: %.', what, to_json(left(coalesce(state, 'null'), 80)), allowed
    using errcode = 'CR003', table = split_part(what, '.', 1), column = split_part(what, '.', 2);
end
$$;
comment on function codered.refuse_state(text, text, text) is 'Raises CR003: which state was found, and from which one it would be allowed.';
revoke execute on function codered.refuse_state from public;
grant execute on function codered.refuse_state to authenticated, service_role;

create function codered.append_event()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  thing constant text := tg_argv[0];
  quiet constant text[] := array['updated_at', 'created_at'] || string_to_array(coalesce(tg_argv[1], ''), ',');
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  there constant jsonb := coalesce(after, before);
  changed jsonb;
  what text;
begin
  -- What is erased must not be told once more by the history; erase_rows appends an event of its own.
  if tg_op in ('UPDATE', 'DELETE') and current_setting('codered.erasing', true) = 'on' then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(
      a.key,
      jsonb_build_array(
        case when length(b.value::text) <= 1000 then b.value end,
        case when length(a.value::text) <= 1000 then a.value end
      )
    )
    into changed
    from jsonb_each(after) a
    join jsonb_each(before) b on b.key = a.key
    where a.value is distinct from b.value and a.key <> all (quiet);
    if changed is null then
      return null;
    end if;
  end if;
  what := case
    when tg_op = 'INSERT' then 'created'
    when tg_op = 'DELETE' then 'deleted'
    when changed ? 'deleted_at' and after ->> 'deleted_at' is not null then 'retired'
    when changed ? 'deleted_at' then 'restored'
    when changed ? 'revoked_at' and after ->> 'revoked_at' is not null then 'revoked'
    when changed ? 'status' then 'status_changed'
    when changed ? 'locked_by' and after ->> 'locked_by' is null then 'released'
    when changed ? 'locked_at' then 'locked'
    else 'updated'
  end;
  insert into codered.events (project_id, repository_id, run_id, task_id, user_id, event_type, payload)
  values (
    case when thing = 'project' then (there ->> 'id')::uuid else (there ->> 'project_id')::uuid end,
    (there ->> 'repository_id')::bigint,
    case when thing = 'run' then (there ->> 'id')::uuid else (there ->> 'run_id')::uuid end,
    case
      when thing = 'task' then (there ->> 'id')::uuid
      when there ->> 'target_type' = 'task' then (there ->> 'target_id')::uuid
      else (there ->> 'task_id')::uuid
    end,
    (select auth.uid()),
    thing || '.' || what,
    jsonb_strip_nulls(jsonb_build_object(
      'id', there -> 'id',
      'name', left(coalesce(there ->> 'title', there ->> 'name', there ->> 'label', there ->> 'display_name', there ->> 'criterion', there ->> 'file_name', there ->> 'path'), 200),
      'status', coalesce(there -> 'status', 'null')
    )) || case when changed is null then '{}' else jsonb_build_object('changed', changed) end
  );
  return null;
end
$$;
comment on function codered.append_event() is
  'After every change of a project, task, checkpoint, decision, run or override: one row of events in the same transaction. First argument: what the thing is called; second: columns whose change alone is no event. Security definer, because events of these types are nobody''s to write.';
revoke execute on function codered.append_event from public;

create function codered.refuse_foreign_project()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  rule text;
  id uuid;
  found_in uuid;
  is_there boolean;
begin
  -- Whoever may not see the project is refused by its policy, whatever else is wrong with the row.
  if (select auth.uid()) is not null and new.project_id not in (select codered.my_projects()) then
    return new;
  end if;
  -- Each argument: <column>:<table it points at>.
  foreach rule in array tg_argv loop
    id := to_jsonb(new) ->> split_part(rule, ':', 1);
    continue when id is null;
    execute format('select t.project_id, true from codered.%I t where t.id = $1', split_part(rule, ':', 2))
      into found_in, is_there using id;
    -- A stranger learns nothing: a row of another project is refused in the words of one that is not there.
    if is_there is null or found_in is distinct from new.project_id then
      raise exception '%.% is "%": there is no such row of % in this project.',
        tg_table_name, split_part(rule, ':', 1), id, split_part(rule, ':', 2)
        using errcode = 'CR007', table = tg_table_name, column = split_part(rule, ':', 1),
          hint = 'Allowed: an id of the project that project_id names.';
    end if;
  end loop;
  return new;
end
$$;
comment on function codered.refuse_foreign_project() is
  'Refuses (CR007) an id that belongs to another project. Security definer, because what the caller may not see has to be refused in the same words as what is not there.';
revoke execute on function codered.refuse_foreign_project from public;

create function codered.check_batch(what text, batch integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if (batch between 1 and 500) is not true then
    perform codered.refuse_value(what, coalesce(batch::text, 'null'), '1 to 500');
  end if;
end
$$;
comment on function codered.check_batch(text, integer) is 'Refuses (CR002) a page of fewer than 1 or more than 500 rows.';
revoke execute on function codered.check_batch from public;
grant execute on function codered.check_batch to authenticated, service_role;

create function codered.check_unchanged(what text, expected timestamptz, present timestamptz)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if expected <> present then
    raise exception '% was changed at %, after what you read of it: read it again.', what, to_json(present) #>> '{}'
      using errcode = 'CR014', detail = jsonb_build_object('updated_at', present)::text;
  end if;
end
$$;
comment on function codered.check_unchanged(text, timestamptz, timestamptz) is
  'Refuses (CR014, naming the present time) a change that was made up from an older row: expected is the updated_at that its writer had read, null where they did not say. Called under the row''s lock.';
revoke execute on function codered.check_unchanged from public;
grant execute on function codered.check_unchanged to authenticated, service_role;

create function codered.accept_shape(what text, value jsonb, shape jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  wanted constant text := shape ->> 'is';
  kind constant text := jsonb_typeof(value);
  least_size constant numeric := (shape ->> 'from')::numeric;
  most_size constant numeric := (shape ->> 'to')::numeric;
  bounds constant text := case
    when most_size is null and least_size is null then ''
    when most_size is null then format(', %s or more', least_size)
    when least_size is null then format(', at most %s', most_size)
    when shape ? 'open' then format(', more than %s, at most %s', least_size, most_size)
    else format(', %s to %s', least_size, most_size)
  end;
  size numeric;
  allowed text;
  key text;
  place bigint;
  item jsonb;
begin
  case wanted
    when 'text' then
      size := case when kind = 'string' then char_length(value #>> '{}') end;
      allowed := 'text' || bounds || case when bounds = '' then '' else ' characters' end;
    when 'number' then
      size := case when kind = 'number' then value::text::numeric end;
      allowed := 'a number' || bounds;
    when 'whole' then
      size := case when kind = 'number' and value::text::numeric = trunc(value::text::numeric) then value::text::numeric end;
      allowed := 'a whole number' || bounds;
    when 'boolean' then
      size := case when kind = 'boolean' then 0 end;
      allowed := 'true or false';
    when 'word' then
      size := case when kind = 'string' and shape -> 'of' ? (value #>> '{}') then 0 end;
      allowed := (select string_agg(w.word, ', ' order by w.n) from jsonb_array_elements_text(shape -> 'of') with ordinality as w (word, n));
    when 'list' then
      size := case when kind = 'array' then jsonb_array_length(value) end;
      allowed := 'a list' || bounds || case when bounds = '' then '' else ' entries' end;
    else
      size := case when kind = 'object' then 0 end;
      allowed := (select 'an object of ' || string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(shape -> 'keys') as k (key));
  end case;
  if size is null or size < least_size or size > most_size or (shape ? 'open' and size = least_size) then
    raise exception '% is %; allowed: %.', what, left(value::text, 80), allowed
      using errcode = 'CR002', table = split_part(what, '.', 1);
  end if;
  if wanted = 'list' then
    for place, item in
      select e.n - 1, e.entry from jsonb_array_elements(value) with ordinality as e (entry, n)
    loop
      perform codered.accept_shape(format('%s[%s]', what, place), item, shape -> 'of');
    end loop;
  elsif wanted = 'object' then
    for key, item in
      select coalesce(k.key, g.key), case when k.key is null then null when g.key is null then '"(missing)"' else g.entry end
      from jsonb_each(shape -> 'keys') as k (key, rule)
      full join jsonb_each(value) as g (key, entry) on g.key = k.key
      -- What may be left out may also be null.
      where not (coalesce(g.entry, 'null') = 'null' and k.key is not null and coalesce(shape -> 'optional' ? k.key, false))
      order by k.key is not null, g.key is not null, 1
    loop
      if item is null then
        raise exception '%.% is %; allowed: the keys %.', what, left(key, 80), left((value -> key)::text, 80), substr(allowed, 14)
          using errcode = 'CR002', table = split_part(what, '.', 1);
      elsif not value ? key then
        raise exception '%.% is missing; allowed: %.', what, key, allowed
          using errcode = 'CR002', table = split_part(what, '.', 1);
      end if;
      perform codered.accept_shape(what || '.' || key, item, shape -> 'keys' -> key);
    end loop;
  end if;
  return true;
end
$$;
comment on function codered.accept_shape(text, jsonb, jsonb) is
  'True when the value has that shape; otherwise raises CR002 with the way to the first that has not (questions[2].id), its value and what is allowed. A shape is {"is": text | number | whole | boolean | word | list | object, "from", "to", "open": from itself is too little, "of": words or the shape of an entry, "keys": shapes by key, "optional": keys}; other keys are refused.';
revoke execute on function codered.accept_shape from public;
grant execute on function codered.accept_shape to authenticated, service_role;

create function codered.ids_in(scope jsonb, kind text)
returns bigint[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry::bigint from jsonb_array_elements_text(coalesce(ids_in.scope -> ids_in.kind, '[]')) as e (entry))
$$;
comment on function codered.ids_in(jsonb, text) is 'The numbers of one kind in a scope.';
revoke execute on function codered.ids_in from public;
grant execute on function codered.ids_in to service_role;

create function codered.uuids_in(scope jsonb, kind text)
returns uuid[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry::uuid from jsonb_array_elements_text(coalesce(uuids_in.scope -> uuids_in.kind, '[]')) as e (entry))
$$;
comment on function codered.uuids_in(jsonb, text) is 'The ids of our own of one kind in a scope.';
revoke execute on function codered.uuids_in from public;
grant execute on function codered.uuids_in to service_role;

create function codered.texts_in(scope jsonb, kind text)
returns text[]
language sql
immutable
set search_path = ''
as $$
  select array(select e.entry from jsonb_array_elements_text(coalesce(texts_in.scope -> texts_in.kind, '[]')) as e (entry))
$$;
comment on function codered.texts_in(jsonb, text) is 'The texts of one kind in a scope.';
revoke execute on function codered.texts_in from public;
grant execute on function codered.texts_in to service_role;

create function codered.seconds_of(ci_event_ids uuid[])
returns integer
language sql
stable
set search_path = ''
as $$
  select case when bool_and(e.start_time is not null and e.end_time is not null)
    then greatest(extract(epoch from max(e.end_time) - min(e.start_time)), 0)::integer end
  from codered.ci_events e
  where e.id = any (seconds_of.ci_event_ids)
$$;
comment on function codered.seconds_of(uuid[]) is
  'From the first start of these workflow runs to their last end, in seconds; null when there are none, or one of them lacks either time.';
revoke execute on function codered.seconds_of from public;
grant execute on function codered.seconds_of to service_role;
