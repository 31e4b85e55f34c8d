-- Failures of a pull request or a commit are found by their runs, a page of events by an index; a list of tasks asks nothing for those without dependencies. Old workers survive it.

create or replace function codered.list_events(
  project_id uuid, batch integer default 50, direction text default 'newest', beyond_event bigint default null,
  after_event bigint default null, event_type text default null, task_id uuid default null, run_id uuid default null,
  since timestamptz default null, until timestamptz default null)
returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  span record;
  found_events jsonb;
begin
  perform codered.require_project(list_events.project_id);
  perform codered.check_batch('batch', list_events.batch);
  if (list_events.direction in ('newest', 'oldest')) is not true then
    perform codered.refuse_value('list_events.direction', coalesce(list_events.direction, 'null'), 'newest, oldest');
  end if;
  select s.* into span from codered.settled_events() s;
  if least(list_events.beyond_event, list_events.after_event) < span.kept_after then
    raise exception 'What followed event % is no longer kept here: begin anew, after event %, or without a place.',
      least(list_events.beyond_event, list_events.after_event), span.kept_after
      using errcode = 'CR015', detail = jsonb_build_object('kept_after', span.kept_after)::text;
  end if;
  -- Planned anew for what is asked, which takes 2 ms: a plan that is kept for everything reads all events of the project.
  execute format('
    select coalesce(jsonb_agg(to_jsonb(page) order by page.id %1$s), ''[]'')
    from (
      select e.id, e.event_type, e.task_id, e.run_id, e.user_id, e.payload, e.created_at
      from codered.events e
      where e.project_id = $1 and e.id <= $2 and e.id > $3
        and ($4 is null or e.event_type = $4)
        and ($5 is null or e.task_id = $5)
        and ($6 is null or e.run_id = $6)
        and ($7 is null or e.created_at >= $7)
        and ($8 is null or e.created_at < $8)
      order by e.id %1$s
      -- One more than asked for tells whether there are more.
      limit $9
    ) as page', case list_events.direction when 'newest' then 'desc' else 'asc' end)
  into found_events
  using list_events.project_id,
    case list_events.direction when 'newest' then least(span.settled, list_events.beyond_event - 1) else span.settled end,
    greatest(list_events.after_event, case list_events.direction when 'oldest' then list_events.beyond_event end, 0),
    list_events.event_type, list_events.task_id, list_events.run_id, list_events.since, list_events.until, list_events.batch + 1;
  return found_events;
end
$$;

comment on function codered.list_events(uuid, integer, text, bigint, bigint, text, uuid, uuid, timestamptz, timestamptz) is
  'The events of a project, newest or oldest first, beyond an event in that order, those that came after an event (after_event), of a type, a task, a run, from since (it too) until (not it): one more than batch when there are more. What is listed is settled: nothing comes between two of them later, so whoever goes on from the last one had, oldest first, misses none; while a transaction that writes events is open, those after it wait. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR015 (what followed the place is no longer kept). Not stable, as each of its statements has to see what was committed before it.';

revoke execute on function codered.list_events from public;

grant execute on function codered.list_events to authenticated, service_role;

-- Most runs are about one pull request at the most; the few others stand in an index of their own. Both can be asked under row security, as one of all numbers (gin) could not.
create index ci_events_pull_request_idx on codered.ci_events (project_id, (pull_request_numbers[1])) where pull_request_numbers[1] is not null;

create index ci_events_pull_requests_idx on codered.ci_events (project_id) where pull_request_numbers[2] is not null;

create or replace function codered.describe_task(task codered.tasks)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', task.id, 'project_id', task.project_id, 'milestone_id', task.milestone_id, 'parent_task_id', task.parent_task_id,
    'title', task.title, 'description', task.description, 'acceptance_criteria', task.acceptance_criteria,
    'constraints', task.constraints, 'dependencies', task.dependencies,
    -- Most have none, and whoever asks for tasks is asked for their projects.
    'is_blocked_by', case when cardinality(task.dependencies) > 0 then coalesce((
      select jsonb_agg(t.id order by d.place)
      from unnest(task.dependencies) with ordinality as d (id, place)
      join codered.tasks t on t.id = d.id
      where t.status <> 'done' and t.deleted_at is null), '[]') else '[]' end,
    'zone', task.zone, 'impact_axes', task.impact_axes,
    'size', task.size, 'status', task.status, 'priority', task.priority, 'assignee_agent_id', task.assignee_agent_id,
    'assignee_human', task.assignee_human, 'due_date', task.due_date, 'completed_at', task.completed_at,
    'lock', case when task.locked_at + interval '1 hour' > now()
      then codered.describe_task_lock(task.id, task.locked_by, task.locked_at) end,
    'created_at', task.created_at, 'updated_at', task.updated_at)
