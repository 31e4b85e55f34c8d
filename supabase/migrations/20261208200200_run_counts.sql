-- How many runs there are by GitHub's count, so that figures say how complete they are. Old workers survive it: a key of DORA's weeks that they do not know is left out.

create table codered.run_counts (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  day date not null,
  told integer,
  counted_at timestamptz,
  asked integer not null default 0,
  ask_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, day),
  constraint run_counts_told_check check (told >= 0 or codered.refuse_value('run_counts.told', told, '0 or more')),
  constraint run_counts_counted_check check ((told is null) = (counted_at is null))
);
comment on table codered.run_counts is
  'How many workflow runs GitHub counts that were made on a day (UTC) in a repository; a day that is not over has no row.';
comment on column codered.run_counts.told is 'GitHub''s count; null until it was asked.';
comment on column codered.run_counts.asked is 'How often GitHub was asked; five times in vain are the end.';
alter table codered.run_counts enable row level security;
create policy run_counts_read on codered.run_counts for select to authenticated
  using (repository_id in (select codered.my_repositories()));
revoke all on codered.run_counts from public, anon, authenticated;
grant select on codered.run_counts to authenticated;
grant select, insert, update, delete on codered.run_counts to service_role;
create trigger run_counts_touch before update on codered.run_counts
  for each row execute function codered.touch_updated_at();

create function codered.take_run_count(installation_id bigint)
returns table (repository_id bigint, day date)
language sql
set search_path = ''
as $$
  with due as (
    select r.id, d.day::date as day
    from (
      -- However many there are: some of them at a time.
      select o.id
      from codered.repositories o
      where o.installation_id = take_run_count.installation_id and o.deleted_at is null
        and exists (
          select from codered.ci_events e
          where e.project_id = o.project_id and e.repository_id = o.id and e.start_time > now() - interval '35 days'
            and e.provider = 'github-actions'
        )
      order by random()
      limit 100
    ) as r
    cross join generate_series(
      ((now() - interval '1 hour') at time zone 'utc')::date - 1, ((now() - interval '34 days') at time zone 'utc')::date, interval '-1 day'
    ) as d (day)
    left join codered.run_counts c on c.repository_id = r.id and c.day = d.day::date
    where c.day is null or (c.told is null and c.asked < 5 and c.ask_at <= now())
    order by d.day desc, r.id
    limit 1
  )
  insert into codered.run_counts as c (repository_id, day, asked, ask_at)
  select due.id, due.day, 1, now() + interval '1 hour' from due
  on conflict on constraint run_counts_pkey do update set asked = c.asked + 1, ask_at = excluded.ask_at
  returning c.repository_id, c.day
$$;
comment on function codered.take_run_count(bigint) is
  'Takes the next day whose runs GitHub is to be asked to count, of the last 35 that are over, the newest first, in a repository of the installation that has runs; due again in an hour.';
revoke execute on function codered.take_run_count from public;
grant execute on function codered.take_run_count to service_role;

create function codered.note_run_count(repository_id bigint, day date, told integer)
returns void
language sql
set search_path = ''
as $$
  insert into codered.run_counts as c (repository_id, day, told, counted_at)
  values (note_run_count.repository_id, note_run_count.day, note_run_count.told, now())
  on conflict on constraint run_counts_pkey do update set told = excluded.told, counted_at = excluded.counted_at
$$;
comment on function codered.note_run_count(bigint, date, integer) is 'Keeps how many runs GitHub counts that were made on a day (UTC) that is over.';
revoke execute on function codered.note_run_count from public;
grant execute on function codered.note_run_count to service_role;

