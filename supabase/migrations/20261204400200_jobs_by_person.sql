-- A person's jobs are found by an index of their own, however many others have; a daily session has 200 concepts at the most. Old workers survive it.

drop index codered.agent_jobs_project_type_idx;

create index agent_jobs_project_type_idx on codered.agent_jobs (project_id, agent_type, user_id, completed_at desc) where status = 'completed';

create or replace function codered.estimate_job(project_id uuid, agent_type text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  seconds double precision;
begin
  -- How long somebody took to answer questions says nothing of the work. One's own and the app's, each by the index.
  select percentile_cont(0.5) within group (order by l.seconds) into seconds
  from (
    select o.seconds, o.completed_at
    from (
      (
        select extract(epoch from j.completed_at - j.started_at)::double precision as seconds, j.completed_at
        from codered.agent_jobs j
        where j.project_id = estimate_job.project_id and j.agent_type = estimate_job.agent_type and j.user_id = me
          and j.status = 'completed' and j.questions is null
        order by j.completed_at desc
        limit 20
      )
      union all
      (
        select extract(epoch from j.completed_at - j.started_at)::double precision, j.completed_at
        from codered.agent_jobs j
        where j.project_id = estimate_job.project_id and j.agent_type = estimate_job.agent_type and j.user_id is null
          and j.is_apps and j.status = 'completed' and j.questions is null
        order by j.completed_at desc
        limit 20
      )
    ) as o
    order by o.completed_at desc
    limit 20
  ) as l;
  if seconds is null then
    select percentile_cont(0.5) within group (order by l.seconds) into seconds
    from (
      select extract(epoch from j.completed_at - j.started_at)::double precision as seconds
      from codered.agent_jobs j
      where j.user_id = me and j.agent_type = estimate_job.agent_type and j.status = 'completed' and j.questions is null
      order by j.completed_at desc
      limit 20
    ) as l;
  end if;
  return case
    when seconds is null then case estimate_job.agent_type when 'research' then '30s' when 'pipeline' then '5m' end
    when seconds <= 59 then greatest(1, ceil(seconds)) || 's'
    when seconds <= 59 * 60 then ceil(seconds / 60) || 'm'
    else ceil(seconds / 3600) || 'h'
  end;
end
$$;

comment on function codered.estimate_job(uuid, text) is
  'How long a job of a type will take, as document 002 writes it ("30s", "5m"): the median of the last 20 of the project that the caller may see and that asked nothing, else of the caller''s own anywhere, else the document''s figure, else null. Called by create_agent_job.';

revoke execute on function codered.estimate_job from public;

grant execute on function codered.estimate_job to authenticated, service_role;

create or replace function codered.newest_jobs(
  project_id uuid, most integer, status text default null, agent_type text default null, parent_job_id uuid default null,
  before_created_at timestamptz default null, before_job uuid default null)
returns table (id uuid, created_at timestamptz)
language plpgsql
stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  me constant uuid := auth.uid();
  sees_all constant boolean := not codered.is_member_call() or codered.is_operator();
begin
  -- What the policy lets through, each kind by an index of its own: others' jobs, however many, cost nothing.
  return query
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where sees_all
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    union all
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where not sees_all and j.user_id = me
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    union all
    (
      select j.id, j.created_at
      from codered.agent_jobs j
      where not sees_all and j.user_id is null and j.is_apps
        and j.project_id = newest_jobs.project_id
        and (newest_jobs.status is null or j.status = newest_jobs.status)
        and (newest_jobs.agent_type is null or j.agent_type = newest_jobs.agent_type)
        and (newest_jobs.parent_job_id is null or j.parent_job_id = newest_jobs.parent_job_id)
        and (newest_jobs.before_job is null or (j.created_at, j.id) < (newest_jobs.before_created_at, newest_jobs.before_job))
      order by j.created_at desc, j.id desc
      limit newest_jobs.most
    )
    order by 2 desc, 1 desc
    limit newest_jobs.most;
end
$$;

comment on function codered.newest_jobs(uuid, integer, text, text, uuid, timestamptz, uuid) is
  'The newest jobs of a project that the caller may see, so many at the most, of a status, a type or a pipeline, before a place. Called by list_jobs and find_jobs.';

revoke execute on function codered.newest_jobs from public;

grant execute on function codered.newest_jobs to authenticated, service_role;

create or replace function codered.list_jobs(project_id uuid, batch integer default 20, skip integer default 0)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  if coalesce(list_jobs.batch, 0) not between 1 and 100 then
    perform codered.refuse_value('batch', coalesce(list_jobs.batch::text, 'null'), '1 to 100');
  end if;
  if coalesce(list_jobs.skip, -1) not between 0 and 10000 then
    perform codered.refuse_value('skip', coalesce(list_jobs.skip::text, 'null'), '0 to 10000');
  end if;
  if not exists (select from codered.projects p where p.id = list_jobs.project_id) then
    raise exception 'There is no project "%" that you may see.', list_jobs.project_id using errcode = 'CR004';
  end if;
  return (
    -- The farthest page, and one more.
    with seen as materialized (
      select s.* from codered.newest_jobs(list_jobs.project_id, 10101) s
    ), page as (
      select s.id, s.created_at from seen s order by s.created_at desc, s.id desc limit list_jobs.batch offset list_jobs.skip
    )
    select jsonb_build_object(
      'items', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
          'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at)
          order by p.created_at desc, p.id desc), '[]')
        from page p join codered.agent_jobs j on j.id = p.id),
      'total', (select least(count(*), 10000) from seen),
      'has_more', (select count(*) from seen) > list_jobs.skip + (select count(*) from page))
  );