$$;

comment on function codered.describe_task(codered.tasks) is 'A task as the operations tell it; lock null when nobody has it, is_blocked_by the dependencies that are not done, which hold its lock back.';

revoke execute on function codered.describe_task from public;

grant execute on function codered.describe_task to authenticated, service_role;

create or replace function codered.list_failures(
  project_id uuid, repository text default null, pull_request integer default null, commit_sha text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  runs uuid[];
  chosen uuid[];
begin
  perform codered.require_project(list_failures.project_id);
  perform codered.check_batch('batch', list_failures.batch);
  perform codered.check_place('before_error', num_nulls(list_failures.before_created_at, list_failures.before_error), 2);
  -- What has few runs is found by these: otherwise each failure of the project would be asked for its own.
  if list_failures.pull_request is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id and c.pull_request_numbers[1] = list_failures.pull_request
      union all
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id
        and c.pull_request_numbers[2] is not null
        and list_failures.pull_request = any (c.pull_request_numbers[2:]));
  elsif list_failures.commit_sha is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.commit_sha = list_failures.commit_sha and c.repository_id = any (array(select r.id from codered.repositories r)));
  end if;
  if runs is null then
    chosen := array(
      select e.id
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.repositories r on r.id = c.repository_id
      where e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_failures.batch + 1);
  else
    chosen := array(
      select e.id
      from codered.errors e
      join codered.ci_events c on c.id = e.ci_event_id
      join codered.repositories r on r.id = c.repository_id
      where e.ci_event_id = any (runs)
        and e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.commit_sha is null or c.commit_sha = list_failures.commit_sha)
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      limit list_failures.batch + 1);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', e.id, 'project_id', e.project_id, 'source', e.source, 'severity', e.severity, 'message', e.message,
      'details', e.details, 'verdict', e.verdict, 'occurrences', e.occurrences, 'first_seen_at', e.first_seen_at,
      'created_at', e.created_at, 'excerpt', e.excerpt, 'evidence_why', e.evidence_why, 'line_number', e.line_number,
      'step_name', e.step_name, 'file_path', e.file_path, 'line', e.line,
      'repository', r.owner || '/' || r.name, 'job_name', j.name, 'workflow_name', c.workflow_name, 'commit_sha', c.commit_sha, 'branch', c.branch,
      'pull_requests', coalesce(c.pull_request_numbers, '{}'), 'url', coalesce(j.html_url, c.html_url),
      'cause', (
        select jsonb_build_object('name', b.name, 'category', b.category, 'rank', m.rank, 'root_cause', b.root_cause,
          'recommended_fix', b.recommended_fix, 'docs_url', b.docs_url, 'line_text', m.line_text)
        from codered.error_matches m
        join codered.bug_patterns b on b.id = m.bug_pattern_id
        where m.error_id = e.id and m.is_primary
      )) order by e.created_at desc, e.id desc), '[]')
    from codered.errors e
    left join codered.ci_events c on c.id = e.ci_event_id
    left join codered.repositories r on r.id = c.repository_id
    left join codered.ci_jobs j on j.id = e.ci_job_id
    where e.id = any (chosen)
  );
end
$$;

comment on function codered.list_failures(uuid, text, integer, text, integer, timestamptz, uuid) is
  'Failures of a project, or of a repository (owner/name), pull request or commit, newest first, before a place in that order: one more than batch when there are more. cause is the primary match, null where no pattern knows it. Text from logs and names is a stranger''s. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_failures from public;

grant execute on function codered.list_failures to authenticated, service_role;
