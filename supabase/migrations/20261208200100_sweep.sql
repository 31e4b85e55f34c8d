-- What is stuck is asked for, and what lost deliveries told. Old workers survive it: they neither read nor write the new table and columns.

alter table codered.sweep_requests
  add column asked integer not null default 0,
  add column ask_at timestamptz not null default now();
comment on column codered.sweep_requests.done_at is 'When it was asked for, to the end, or given up after twelve times.';
comment on column codered.sweep_requests.asked is 'How often it was begun to ask for it.';
comment on column codered.sweep_requests.ask_at is 'Not asked for before then.';

create table codered.sweep_subjects (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  kind text not null,
  subject text not null,
  reason text not null,
  asked integer not null default 0,
  ask_at timestamptz not null default now(),
  etag text,
  given_up_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, kind, subject),
  constraint sweep_subjects_kind_check check (
    kind in ('run', 'head', 'deployment') or codered.refuse_value('sweep_subjects.kind', kind, 'run, head, deployment')
  ),
  constraint sweep_subjects_subject_length check (char_length(subject) between 1 and 100),
  constraint sweep_subjects_reason_length check (char_length(reason) between 1 and 1000),
  constraint sweep_subjects_etag_length check (char_length(etag) <= 200)
);
comment on table codered.sweep_subjects is
  'What stays as it is for longer than it may, so that GitHub is asked: runs without an end, heads whose gate waits, pushes without a run, deployments without an end. A row goes when that is over, and is given up after twelve questions.';
comment on column codered.sweep_subjects.subject is 'The run''s or the deployment''s id, or the SHA of the head.';
comment on column codered.sweep_subjects.reason is 'Why it is asked for, in words.';
comment on column codered.sweep_subjects.etag is 'GitHub''s word for its last answer: the same answer again costs no request.';
comment on column codered.sweep_subjects.given_up_at is 'When it was asked for so often that it is left as it is.';
create index sweep_subjects_ask_at_idx on codered.sweep_subjects (ask_at) where given_up_at is null;
alter table codered.sweep_subjects enable row level security;
create policy sweep_subjects_nobody on codered.sweep_subjects for select to authenticated using (false);
revoke all on codered.sweep_subjects from public, anon, authenticated;
grant select, insert, update, delete on codered.sweep_subjects to service_role;
create trigger sweep_subjects_touch before update on codered.sweep_subjects
  for each row execute function codered.touch_updated_at();

create index ci_events_unfinished_idx on codered.ci_events (created_at) where status in ('queued', 'running') and provider = 'github-actions';
create index deployments_unfinished_idx on codered.deployments (started_at) where status in ('pending', 'running');

