-- History: what may be appended, by whom, and that nothing is ever changed. Old workers survive it.

-- TRUNCATE asks no row's trigger; a partition has to be told itself, as statement triggers are not handed down.
create trigger events_no_truncate before truncate on codered.events
  for each statement execute function codered.refuse_change();
create trigger events_no_truncate before truncate on codered.events_other
  for each statement execute function codered.refuse_change();
create trigger deployment_statuses_no_truncate before truncate on codered.deployment_statuses
  for each statement execute function codered.refuse_change();

-- The documents name these by their columns.
create index events_project_only_idx on codered.events (project_id);
create index events_task_created_idx on codered.events (task_id, created_at desc);
drop index codered.events_task_id_idx;
create index events_task_id_idx on codered.events (task_id) where task_id is not null;
create index events_event_type_idx on codered.events (event_type);
create index events_text_idx on codered.events using gin (to_tsvector('simple', payload));

alter table codered.events alter column user_id set default auth.uid();
alter table codered.events
  add constraint events_payload_check check (jsonb_typeof(payload) = 'object' or codered.refuse_value('events.payload', payload, 'a JSON object')),
  add constraint events_payload_bytes
    check (octet_length(payload::text) <= 262144 or codered.refuse_value('events.payload', octet_length(payload::text), 'at most 262144 bytes'));

-- As an array it is worked out once for all months; "in (select …)" would be, once for each partition.
create policy events_read on codered.events for select to authenticated
  using (
    project_id = any (array(select codered.my_projects()))
    or (project_id is null and user_id = (select auth.uid()))
  );
grant select on codered.events to authenticated;
create policy events_other_nobody on codered.events_other for select to authenticated using (false);
revoke update, delete on codered.events, codered.events_other from service_role;
comment on column codered.events.event_type is
  '<thing>.<what happened>: task.created, run.status_changed, status.<PHASE> (the rows of status_events), note.<anything> (what members write).';
comment on column codered.events.payload is 'What changed: {"changed": {"<column>": [before, after]}}; long values are left out (null).';

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
  insert into codered.events (project_id, run_id, task_id, user_id, event_type, payload)
  values (
    case when thing = 'project' then (there ->> 'id')::uuid else (there ->> 'project_id')::uuid end,
    case when thing = 'run' then (there ->> 'id')::uuid end,
    case when thing = 'task' then (there ->> 'id')::uuid end,
    (select auth.uid()),
    thing || '.' || what,
    jsonb_strip_nulls(jsonb_build_object(
      'id', there -> 'id',
      'name', left(coalesce(there ->> 'title', there ->> 'name', there ->> 'label', there ->> 'display_name', there ->> 'criterion'), 200),
      'status', coalesce(there -> 'status', 'null')
    )) || case when changed is null then '{}' else jsonb_build_object('changed', changed) end
  );
  return null;
end
$$;
comment on function codered.append_event() is
  'After every change of a project, task, checkpoint, decision, run or override: one row of events in the same transaction. First argument: what the thing is called; second: columns whose change alone is no event. Security definer, because events of these types are nobody''s to write.';
revoke execute on function codered.append_event() from public;

create trigger projects_events after insert or update or delete on codered.projects
  for each row execute function codered.append_event('project');

create table codered.retention_policies (
  id uuid primary key default gen_random_uuid(),
  table_name text not null,
  keep interval,
  archive boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint retention_policies_table_name_key unique (table_name),
  constraint retention_policies_table_name_check check (
    table_name in ('webhook_deliveries', 'errors', 'events')
    or codered.refuse_value('retention_policies.table_name', table_name, 'webhook_deliveries, errors, events; everything else is kept')),
  constraint retention_policies_keep_check
    check (keep >= interval '1 day' or codered.refuse_value('retention_policies.keep', keep, '1 day or more, null for ever'))
);
alter table codered.retention_policies enable row level security;
create policy retention_policies_read on codered.retention_policies for select to authenticated using (true);
create policy retention_policies_update on codered.retention_policies for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
grant select on codered.retention_policies to authenticated;
grant update (keep, archive) on codered.retention_policies to authenticated;
create trigger retention_policies_touch before update on codered.retention_policies
  for each row execute function codered.touch_updated_at();
comment on table codered.retention_policies is 'How long what is kept; `codered prune` obeys it. A table that is not named here is kept whole.';
comment on column codered.retention_policies.keep is
  'Age at which it may go: deliveries that are done or ignored (row), errors (the excerpt alone), events (whole months). Null: never.';
comment on column codered.retention_policies.archive is 'Events only: write a month as NDJSON before it goes. False: the month is detached and its table stays.';
insert into codered.retention_policies (table_name, keep, archive) values
  ('webhook_deliveries', interval '30 days', false),
  ('errors', interval '400 days', false),
  ('events', interval '24 months', true);
