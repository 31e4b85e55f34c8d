-- What an event says, of rows with a repository and of rows with a file name both. Old workers survive it.

create or replace function codered.append_event()
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
    case when thing = 'task' then (there ->> 'id')::uuid else (there ->> 'task_id')::uuid end,
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
