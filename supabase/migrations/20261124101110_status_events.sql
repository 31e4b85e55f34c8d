-- Status events: the rows of events that tell how a spec, sprint or run is doing, in a shape of their own. Old workers survive it.

create view codered.status_events
with (security_invoker = true)
as
select
  e.id,
  e.run_id,
  substr(e.event_type, 8) as phase,
  e.payload ->> 'message' as message,
  e.payload -> 'metadata' as metadata,
  e.created_at
from codered.events e
where e.event_type in (
  'status.SPEC_RECEIVED', 'status.PLANNING', 'status.BUILD', 'status.TESTS_PASSED', 'status.FAILED', 'status.MERGED',
  'status.GATE_PASSED', 'status.GATE_FAILED', 'status.OVERRIDDEN', 'status.DEPLOYED');
comment on view codered.status_events is
  'How specs, sprints and runs are doing, out of events; can be inserted into, never changed. Order by id.';
comment on column codered.status_events.phase is
  'SPEC_RECEIVED, PLANNING, BUILD, TESTS_PASSED, FAILED, MERGED, GATE_PASSED, GATE_FAILED, OVERRIDDEN, DEPLOYED.';
comment on column codered.status_events.run_id is 'Null before there is a run; then metadata has the spec_id.';
revoke all on codered.status_events from anon, authenticated, service_role;
grant select on codered.status_events to authenticated, service_role;
grant insert on codered.status_events to service_role;

create function codered.append_status(
  project_id uuid, run_id uuid, phase text, message text, metadata jsonb, created_at timestamptz default null
)
returns codered.events
language plpgsql
set search_path = ''
as $$
declare
  appended codered.events;
begin
  if coalesce(append_status.phase, '') not in (
    'SPEC_RECEIVED', 'PLANNING', 'BUILD', 'TESTS_PASSED', 'FAILED', 'MERGED', 'GATE_PASSED', 'GATE_FAILED', 'OVERRIDDEN', 'DEPLOYED'
  ) then
    perform codered.refuse_value('status_events.phase', coalesce(append_status.phase, 'null'),
      'SPEC_RECEIVED, PLANNING, BUILD, TESTS_PASSED, FAILED, MERGED, GATE_PASSED, GATE_FAILED, OVERRIDDEN, DEPLOYED');
  end if;
  if jsonb_typeof(append_status.metadata) not in ('object', 'null') then
    perform codered.refuse_value('status_events.metadata', append_status.metadata, 'a JSON object');
  end if;
  insert into codered.events (project_id, run_id, event_type, payload, created_at)
  values (
    append_status.project_id,
    append_status.run_id,
    'status.' || append_status.phase,
    jsonb_build_object('message', append_status.message, 'metadata', coalesce(nullif(append_status.metadata, 'null'), '{}')),
    coalesce(append_status.created_at, now())
  )
  returning * into appended;
  return appended;
end
$$;
comment on function codered.append_status(uuid, uuid, text, text, jsonb, timestamptz) is
  'Appends one status event of a project and returns its row of events. CR002: the phase is none of the ten, metadata is no object.';

create function codered.insert_status_event()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  project uuid;
  appended codered.events;
begin
  if new.run_id is not null then
    select r.project_id into project from codered.runs r where r.id = new.run_id;
    if not found then
      perform codered.refuse_missing('run', new.run_id::text);
    end if;
  end if;
  appended := codered.append_status(project, new.run_id, new.phase, new.message, new.metadata, new.created_at);
  new.id := appended.id;
  new.metadata := appended.payload -> 'metadata';
  new.created_at := appended.created_at;
  return new;
end
$$;
comment on function codered.insert_status_event() is 'Makes a row of events of what is inserted into status_events; the project is the run''s.';

create trigger status_events_insert instead of insert on codered.status_events
  for each row execute function codered.insert_status_event();
create trigger status_events_append_only instead of update or delete on codered.status_events
  for each row execute function codered.refuse_change();

create function codered.write_status_event(run_id uuid, phase text, message text default null, metadata jsonb default '{}')
returns jsonb
language sql
set search_path = ''
as $$
  insert into codered.status_events as s (run_id, phase, message, metadata)
  values (write_status_event.run_id, write_status_event.phase, write_status_event.message, write_status_event.metadata)
  returning to_jsonb(s)
$$;
comment on function codered.write_status_event(uuid, text, text, jsonb) is
  'Appends a status event of a run and returns it as status_events has it. CR002: the phase is none of the ten, metadata is no object; CR004: no such run.';

revoke execute on function codered.append_status(uuid, uuid, text, text, jsonb, timestamptz),
  codered.write_status_event(uuid, text, text, jsonb), codered.insert_status_event() from public;
grant execute on function codered.append_status(uuid, uuid, text, text, jsonb, timestamptz),
  codered.write_status_event(uuid, text, text, jsonb) to service_role;