end
$$;

comment on function codered.list_jobs(uuid, integer, integer) is
  'A page of the project''s jobs that the caller may see, newest first: {items, total, has_more}; total is counted to 10,000 and no further. An item is what read_job tells, without result and questions. Refuses CR002 (batch 1 to 100, skip 0 to 10,000), CR004 (no such project).';

revoke execute on function codered.list_jobs from public;

grant execute on function codered.list_jobs to authenticated, service_role;

create or replace function codered.find_jobs(
  project_id uuid, status text default null, agent_type text default null, parent_job_id uuid default null,
  batch integer default 50, before_created_at timestamptz default null, before_job uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(find_jobs.project_id);
  perform codered.check_batch('batch', find_jobs.batch);
  perform codered.check_place('before_job', num_nulls(find_jobs.before_created_at, find_jobs.before_job), 2);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'job_id', j.id, 'status', j.status, 'agent_type', j.agent_type, 'project_id', j.project_id, 'parent_job_id', j.parent_job_id,
      'progress', j.progress, 'error', j.error, 'created_at', j.created_at, 'completed_at', j.completed_at)
      order by j.created_at desc, j.id desc), '[]')
    -- One more than asked for tells whether there are more.
    from codered.newest_jobs(
      find_jobs.project_id, find_jobs.batch + 1, find_jobs.status, find_jobs.agent_type, find_jobs.parent_job_id,
      find_jobs.before_created_at, find_jobs.before_job) n
    join codered.agent_jobs j on j.id = n.id
  );
end
$$;

comment on function codered.find_jobs(uuid, text, text, uuid, integer, timestamptz, uuid) is
  'The jobs of a project that the caller may see, of a status, a type or a pipeline, newest first, before a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.find_jobs from public;

grant execute on function codered.find_jobs to authenticated, service_role;

create or replace function codered.extend_daily_session(project_id uuid, session_id uuid, session jsonb)
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
  -- As many as one request may bring: lists tell them all.
  if cardinality(made.concepts_covered) > 200 then
    perform codered.refuse_value('daily_sessions.concepts_covered', cardinality(made.concepts_covered), 'at most 200');
  end if;
  return codered.describe_daily_session(made);
end
$$;

comment on function codered.extend_daily_session(uuid, uuid, jsonb) is
  'Goes on with a talk: adds messages to its transcript, concepts that are new, and minutes; returns it without the transcript. Two at once both count. Refuses CR002 (a value, more than a day''s minutes), CR003 (project retired), CR004.';

revoke execute on function codered.extend_daily_session from public;

grant execute on function codered.extend_daily_session to authenticated, service_role;
