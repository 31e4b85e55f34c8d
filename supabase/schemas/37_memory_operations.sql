-- What a project remembers, written and read: decisions, lessons, pieces of user interface, checkpoints, agents' sessions.

create function codered.list_decisions(
  project_id uuid, standing boolean default false, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_decisions.project_id);
  perform codered.check_batch('batch', list_decisions.batch);
  perform codered.check_place('before_id', num_nulls(list_decisions.before_created_at, list_decisions.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{description,rationale,options_considered,options}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select d.*
      from codered.decisions d
      where d.project_id = list_decisions.project_id
        and (list_decisions.standing is not true or d.superseded_by is null)
        and (list_decisions.before_id is null or (d.created_at, d.id) < (list_decisions.before_created_at, list_decisions.before_id))
      order by d.created_at desc, d.id desc
      -- One more than asked for tells whether there are more.
      limit list_decisions.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_decisions(uuid, boolean, integer, timestamptz, uuid) is
  'The decisions of a project without their long texts, all or those that stand (that none took the place of), newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_decisions from public;
grant execute on function codered.list_decisions to authenticated, service_role;

create function codered.read_decision(decision_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.decisions;
begin
  select d.* into found_row from codered.decisions d where d.id = read_decision.decision_id;
  if not found then
    perform codered.refuse_missing('decision', read_decision.decision_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;
comment on function codered.read_decision(uuid) is 'A decision, whole. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_decision from public;
grant execute on function codered.read_decision to authenticated, service_role;

create function codered.update_decision(decision_id uuid, changes jsonb, expected_updated_at timestamptz default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.decisions;
begin
  perform codered.require_project(d.project_id) from codered.decisions d where d.id = update_decision.decision_id;
  select d.* into made from codered.decisions d where d.id = update_decision.decision_id for no key update;
  if not found then
    perform codered.refuse_missing('decision', update_decision.decision_id::text);
  end if;
  perform codered.check_unchanged('The decision', update_decision.expected_updated_at, made.updated_at);
  if made.superseded_by is not null then
    raise exception 'Decision "%" took the place of this one: change that.', made.superseded_by using errcode = 'CR003';
  end if;
  made := jsonb_populate_record(made, update_decision.changes);
  update codered.decisions d
  set (title, description, domain, decision_type, rationale, options_considered, options, choice, decision_maker)
    = (made.title, made.description, made.domain, made.decision_type, made.rationale, made.options_considered, made.options,
      made.choice, made.decision_maker)
  where d.id = update_decision.decision_id
  returning d.* into made;
  return to_jsonb(made);
end
$$;
comment on function codered.update_decision(uuid, jsonb, timestamptz) is
  'Changes what changes names of a decision, and nothing else; null empties. Refuses CR002, CR003 (another took its place, or project retired), CR004, CR014 (changed after expected_updated_at).';
revoke execute on function codered.update_decision from public;
grant execute on function codered.update_decision to authenticated, service_role;

create function codered.supersede_decision(decision_id uuid, decision jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  earlier codered.decisions;
  made uuid;
begin
  perform codered.require_project(d.project_id) from codered.decisions d where d.id = supersede_decision.decision_id;
  select d.* into earlier from codered.decisions d where d.id = supersede_decision.decision_id for no key update;
  if not found then
    perform codered.refuse_missing('decision', supersede_decision.decision_id::text);
  end if;
  if earlier.superseded_by is not null then
    raise exception 'Decision "%" took the place of this one already: supersede that.', earlier.superseded_by using errcode = 'CR003';
  end if;
  made := codered.record_decision(earlier.project_id, supersede_decision.decision) ->> 'id';
  update codered.decisions d set superseded_by = made where d.id = earlier.id;
  return (select to_jsonb(d) || jsonb_build_object('supersedes', earlier.id) from codered.decisions d where d.id = made);
end
$$;
comment on function codered.supersede_decision(uuid, jsonb) is
  'Writes down a decision that takes the place of an earlier one, which stays as it was and points at it. Returns the new one, with supersedes. Refuses CR002, CR003 (another took its place already, or project retired), CR004.';
revoke execute on function codered.supersede_decision from public;
grant execute on function codered.supersede_decision to authenticated, service_role;

create function codered.record_lesson(project_id uuid, lesson jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.lessons;
begin
  perform codered.require_project(record_lesson.project_id);
  insert into codered.lessons (project_id, title, description, domain_tags, source_type, source_id, impact_axes, severity)
  select
    record_lesson.project_id, w.title, w.description, coalesce(w.domain_tags, '{}'), coalesce(w.source_type, 'manual'), w.source_id,
    coalesce(w.impact_axes, '{}'), coalesce(w.severity, 'minor')
  from jsonb_populate_record(null::codered.lessons, record_lesson.lesson) as w
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function codered.record_lesson(uuid, jsonb) is
  'Writes down what was learned. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR007 (an agent''s run or CI event of another project).';
revoke execute on function codered.record_lesson from public;
grant execute on function codered.record_lesson to authenticated, service_role;

create function codered.list_lessons(
  project_id uuid, query text default null, domain_tag text default null, severity text default null, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_lessons.project_id);
  perform codered.check_batch('batch', list_lessons.batch);
  perform codered.check_place('before_id', num_nulls(list_lessons.before_created_at, list_lessons.before_id), 2);
  if list_lessons.query is not null and char_length(btrim(list_lessons.query)) not between 1 and 1000 then
    perform codered.refuse_value('list_lessons.query', list_lessons.query, '1 to 1000 characters');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) order by page.created_at desc, page.id desc), '[]')
    from (
      select l.*
      from codered.lessons l
      where l.project_id = list_lessons.project_id
        and (list_lessons.severity is null or l.severity = list_lessons.severity)
        and (list_lessons.domain_tag is null or list_lessons.domain_tag = any (l.domain_tags))
        and (
          list_lessons.query is null
          or to_tsvector('simple', concat_ws(' ', l.title, l.description, array_to_string(l.domain_tags, ' ')))
            @@ websearch_to_tsquery('simple', list_lessons.query)
        )
        and (list_lessons.before_id is null or (l.created_at, l.id) < (list_lessons.before_created_at, list_lessons.before_id))
      order by l.created_at desc, l.id desc
      -- One more than asked for tells whether there are more.
      limit list_lessons.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_lessons(uuid, text, text, text, integer, timestamptz, uuid) is
  'The lessons of a project, or those that hold the words of query (as in a search engine), bear a tag or are so severe, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_lessons from public;
grant execute on function codered.list_lessons to authenticated, service_role;

create function codered.record_ux_snippet(project_id uuid, snippet jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.ux_snippets;
begin
  perform codered.require_project(record_ux_snippet.project_id);
  insert into codered.ux_snippets (project_id, name, description, tech_stack, code_sample, preview_url, tags, quality_score, approved_by)
  select
    record_ux_snippet.project_id, w.name, w.description, coalesce(w.tech_stack, '{}'), w.code_sample, w.preview_url,
    coalesce(w.tags, '{}'), w.quality_score, w.approved_by
  from jsonb_populate_record(null::codered.ux_snippets, record_ux_snippet.snippet) as w
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function codered.record_ux_snippet(uuid, jsonb) is
  'Keeps a piece of user interface that is worth using again in the project. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.record_ux_snippet from public;
grant execute on function codered.record_ux_snippet to authenticated, service_role;

create function codered.list_ux_snippets(
  project_id uuid, query text default null, tag text default null, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_ux_snippets.project_id);
  perform codered.check_batch('batch', list_ux_snippets.batch);
  perform codered.check_place('before_id', num_nulls(list_ux_snippets.before_created_at, list_ux_snippets.before_id), 2);
  if list_ux_snippets.query is not null and char_length(btrim(list_ux_snippets.query)) not between 1 and 1000 then
    perform codered.refuse_value('list_ux_snippets.query', list_ux_snippets.query, '1 to 1000 characters');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{code_sample}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select s.*
      from codered.ux_snippets s
      where (s.project_id = list_ux_snippets.project_id or s.project_id is null)
        and s.deleted_at is null
        and (list_ux_snippets.tag is null or list_ux_snippets.tag = any (s.tags))
        and (
          list_ux_snippets.query is null
          or to_tsvector(
              'simple', concat_ws(' ', s.name, s.description, array_to_string(s.tags, ' '), array_to_string(s.tech_stack, ' ')))
            @@ websearch_to_tsquery('simple', list_ux_snippets.query)
        )
        and (list_ux_snippets.before_id is null or (s.created_at, s.id) < (list_ux_snippets.before_created_at, list_ux_snippets.before_id))
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_ux_snippets.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_ux_snippets(uuid, text, text, integer, timestamptz, uuid) is
  'The pieces of user interface of a project and those for every project, without their code, or those that hold the words of query (as in a search engine) or bear a tag, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_ux_snippets from public;
grant execute on function codered.list_ux_snippets to authenticated, service_role;

create function codered.read_ux_snippet(snippet_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.ux_snippets;
begin
  select s.* into found_row from codered.ux_snippets s where s.id = read_ux_snippet.snippet_id and s.deleted_at is null;
  if not found then
    perform codered.refuse_missing('piece of user interface', read_ux_snippet.snippet_id::text);
  end if;
  if found_row.project_id is not null then
    perform codered.require_project(found_row.project_id);
  end if;
  return to_jsonb(found_row);
end
$$;
comment on function codered.read_ux_snippet(uuid) is 'A piece of user interface with its code, of a project or for every one. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_ux_snippet from public;
grant execute on function codered.read_ux_snippet to authenticated, service_role;

create function codered.retire_ux_snippet(snippet_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.ux_snippets;
begin
  select s.* into made from codered.ux_snippets s where s.id = retire_ux_snippet.snippet_id;
  if not found then
    perform codered.refuse_missing('piece of user interface', retire_ux_snippet.snippet_id::text);
  end if;
  if made.project_id is not null then
    perform codered.require_project(made.project_id);
  end if;
  update codered.ux_snippets s
  set deleted_at = coalesce(s.deleted_at, now())
  where s.id = retire_ux_snippet.snippet_id
  returning s.* into made;
  if not found then
    raise exception 'What is for every project is retired by the operator.' using errcode = 'CR008';
  end if;
  return to_jsonb(made);
end
$$;
comment on function codered.retire_ux_snippet(uuid) is
  'Shows a piece of user interface to nobody any more, and keeps it; twice the same. Any member of its project may. Refuses CR003 (project retired), CR004, CR008 (one for every project).';
revoke execute on function codered.retire_ux_snippet from public;
grant execute on function codered.retire_ux_snippet to authenticated, service_role;

create function codered.list_checkpoints(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_checkpoints.project_id);
  perform codered.check_batch('batch', list_checkpoints.batch);
  perform codered.check_place('before_id', num_nulls(list_checkpoints.before_created_at, list_checkpoints.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{snapshot,resume_instructions}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select c.*
      from codered.checkpoints c
      where c.project_id = list_checkpoints.project_id
        and (list_checkpoints.before_id is null or (c.created_at, c.id) < (list_checkpoints.before_created_at, list_checkpoints.before_id))
      order by c.created_at desc, c.id desc
      -- One more than asked for tells whether there are more.
      limit list_checkpoints.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_checkpoints(uuid, integer, timestamptz, uuid) is
  'The checkpoints of a project without instructions and snapshots, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_checkpoints from public;
grant execute on function codered.list_checkpoints to authenticated, service_role;

create function codered.read_checkpoint(checkpoint_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.checkpoints;
begin
  select c.* into found_row from codered.checkpoints c where c.id = read_checkpoint.checkpoint_id;
  if not found then
    perform codered.refuse_missing('checkpoint', read_checkpoint.checkpoint_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;
comment on function codered.read_checkpoint(uuid) is 'A checkpoint, whole. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_checkpoint from public;
grant execute on function codered.read_checkpoint to authenticated, service_role;

create function codered.start_agent_session(project_id uuid, summary text default null, snapshot jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.agent_sessions;
begin
  perform codered.require_project(start_agent_session.project_id);
  insert into codered.agent_sessions (project_id, user_id, summary, snapshot)
  values (
    start_agent_session.project_id, (select auth.uid()), start_agent_session.summary, coalesce(start_agent_session.snapshot, '{}'))
  returning * into made;
  return to_jsonb(made);
end
$$;
comment on function codered.start_agent_session(uuid, text, jsonb) is
  'Begins a session of an agent with the caller, whom alone it is for; the project''s history tells that there is one, and nothing of what it holds. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.start_agent_session from public;
grant execute on function codered.start_agent_session to authenticated, service_role;

create function codered.list_agent_sessions(
  project_id uuid, batch integer default 50, before_created_at timestamptz default null, before_id uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_agent_sessions.project_id);
  perform codered.check_batch('batch', list_agent_sessions.batch);
  perform codered.check_place('before_id', num_nulls(list_agent_sessions.before_created_at, list_agent_sessions.before_id), 2);
  return (
    select coalesce(jsonb_agg(to_jsonb(page) - '{snapshot}'::text[] order by page.created_at desc, page.id desc), '[]')
    from (
      select s.*
      from codered.agent_sessions s
      where s.project_id = list_agent_sessions.project_id and s.user_id = (select auth.uid())
        and (list_agent_sessions.before_id is null or (s.created_at, s.id) < (list_agent_sessions.before_created_at, list_agent_sessions.before_id))
      order by s.created_at desc, s.id desc
      -- One more than asked for tells whether there are more.
      limit list_agent_sessions.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_agent_sessions(uuid, integer, timestamptz, uuid) is
  'The callers own sessions in a project without their snapshots, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_agent_sessions from public;
grant execute on function codered.list_agent_sessions to authenticated, service_role;

create function codered.read_agent_session(agent_session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_row codered.agent_sessions;
begin
  select s.* into found_row from codered.agent_sessions s where s.id = read_agent_session.agent_session_id and s.user_id = (select auth.uid());
  if not found then
    perform codered.refuse_missing('session of yours', read_agent_session.agent_session_id::text);
  end if;
  perform codered.require_project(found_row.project_id);
  return to_jsonb(found_row);
end
$$;
comment on function codered.read_agent_session(uuid) is 'A session of the callers own, whole. Refuses CR003 (project retired), CR004.';
revoke execute on function codered.read_agent_session from public;
grant execute on function codered.read_agent_session to authenticated, service_role;

create function codered.note_in_session(
  agent_session_id uuid, summary text default null, snapshot jsonb default null, ends boolean default false)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.agent_sessions;
begin
  perform codered.require_project(s.project_id)
  from codered.agent_sessions s
  where s.id = note_in_session.agent_session_id and s.user_id = (select auth.uid());
  select s.* into made
  from codered.agent_sessions s
  where s.id = note_in_session.agent_session_id and s.user_id = (select auth.uid())
  for no key update;
  if not found then
    perform codered.refuse_missing('session of yours', note_in_session.agent_session_id::text);
  end if;
  if made.ended_at is not null then
    if note_in_session.ends and coalesce(note_in_session.summary, made.summary) is not distinct from made.summary then
      return to_jsonb(made);
    end if;
    perform codered.refuse_state('agent_sessions.ended_at', made.ended_at::text, 'a session that goes on');
  end if;
  update codered.agent_sessions s
  set
    summary = coalesce(note_in_session.summary, s.summary),
    snapshot = s.snapshot || coalesce(note_in_session.snapshot, '{}'),
    notes = s.notes + 1,
    ended_at = case when note_in_session.ends then now() end
  where s.id = made.id
  returning s.* into made;
  return to_jsonb(made);
end
$$;
comment on function codered.note_in_session(uuid, text, jsonb, boolean) is
  'Writes into a session of the caller''s own: another summary, keys of the snapshot beside or in the place of those that are there; ends: nothing is noted after this. Ended once more it stays as it is. Refuses CR002, CR003 (it was ended, or project retired), CR004.';
revoke execute on function codered.note_in_session from public;
grant execute on function codered.note_in_session to authenticated, service_role;
