-- What people and mentors do with roadmaps and daily sessions.

create function codered.steps_of_modules(modules jsonb)
returns integer
language sql
immutable
set search_path = ''
as $$
  select coalesce(sum(jsonb_array_length(m.entry -> 'steps')), 0)::integer
  from jsonb_array_elements(steps_of_modules.modules) as m (entry)
$$;
comment on function codered.steps_of_modules(jsonb) is 'How many steps all modules of a roadmap have.';
revoke execute on function codered.steps_of_modules from public;
grant execute on function codered.steps_of_modules to authenticated, service_role;

create function codered.describe_roadmap(roadmap codered.learning_roadmaps)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', roadmap.id, 'project_id', roadmap.project_id, 'title', roadmap.title, 'description', roadmap.description,
    'skill_level', roadmap.skill_level, 'total_estimated_hours', roadmap.total_estimated_hours,
    'current_step_index', roadmap.current_step_index, 'step_count', codered.steps_of_modules(roadmap.modules),
    'modules', roadmap.modules, 'created_at', roadmap.created_at, 'updated_at', roadmap.updated_at)
$$;
comment on function codered.describe_roadmap(codered.learning_roadmaps) is 'A roadmap as the operations tell it, with how many steps it has.';
revoke execute on function codered.describe_roadmap from public;
grant execute on function codered.describe_roadmap to authenticated, service_role;