create function codered.completeness(project_id uuid, since timestamptz, until timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select case when count(*) > 0 then
    jsonb_build_object('have', sum(least(h.held, c.told)), 'of', sum(c.told), 'known_since', min(c.day))
  end
  from codered.repositories r
  join codered.run_counts c
    on c.repository_id = r.id and c.told is not null
    and c.day >= (completeness.since at time zone 'utc')::date
    and c.day < (completeness.until at time zone 'utc')::date
  cross join lateral (
    select count(distinct e.run_id)::integer as held
    from codered.ci_events e
    where e.project_id = r.project_id and e.repository_id = r.id and e.provider = 'github-actions'
      and e.start_time >= c.day::timestamp at time zone 'utc' and e.start_time < (c.day + 1)::timestamp at time zone 'utc'
      and e.run_attempt = 1
      and e.status not in ('queued', 'running')
  ) as h
  where r.project_id = completeness.project_id and r.deleted_at is null
$$;
comment on function codered.completeness(uuid, timestamptz, timestamptz) is
  'How many of the workflow runs that GitHub counts in a project, on the days from since until before until, are known with their end: {have, of, known_since}; null where GitHub was asked about none of these days.';
revoke execute on function codered.completeness from public;
grant execute on function codered.completeness to authenticated, service_role;

create or replace function codered.erasure_steps()
returns table (step integer, table_name text, condition text)
language sql
immutable
set search_path = ''
as $$
  -- $1 repositories, $2 projects that go whole, $3 projects that are touched, $4 installations, $5 names, $6 the scope, $7 logins.
  -- First what starts work, then what work leaves, children before what they hang on.
  select row_number() over ()::integer, s.table_name, s.condition
  from (values
    ('webhook_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)
      or (t.repository_id is null and codered.is_payload_of(t.payload, t.status, $6))'),
    ('missed_deliveries', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_requests', 't.repository_id = any ($1) or t.installation_id = any ($4)'),
    ('sweep_subjects', 't.repository_id = any ($1)'),
    ('run_counts', 't.repository_id = any ($1)'),
    ('follow_ups', 't.project_id = any ($2) or t.repository_id = any ($1)'),
    ('agent_jobs', 't.project_id = any ($2)
      or ((t.project_id = any ($3) or t.project_id is null) and t.input ->> ''repository_id'' = any ($1::text[]))'),
    ('publications', 't.repository_id = any ($1)'),
    ('errors', 't.project_id = any ($2)
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))
      or t.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('green_logs', 't.repository_id = any ($1)'),
    ('test_results', 't.repository_id = any ($1)'),
    ('test_reports', 't.repository_id = any ($1)'),
    -- With their days and states.
    ('tests', 't.repository_id = any ($1)'),
    ('artifacts', 't.project_id = any ($2)
      or t.run_id in (select r.id from codered.runs r where r.repository_id = any ($1))
      or t.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('gate_executions', 't.run_id in (select r.id from codered.runs r where r.repository_id = any ($1) or r.project_id = any ($2))'),
    ('runs', 't.repository_id = any ($1) or t.project_id = any ($2)
      or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))
      or t.sprint_id in (
        select p.id from codered.sprints p join codered.specs s on s.id = p.spec_id
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('ci_jobs', 't.ci_event_id in (select e.id from codered.ci_events e where e.repository_id = any ($1))'),
    ('deployment_statuses', 't.deployment_id in (select d.id from codered.deployments d where d.repository_id = any ($1))'),
    ('deployments', 't.repository_id = any ($1)'),
    ('ci_events', 't.repository_id = any ($1)'),
    ('asked_rights', 't.repository_id = any ($1)'),
    ('pull_requests', 't.repository_id = any ($1)'),
    ('commits', 't.repository_id = any ($1)'),
    ('sprints', 't.project_id = any ($2) or t.spec_id in (
        select s.id from codered.specs s
        where s.project_id = any ($2) or (s.project_id = any ($3) and lower(s.repo) = any ($5)))'),
    ('specs', 't.project_id = any ($2) or (t.project_id = any ($3) and lower(t.repo) = any ($5))'),
    ('embeddings', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('chunks', 't.project_id = any ($2) or t.document_id in (select d.id from codered.documents d where d.project_id = any ($2))'),
    ('documents', 't.project_id = any ($2) or t.corpus_id in (select c.id from codered.corpora c where c.project_id = any ($2))'),
    ('corpora', 't.project_id = any ($2)'),
    ('project_files', 't.project_id = any ($2)'),
    ('task_runs', 't.project_id = any ($2)'),
    ('agent_runs', 't.project_id = any ($2)'),
    ('agent_sessions', 't.project_id = any ($2)'),
    ('checkpoints', 't.project_id = any ($2)'),
    ('tasks', 't.project_id = any ($2)'),
    ('milestones', 't.project_id = any ($2)'),
    ('lessons', 't.project_id = any ($2)'),
    ('ux_snippets', 't.project_id = any ($2)'),
    ('bug_patterns', 't.project_id = any ($2)'),
    ('learning_roadmaps', 't.project_id = any ($2)'),
    ('daily_sessions', 't.project_id = any ($2)'),
    ('installation_usage', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('request_budgets', 't.installation_id in (
        select i.id from codered.installations i where i.id = any ($4) and i.deleted_at is not null)'),
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;
comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';
revoke execute on function codered.erasure_steps from public;
grant execute on function codered.erasure_steps to service_role;

create or replace function codered.read_dora(project_id uuid, weeks integer default 12)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(read_dora.project_id);
  if (read_dora.weeks between 1 and 104) is not true then
    perform codered.refuse_value('weeks', coalesce(read_dora.weeks::text, 'null'), '1 to 104');
  end if;
  return (
    select coalesce(
      jsonb_agg(
        to_jsonb(w) - 'project_id'
          || jsonb_build_object('completeness', codered.completeness(w.project_id, w.week::timestamp at time zone 'utc',
            (w.week + 7)::timestamp at time zone 'utc'))
        order by w.week desc),
      '[]')
    from codered.dora_weekly w
    where w.project_id = read_dora.project_id
      and w.week > date_trunc('week', now() at time zone 'utc')::date - 7 * read_dora.weeks
  );
end
$$;
comment on function codered.read_dora(uuid, integer) is
  'dora_weekly of a project, newest week first, over so many weeks with the one that runs, each with how complete its runs are (completeness). Refuses CR002 (weeks 1 to 104), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.read_dora from public;
grant execute on function codered.read_dora to authenticated, service_role;