create function codered.stuck_subjects(batch integer)
returns table (repository_id bigint, kind text, subject text, reason text)
language sql
stable
set search_path = ''
as $$
  with unfinished as (
    select e.repository_id, e.run_id, e.id, greatest(nullif(e.source_updated_at, '-infinity'), e.created_at) as at
    from codered.ci_events e
    where e.status in ('queued', 'running') and e.provider = 'github-actions' and e.created_at > now() - interval '35 days'
      -- That waits for a person, for as long as they like.
      and e.conclusion is distinct from 'action_required'
    order by e.created_at desc
    limit 20000
  )
  select s.*
  from (
    (
      select u.repository_id, 'run', u.run_id, 'the run has no end, and nothing was told of it for a while'
      from unfinished u
      where u.at < now() - case
          when (select bool_and(j.status not in ('queued', 'running')) from codered.ci_jobs j where j.ci_event_id = u.id)
            then interval '10 minutes'
          else interval '30 minutes'
        end
      group by u.repository_id, u.run_id
      limit stuck_subjects.batch
    )
    union all
    (
      select distinct d.repository_id, 'deployment', d.deployment_id, 'the deployment has no end'
      from codered.deployments d
      where d.status in ('pending', 'running') and d.started_at between now() - interval '35 days' and now() - interval '1 hour'
        and d.deployment_id ~ '^[0-9]{1,18}$'
      limit stuck_subjects.batch
    )
    union all
    (
      select pr.repository_id, 'head', pr.head_sha, 'the gate of the head waits'
      from codered.pull_requests pr
      join codered.runs g on g.repository_id = pr.repository_id and g.commit_sha = pr.head_sha
      where pr.state = 'open' and g.status in ('pending', 'running')
        and coalesce(g.started_at, g.created_at) between now() - interval '35 days' and now() - interval '30 minutes'
      group by pr.repository_id, pr.head_sha
      limit stuck_subjects.batch
    )
    union all
    (
      select p.repository_id, 'head', p.sha, 'the push has no run'
      from (
        -- Of what was pushed together the last commit is the one that runs.
        select distinct on (c.repository_id, c.pushed_at) c.repository_id, c.sha, c.ref
        from codered.commits c
        join codered.repositories r on r.id = c.repository_id and c.ref = 'refs/heads/' || r.default_branch
        where c.pushed_at between now() - interval '1 day' and now() - interval '15 minutes'
        order by c.repository_id, c.pushed_at, c.authored_at desc nulls last, c.sha
      ) as p
      where not exists (select from codered.ci_events e where e.repository_id = p.repository_id and e.commit_sha = p.sha)
        and exists (
          select
          from codered.ci_events e
          where e.repository_id = p.repository_id and e.branch = substr(p.ref, 12) and e.trigger = 'push'
            and e.start_time > now() - interval '35 days'
        )
      limit stuck_subjects.batch
    )
  ) as s (repository_id, kind, subject, reason)
  join codered.repositories r on r.id = s.repository_id and r.deleted_at is null
  join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
$$;
comment on function codered.stuck_subjects(integer) is
  'What stays as it is for longer than it may, so many of each kind at most: of installations that are there and not suspended, and of the last 35 days.';
revoke execute on function codered.stuck_subjects from public;
grant execute on function codered.stuck_subjects to service_role;