create function codered.list_roadmaps(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_roadmap uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_roadmaps.project_id);
  perform codered.check_batch('batch', list_roadmaps.batch);
  perform codered.check_place('before_roadmap', num_nulls(list_roadmaps.before_created_at, list_roadmaps.before_roadmap), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select r.created_at, r.id, codered.describe_roadmap(r) - 'modules' - 'description' as item
      from codered.learning_roadmaps r
      where r.project_id = list_roadmaps.project_id
        and (
          list_roadmaps.before_roadmap is null
          or (r.created_at, r.id) < (list_roadmaps.before_created_at, list_roadmaps.before_roadmap)
        )
      order by r.created_at desc, r.id desc
      -- One more than asked for tells whether there are more.
      limit list_roadmaps.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_roadmaps(uuid, integer, timestamptz, uuid) is
  'The roadmaps of a project without their modules, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_roadmaps from public;
grant execute on function codered.list_roadmaps to authenticated, service_role;

create function codered.read_roadmap(project_id uuid, roadmap_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_roadmap.project_id);
  select codered.describe_roadmap(r) into told
  from codered.learning_roadmaps r
  where r.id = read_roadmap.roadmap_id and r.project_id = read_roadmap.project_id;
  if not found then
    perform codered.refuse_missing('roadmap', read_roadmap.roadmap_id::text);
  end if;
  return told;
end
$$;
comment on function codered.read_roadmap(uuid, uuid) is 'One roadmap with its modules and the step that is next. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_roadmap from public;
grant execute on function codered.read_roadmap to authenticated, service_role;

create function codered.create_roadmap(project_id uuid, roadmap jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.learning_roadmaps;
begin
  perform codered.require_project(create_roadmap.project_id);
  insert into codered.learning_roadmaps (project_id, title, description, skill_level, total_estimated_hours, modules)
  select create_roadmap.project_id, w.title, w.description, w.skill_level, w.total_estimated_hours, w.modules
  from jsonb_populate_record(null::codered.learning_roadmaps, create_roadmap.roadmap) as w
  returning * into made;
  return codered.describe_roadmap(made);
end
$$;
comment on function codered.create_roadmap(uuid, jsonb) is
  'Makes a roadmap in a project, at its first step; returns it. Refuses CR002 (a value, modules that are none), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.create_roadmap from public;
grant execute on function codered.create_roadmap to authenticated, service_role;

create function codered.update_roadmap(project_id uuid, roadmap_id uuid, roadmap jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.learning_roadmaps;
begin
  perform codered.require_project(update_roadmap.project_id);
  select r.* into made
  from codered.learning_roadmaps r
  where r.id = update_roadmap.roadmap_id and r.project_id = update_roadmap.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('roadmap', update_roadmap.roadmap_id::text);
  end if;
  made := jsonb_populate_record(made, update_roadmap.roadmap);
  perform codered.accept_modules('learning_roadmaps.modules', coalesce(made.modules, 'null'));
  update codered.learning_roadmaps r
  set title = made.title, description = made.description, skill_level = made.skill_level,
    total_estimated_hours = made.total_estimated_hours, modules = made.modules,
    -- Where fewer steps are left, the last of them is done.
    current_step_index = least(r.current_step_index, codered.steps_of_modules(made.modules))
  where r.id = update_roadmap.roadmap_id
  returning r.* into made;
  return codered.describe_roadmap(made);
end
$$;
comment on function codered.update_roadmap(uuid, uuid, jsonb) is
  'Changes what roadmap names of a roadmap, and nothing else; null empties. Returns it. The step stays, but no further than there are steps. Refuses CR002 (a value, modules that are none), CR003 (project retired), CR004.';
revoke execute on function codered.update_roadmap from public;
grant execute on function codered.update_roadmap to authenticated, service_role;

create function codered.move_in_roadmap(project_id uuid, roadmap_id uuid, step_index integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  roadmap codered.learning_roadmaps;
  steps integer;
  barred text;
begin
  perform codered.require_project(move_in_roadmap.project_id);
  select r.* into roadmap
  from codered.learning_roadmaps r
  where r.id = move_in_roadmap.roadmap_id and r.project_id = move_in_roadmap.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('roadmap', move_in_roadmap.roadmap_id::text);
  end if;
  steps := codered.steps_of_modules(roadmap.modules);
  if (move_in_roadmap.step_index between 0 and steps) is not true then
    perform codered.refuse_value('learning_roadmaps.current_step_index', coalesce(move_in_roadmap.step_index::text, 'null'), '0 to ' || steps);
  end if;
  -- A step is done only in a module that is open.
  select m.title into barred
  from (
    select e.entry ->> 'title' as title, coalesce((e.entry ->> 'is_locked')::boolean, false) as is_locked, e.n,
      sum(jsonb_array_length(e.entry -> 'steps')) over (order by e.n) as last_step,
      jsonb_array_length(e.entry -> 'steps') as steps
    from jsonb_array_elements(roadmap.modules) with ordinality as e (entry, n)
  ) as m
  where m.is_locked and m.last_step > roadmap.current_step_index and m.last_step - m.steps < move_in_roadmap.step_index
  order by m.n
  limit 1;
  if barred is not null and move_in_roadmap.step_index > roadmap.current_step_index then
    perform codered.refuse_state('The module "' || barred || '"', 'locked', 'one that is open');
  end if;
  update codered.learning_roadmaps r
  set current_step_index = move_in_roadmap.step_index
  where r.id = roadmap.id
  returning r.* into roadmap;
  return codered.describe_roadmap(roadmap) - 'modules' - 'description';
end
$$;
comment on function codered.move_in_roadmap(uuid, uuid, integer) is
  'Says how many steps of a roadmap are done, forward or back, from 0 to all of them; forward through no module that is locked. Returns the roadmap without modules. Refuses CR002 (beyond its steps), CR003 (project retired, a locked module), CR004.';
revoke execute on function codered.move_in_roadmap from public;
grant execute on function codered.move_in_roadmap to authenticated, service_role;

create function codered.describe_daily_session(session codered.daily_sessions)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', session.id, 'project_id', session.project_id, 'concepts_covered', session.concepts_covered,
    'duration_minutes', session.duration_minutes, 'message_count', session.message_count, 'created_at', session.created_at,
    'updated_at', session.updated_at)
$$;
comment on function codered.describe_daily_session(codered.daily_sessions) is 'A daily session as lists tell it: without the transcript.';
revoke execute on function codered.describe_daily_session from public;
grant execute on function codered.describe_daily_session to authenticated, service_role;

create function codered.list_daily_sessions(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_session uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_daily_sessions.project_id);
  perform codered.check_batch('batch', list_daily_sessions.batch);
  perform codered.check_place(
    'before_session', num_nulls(list_daily_sessions.before_created_at, list_daily_sessions.before_session), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select s.created_at, s.id, jsonb_build_object(
        'id', s.id, 'project_id', s.project_id, 'concepts_covered', s.concepts_covered, 'duration_minutes', s.duration_minutes,
        'message_count', s.message_count, 'created_at', s.created_at, 'updated_at', s.updated_at) as item
      from codered.daily_sessions s
      where s.project_id = list_daily_sessions.project_id
        and (
          list_daily_sessions.before_session is null
          or (s.created_at, s.id) < (list_daily_sessions.before_created_at, list_daily_sessions.before_session)
        )
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_daily_sessions.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_daily_sessions(uuid, integer, timestamptz, uuid) is
  'The talks between learner and mentor in a project, newest first, without their transcripts, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_daily_sessions from public;
grant execute on function codered.list_daily_sessions to authenticated, service_role;

create function codered.read_daily_session(project_id uuid, session_id uuid, after_message integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  perform codered.require_project(read_daily_session.project_id);
  if coalesce(read_daily_session.after_message, -1) < 0 then
    perform codered.refuse_value('after_message', coalesce(read_daily_session.after_message::text, 'null'), '0 or more');
  end if;
  select codered.describe_daily_session(s) || jsonb_build_object('after_message', read_daily_session.after_message, 'transcript', (
    select coalesce(jsonb_agg(m.entry order by m.n), '[]')
    from jsonb_array_elements(s.transcript) with ordinality as m (entry, n)
    where m.n > read_daily_session.after_message and m.n <= read_daily_session.after_message::bigint + 200))
  into told
  from codered.daily_sessions s
  where s.id = read_daily_session.session_id and s.project_id = read_daily_session.project_id;
  if not found then
    perform codered.refuse_missing('daily session', read_daily_session.session_id::text);
  end if;
  return told;
end
$$;
comment on function codered.read_daily_session(uuid, uuid, integer) is
  'One talk with 200 messages of its transcript, those after so many; message_count says how many there are. Refuses CR002, CR003 (project retired), CR004.';
revoke execute on function codered.read_daily_session from public;
grant execute on function codered.read_daily_session to authenticated, service_role;

create function codered.record_daily_session(project_id uuid, session jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.daily_sessions;
begin
  perform codered.require_project(record_daily_session.project_id);
  insert into codered.daily_sessions (project_id, transcript, concepts_covered, duration_minutes)
  select record_daily_session.project_id, coalesce(w.transcript, '[]'), coalesce(w.concepts_covered, '{}'), coalesce(w.duration_minutes, 0)
  from jsonb_populate_record(null::codered.daily_sessions, record_daily_session.session) as w
  returning * into made;
  return codered.describe_daily_session(made);
end
$$;
comment on function codered.record_daily_session(uuid, jsonb) is
  'Writes down a talk between learner and mentor: {transcript: [{role: user | mentor, content}], concepts_covered, duration_minutes}, each of which may be left out; returns it without the transcript. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.record_daily_session from public;
grant execute on function codered.record_daily_session to authenticated, service_role;

create function codered.extend_daily_session(project_id uuid, session_id uuid, session jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  added codered.daily_sessions := jsonb_populate_record(null::codered.daily_sessions, extend_daily_session.session);
  made codered.daily_sessions;
begin
  perform codered.require_project(extend_daily_session.project_id);
  update codered.daily_sessions s
  set
    transcript = s.transcript || coalesce(added.transcript, '[]'),
    -- Each once, in the order in which they came up.
    concepts_covered = s.concepts_covered || array(
      select c.concept
      from unnest(added.concepts_covered) with ordinality as c (concept, n)
      where c.concept is not null and c.concept <> all (s.concepts_covered)
      group by c.concept
      order by min(c.n)),
    duration_minutes = s.duration_minutes + coalesce(added.duration_minutes, 0)
  where s.id = extend_daily_session.session_id and s.project_id = extend_daily_session.project_id
  returning s.* into made;
  if not found then
    perform codered.refuse_missing('daily session', extend_daily_session.session_id::text);
  end if;
  return codered.describe_daily_session(made);
end
$$;
comment on function codered.extend_daily_session(uuid, uuid, jsonb) is
  'Goes on with a talk: adds messages to its transcript, concepts that are new, and minutes; returns it without the transcript. Two at once both count. Refuses CR002 (a value, more than a day''s minutes), CR003 (project retired), CR004.';
revoke execute on function codered.extend_daily_session from public;
grant execute on function codered.extend_daily_session to authenticated, service_role;