create function codered.find_sweep_subjects(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with stuck as materialized (
    select distinct on (s.repository_id, s.kind, s.subject) s.* from codered.stuck_subjects(find_sweep_subjects.batch) s
  ), whole as (
    -- A list that was cut short does not say what is over.
    select s.kind from stuck s group by s.kind having count(*) >= find_sweep_subjects.batch
  ), over as (
    delete from codered.sweep_subjects w
    where not exists (
        select from stuck s where s.repository_id = w.repository_id and s.kind = w.kind and s.subject = w.subject)
      and w.kind not in (select k.kind from whole k)
  ), added as (
    insert into codered.sweep_subjects (repository_id, kind, subject, reason)
    select s.repository_id, s.kind, s.subject, s.reason from stuck s
    on conflict do nothing
    returning 1
  )
  select count(*)::integer from added
$$;
comment on function codered.find_sweep_subjects(integer) is
  'Writes down what is stuck, so many of each kind at most, and takes away what no longer is. Returns how many are new.';
revoke execute on function codered.find_sweep_subjects from public;
grant execute on function codered.find_sweep_subjects to service_role;

create function codered.sweep_installations()
returns table (installation_id bigint)
language sql
stable
set search_path = ''
as $$
  select i.id
  from codered.installations i
  where i.suspended_at is null and i.deleted_at is null
    and exists (select from codered.repositories r where r.installation_id = i.id and r.deleted_at is null)
  order by random()
  limit 1000
$$;
comment on function codered.sweep_installations() is
  'The installations of which GitHub may be asked, in any order, so that none waits behind the same others each time; none that is suspended or gone.';
revoke execute on function codered.sweep_installations from public;
grant execute on function codered.sweep_installations to service_role;

create function codered.take_sweep_subject(installation_id bigint)
returns table (repository_id bigint, kind text, subject text, etag text, asked integer)
language sql
set search_path = ''
as $$
  with due as (
    select w.repository_id, w.kind, w.subject
    from codered.sweep_subjects w
    join codered.repositories r on r.id = w.repository_id and r.deleted_at is null
    where r.installation_id = take_sweep_subject.installation_id and w.given_up_at is null and w.ask_at <= now()
    -- What a gate waits for comes first.
    order by w.kind = 'head' desc, w.ask_at, w.repository_id, w.subject
    limit 1
    for update of w skip locked
  )
  update codered.sweep_subjects w
  set
    asked = w.asked + 1,
    ask_at = now() + least(interval '10 minutes' * power(2, least(w.asked, 10)), interval '12 hours'),
    given_up_at = case when w.asked >= 11 then now() end
  from due
  where w.repository_id = due.repository_id and w.kind = due.kind and w.subject = due.subject
  returning w.repository_id, w.kind, w.subject, w.etag, w.asked
$$;
comment on function codered.take_sweep_subject(bigint) is
  'Takes the next subject of an installation that GitHub is to be asked for: due again after 10, 20, 40 … minutes, at most 12 hours, and given up with the twelfth time.';
revoke execute on function codered.take_sweep_subject from public;
grant execute on function codered.take_sweep_subject to service_role;

create function codered.note_sweep_answer(repository_id bigint, kind text, subject text, etag text)
returns void
language sql
set search_path = ''
as $$
  update codered.sweep_subjects w
  set etag = left(note_sweep_answer.etag, 200)
  where w.repository_id = note_sweep_answer.repository_id and w.kind = note_sweep_answer.kind and w.subject = note_sweep_answer.subject
$$;
comment on function codered.note_sweep_answer(bigint, text, text, text) is 'Keeps GitHub''s word for its answer about a subject.';
revoke execute on function codered.note_sweep_answer from public;
grant execute on function codered.note_sweep_answer to service_role;

create function codered.take_sweep_request(installation_id bigint)
returns table (id uuid, repository_id bigint, kind text, since timestamptz, asked integer)
language sql
set search_path = ''
as $$
  with due as (
    select q.id
    from codered.sweep_requests q
    join codered.repositories r on r.id = q.repository_id and r.deleted_at is null
    where r.installation_id = take_sweep_request.installation_id and q.done_at is null and q.ask_at <= now()
    order by q.ask_at, q.id
    limit 1
    for update of q skip locked
  )
  update codered.sweep_requests q
  set
    asked = q.asked + 1,
    ask_at = now() + least(interval '10 minutes' * power(2, least(q.asked, 10)), interval '12 hours'),
    -- What was asked for so often in vain is at its end too.
    done_at = case when q.asked >= 11 then now() end
  from due
  where q.id = due.id
  returning q.id, q.repository_id, q.kind, q.since, q.asked
$$;
comment on function codered.take_sweep_request(bigint) is
  'Takes the next request of an installation for what a lost delivery told; due again as a subject of the sweep is, until it is done.';
revoke execute on function codered.take_sweep_request from public;
grant execute on function codered.take_sweep_request to service_role;

create function codered.finish_sweep_request(id uuid)
returns void
language sql
set search_path = ''
as $$
  update codered.sweep_requests q set done_at = coalesce(q.done_at, now()) where q.id = finish_sweep_request.id
$$;
comment on function codered.finish_sweep_request(uuid) is 'Notes that what a lost delivery told was asked for to the end.';
revoke execute on function codered.finish_sweep_request from public;
grant execute on function codered.finish_sweep_request to service_role;

create function codered.sweep_status()
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'waiting', count(*) filter (where w.given_up_at is null),
    'given_up', count(*) filter (where w.given_up_at is not null),
    'examples', coalesce(
      (
        select json_agg(json_build_object('repository', r.owner || '/' || r.name, 'kind', g.kind, 'subject', g.subject, 'reason', g.reason))
        from (select * from codered.sweep_subjects x where x.given_up_at is not null order by x.given_up_at desc limit 5) as g
        join codered.repositories r on r.id = g.repository_id
      ),
      '[]'))
  from codered.sweep_subjects w
$$;
comment on function codered.sweep_status() is
  'How many subjects GitHub is still asked for, how many were given up, and which of those last ({repository, kind, subject, reason}).';
revoke execute on function codered.sweep_status from public;
grant execute on function codered.sweep_status to service_role;

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
