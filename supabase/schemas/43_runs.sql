-- Runs of sprints and workflows: how each went, and what a sprint became by it.
--
-- A gate run evaluates a Definition of Done on a commit: it has a sprint or a repository, its gates wait for nobody, and
-- whoever evaluates says when it is finished (finish_run). Any other run is a workflow run: its gates come one after the other
-- and the last one that passes completes it (finish_gate). Locks are always taken in this order: sprint, run, gates.

create function codered.accept_summary(what text, summary jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
  suite text;
  counts jsonb;
begin
  if jsonb_typeof(summary) <> 'object' then
    raise exception '% is %; allowed: an object of status, tests, lighthouse, artifacts, duration_seconds.', what, left(summary::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(summary) loop
    allowed := case
      when key = 'status' then case when value in ('"PASSED"', '"FAILED"') then null else 'PASSED, FAILED' end
      when key not in ('tests', 'lighthouse', 'artifacts', 'duration_seconds')
        then 'the keys status, tests, lighthouse, artifacts, duration_seconds'
      -- Nothing was measured.
      when value = 'null' then null
      when key = 'tests' then
        case when jsonb_typeof(value) = 'object' then null else 'an object: suite to {passed, failed, skipped, coverage}, or null' end
      when key = 'lighthouse' then
        case
          when jsonb_typeof(value) = 'object' and (
            value -> 'score' = 'null' or jsonb_typeof(value -> 'score') = 'number' and (value ->> 'score')::numeric between 0 and 100)
          then null else '{"score": 0 to 100}, or null'
        end
      when key = 'artifacts' then
        case when jsonb_typeof(value) = 'array' and not value @? 'strict $[*] ? (@.type() != "string")' then null else 'a list of names, or null' end
      else case when jsonb_typeof(value) = 'number' and value::text::numeric >= 0 then null else '0 or more, or null' end
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed using errcode = 'CR002';
    end if;
  end loop;
  for suite, counts in select * from jsonb_each(coalesce(nullif(summary -> 'tests', 'null'), '{}')) loop
    if jsonb_typeof(counts) <> 'object' then
      raise exception '%.tests.% is %; allowed: an object of passed, failed, skipped, coverage.', what, left(suite, 80), left(counts::text, 80)
        using errcode = 'CR002';
    end if;
    for key, value in select * from jsonb_each(counts) loop
      allowed := case
        when key not in ('passed', 'failed', 'skipped', 'coverage') then 'the keys passed, failed, skipped, coverage'
        when value = 'null' then null
        when key = 'coverage' then
          case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null else 'a share from 0 to 1, or null' end
        else case when jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]+$' then null else 'a whole number, 0 or more, or null' end
      end;
      if allowed is not null then
        raise exception '%.tests.%.% is %; allowed: %.', what, left(suite, 80), left(key, 80), left(value::text, 80), allowed
          using errcode = 'CR002';
      end if;
    end loop;
  end loop;
  return true;
end
$$;
comment on function codered.accept_summary(text, jsonb) is
  'True for a run''s summary as document 001 has it, null being what is not known; raises CR002 with key, value and what is allowed otherwise.';
revoke execute on function codered.accept_summary from public;
grant execute on function codered.accept_summary to authenticated, service_role;

create table codered.runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  sprint_id uuid references codered.sprints (id) on delete cascade,
  spec_id uuid references codered.specs (id) on delete no action,
  user_id uuid references codered.profiles (id) on delete set null,
  ci_event_id uuid references codered.ci_events (id) on delete set null,
  ci_run_id text,
  repository_id bigint references codered.repositories (id) on delete cascade,
  pull_request_number integer,
  commit_sha text,
  intent jsonb,
  project_slug text,
  display_name text,
  status text not null default 'pending',
  current_gate text,
  pause_reason text,
  result text,
  summary_json jsonb,
  total_gates integer not null default 0,
  gates_passed integer not null default 0,
  gates_failed integer not null default 0,
  total_tokens_in bigint not null default 0,
  total_tokens_out bigint not null default 0,
  total_cost_usd numeric(14, 6) not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  is_apps boolean not null,
  dod_state text,
  deployed_to text[] not null default '{}',
  constraint runs_status_check check (
    status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')
    or codered.refuse_value('runs.status', status, 'pending, running, paused, completed, failed, cancelled')),
  constraint runs_result_check check (
    result is not distinct from (case status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end)
    or codered.refuse_value('runs.result', coalesce(result, 'null'), 'PASSED once status is completed, FAILED once it is failed, else null')),
  constraint runs_started_at_check check (case status when 'pending' then started_at is null when 'cancelled' then true else started_at is not null end),
  constraint runs_finished_at_check check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint runs_pause_reason_check check ((pause_reason is not null) = (status = 'paused')),
  constraint runs_summary_json_check check (codered.accept_summary('runs.summary_json', summary_json)),
  constraint runs_intent_bytes check (octet_length(intent::text) <= 262144 or codered.refuse_value('runs.intent', octet_length(intent::text), 'at most 262144 bytes')),
  constraint runs_display_name_length
    check (char_length(display_name) <= 500 or codered.refuse_value('runs.display_name', display_name, 'at most 500 characters')),
  constraint runs_pause_reason_length
    check (char_length(pause_reason) between 1 and 2000 or codered.refuse_value('runs.pause_reason', pause_reason, '1 to 2000 characters')),
  constraint runs_pull_request_number_check
    check (pull_request_number > 0 or codered.refuse_value('runs.pull_request_number', pull_request_number, '1 or more')),
  constraint runs_commit_sha_check check (
    commit_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$' or codered.refuse_value('runs.commit_sha', commit_sha, '40 or 64 hexadecimal digits')),
  constraint runs_dod_state_check check (
    dod_state in ('met', 'failed', 'unmeasured') or codered.refuse_value('runs.dod_state', dod_state, 'met, failed, unmeasured'))
);
comment on table codered.runs is
  'One execution of a spec or, for a pull request, one evaluation of its Definition of Done on one commit.';
comment on column codered.runs.user_id is 'Who started it; null for the app''s own runs (is_apps), and when that person is gone.';
comment on column codered.runs.ci_run_id is 'GitHub''s id of the run that moved it last; all that it rests on are in run_ci_events.';
comment on column codered.runs.summary_json is '{"status", "tests": {"<suite>": {"passed", "failed", "skipped", "coverage"}}, "lighthouse": {"score"}, "artifacts", "duration_seconds"}; null is what was not measured.';
comment on column codered.runs.total_gates is 'This and the totals beside it are kept by trigger from gate_executions: each gate counts with its newest attempt, tokens and cost with every attempt.';
comment on column codered.runs.total_cost_usd is 'US dollars.';
comment on column codered.runs.finished_at is 'When it was completed, failed or cancelled (completed_at of document 004).';
comment on column codered.runs.is_apps is
  'Whether it is the app''s own (the gate''s), which every member of the organisation may read. Said when it is made; a person who is deleted leaves false.';
comment on column codered.runs.dod_state is
  'What the gate measured of what its sprint asks for itself, whatever else a policy asks for: met, failed, unmeasured (also: waved through). Null: no sprint, or whoever ended the run says it.';
comment on column codered.runs.deployed_to is
  'Names of the production environments whose deployments hold its commit, each named once in a status event DEPLOYED.';
create unique index runs_gate_key on codered.runs (repository_id, commit_sha, sprint_id) nulls not distinct
  where repository_id is not null and commit_sha is not null;
create index runs_project_id_idx on codered.runs (project_id, created_at desc);
create index runs_sprint_id_idx on codered.runs (sprint_id);
create index runs_spec_id_idx on codered.runs (spec_id);
create index runs_user_id_idx on codered.runs (user_id);
create index runs_ci_event_id_idx on codered.runs (ci_event_id);
create index runs_pull_request_idx on codered.runs (repository_id, pull_request_number);
create index runs_status_idx on codered.runs (status);
create index runs_created_at_idx on codered.runs (created_at desc);
alter table codered.runs enable row level security;
create policy runs_insert on codered.runs for insert to authenticated with check (
  user_id = (select auth.uid())
  and repository_id is null and sprint_id is null
  and (project_id is null or project_id in (select codered.my_projects()))
  -- Only what they may read, by the policy of specs itself.
  and (spec_id is null or exists (select from codered.specs s where s.id = runs.spec_id))
);
create policy runs_read on codered.runs for select to authenticated using (
  (select codered.is_operator())
  -- Also of their own runs in a project that they may no longer see, nothing.
  or (
    case
      when repository_id is not null then repository_id in (select codered.my_repositories())
      else project_id in (select codered.my_projects()) or (project_id is null and user_id = (select auth.uid()))
    end
    and (is_apps or user_id = (select auth.uid()))
  )
);
grant select on codered.runs to authenticated;
grant insert (id, project_id, spec_id, user_id, intent, project_slug, display_name) on codered.runs to authenticated;
grant select, insert, update, delete on codered.runs to service_role;
create trigger runs_touch before update on codered.runs
  for each row execute function codered.touch_updated_at();
create trigger runs_same_project before insert or update of project_id, sprint_id, ci_event_id on codered.runs
  for each row execute function codered.refuse_foreign_project('sprint_id:sprints', 'ci_event_id:ci_events');
create trigger runs_events after insert or update or delete on codered.runs
  for each row execute function codered.append_event('run',
    'total_gates,gates_passed,gates_failed,total_tokens_in,total_tokens_out,total_cost_usd,ci_event_id,ci_run_id,dod_state,deployed_to');
create trigger runs_owner_kind before insert or update of is_apps on codered.runs
  for each row execute function codered.keep_owner_kind();

create policy events_insert on codered.events for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and (project_id is null or project_id in (select codered.my_projects()))
    -- What the triggers and the app tell is not for a member to claim.
    and event_type like 'note.%'
    -- A timeline is read by these ids: nobody writes into that of another project.
    and (task_id is null or exists (select from codered.tasks t where t.id = events.task_id and t.project_id = events.project_id))
    and (run_id is null or exists (select from codered.runs r where r.id = events.run_id and r.project_id is not distinct from events.project_id))
  );

create table codered.run_ci_events (
  run_id uuid not null references codered.runs (id) on delete cascade,
  ci_event_id uuid not null references codered.ci_events (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (run_id, ci_event_id)
);
comment on table codered.run_ci_events is 'The CI runs that an evaluation rests on.';
create index run_ci_events_ci_event_id_idx on codered.run_ci_events (ci_event_id);
alter table codered.run_ci_events enable row level security;
-- Not "exists": that may be answered by reading every run there is, this is one look at the key for each row.
create policy run_ci_events_read on codered.run_ci_events for select to authenticated
  using ((select true from codered.runs r where r.id = run_ci_events.run_id));
grant select on codered.run_ci_events to authenticated;
grant select, insert, update, delete on codered.run_ci_events to service_role;
create trigger run_ci_events_touch before update on codered.run_ci_events
  for each row execute function codered.touch_updated_at();

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

create trigger status_events_append_only instead of update or delete on codered.status_events
  for each row execute function codered.refuse_change();

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
revoke execute on function codered.append_status from public;
grant execute on function codered.append_status to service_role;

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
revoke execute on function codered.insert_status_event from public;

create trigger status_events_insert instead of insert on codered.status_events
  for each row execute function codered.insert_status_event();

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
revoke execute on function codered.write_status_event from public;
grant execute on function codered.write_status_event to service_role;

create function codered.keep_run_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  is_gate_run constant boolean := new.sprint_id is not null or new.repository_id is not null;
  is_over constant boolean := new.status in ('completed', 'failed', 'cancelled');
  allowed text[];
begin
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    allowed := case old.status
      when 'pending' then '{running,cancelled}'
      when 'running' then '{paused,completed,failed,cancelled}'
      when 'paused' then '{running,cancelled}'
      when 'cancelled' then '{}'
      else case when is_gate_run then '{running}' else '{}' end
    end;
    -- A word that is no status at all is the CHECK's to refuse.
    if new.status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled') and new.status <> all (allowed) then
      perform codered.refuse_state(
        'runs.status', new.status,
        format('%s after %s', coalesce(nullif(array_to_string(allowed, ' or '), ''), 'nothing'), old.status));
    end if;
  end if;
  -- What somebody says beside the status is left as it is, for the CHECKs to judge.
  if new.result is not distinct from old.result then
    new.result := case new.status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end;
  end if;
  if new.pause_reason is not distinct from old.pause_reason and new.status <> 'paused' then
    new.pause_reason := null;
  end if;
  if new.finished_at is not distinct from old.finished_at then
    new.finished_at := case when is_over then now() end;
  end if;
  if new.started_at is not distinct from old.started_at
    and (new.status = 'running' and old.finished_at is not null or new.started_at is null and new.status not in ('pending', 'cancelled'))
  then
    new.started_at := now();
  end if;
  return new;
end
$$;
comment on function codered.keep_run_state() is
  'Lets a run go pending, running, paused, running, completed or failed; cancelled from where it is not over; and back to running only a gate run that is evaluated again (CR003 otherwise). Keeps result, started_at, finished_at and pause_reason in step.';
revoke execute on function codered.keep_run_state from public;

create trigger runs_state before insert or update on codered.runs
  for each row execute function codered.keep_run_state();

create function codered.follow_runs()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  followed uuid[];
begin
  select array_agg(distinct c.sprint_id) into followed from changed c where c.sprint_id is not null;
  if tg_op = 'UPDATE' then
    select array_agg(distinct b.sprint_id) || followed into followed from before b where b.sprint_id is not null;
  end if;
  if followed is null then
    return null;
  end if;
  -- Two runs of one sprint may end at once: the second waits here, and then sees what the first has done.
  perform 1 from codered.sprints s where s.id = any (followed) order by s.id for no key update;
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = 'RUNNING'
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state and s.state <> 'RUNNING';
  with wanted as (
    select distinct on (r.sprint_id)
      r.sprint_id,
      case
        when r.status = 'completed' and coalesce(r.dod_state, 'met') = 'met' then 'DONE'
        when r.status in ('failed', 'cancelled') or r.status = 'completed' and r.dod_state = 'failed' then 'FAILED'
        else 'RUNNING'
      end as state
    from codered.runs r
    where r.sprint_id = any (followed)
    order by r.sprint_id, r.created_at desc, r.id desc
  )
  update codered.sprints s
  set state = w.state
  from wanted w
  where s.id = w.sprint_id and s.state <> w.state;
  return null;
end
$$;
comment on function codered.follow_runs() is
  'A sprint is RUNNING while its newest run (the one made last) is under way, then DONE, or FAILED, also when that run was cancelled. A run that was passed without what the sprint asks for leaves it RUNNING (dod_state).';
revoke execute on function codered.follow_runs from public;

create trigger runs_sprint_inserted after insert on codered.runs
  referencing new table as changed for each statement execute function codered.follow_runs();

create trigger runs_sprint_updated after update on codered.runs
  referencing old table as before new table as changed for each statement execute function codered.follow_runs();

create trigger runs_sprint_deleted after delete on codered.runs
  referencing old table as changed for each statement execute function codered.follow_runs();

create function codered.lock_run(run_id uuid)
returns codered.runs
language plpgsql
set search_path = ''
as $$
declare
  locked codered.runs;
begin
  perform 1
  from codered.sprints s
  where s.id = (select r.sprint_id from codered.runs r where r.id = lock_run.run_id)
  for no key update;
  select r.* into locked from codered.runs r where r.id = lock_run.run_id for no key update;
  if not found then
    perform codered.refuse_missing('run', lock_run.run_id::text);
  end if;
  return locked;
end
$$;
comment on function codered.lock_run(uuid) is
  'Locks a run, after its sprint, until the transaction ends, and returns it as it is then. CR004: there is none.';
revoke execute on function codered.lock_run from public;
grant execute on function codered.lock_run to service_role;

create function codered.start_run(run jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  told record;
  sprint codered.sprints;
  project uuid;
  started codered.runs;
  is_new boolean := false;
  is_again boolean := false;
begin
  perform codered.check_fields('runs', start_run.run, '{
    "sprint_id": "uuid", "ci_run_id": "text", "ci_event_id": "uuid", "repository_id": "bigint", "pull_request_number": "integer",
    "commit_sha": "text", "display_name": "text"}');
  select * into told
  from jsonb_to_record(start_run.run) as t(
    sprint_id uuid, ci_run_id text, ci_event_id uuid, repository_id bigint, pull_request_number integer, commit_sha text,
    display_name text);
  if told.sprint_id is not null then
    select s.* into sprint from codered.sprints s where s.id = told.sprint_id for no key update;
    if not found then
      perform codered.refuse_missing('sprint', told.sprint_id::text);
    end if;
  elsif told.repository_id is null or told.commit_sha is null then
    perform codered.refuse_value('runs.sprint_id', 'null'::text, 'a sprint, or a repository_id and a commit_sha');
  end if;
  if told.repository_id is not null then
    select r.project_id into project from codered.repositories r where r.id = told.repository_id;
    if not found then
      perform codered.refuse_missing('repository', told.repository_id::text);
    end if;
    if sprint.id is not null and project is distinct from sprint.project_id then
      raise exception 'runs.repository_id is "%": there is no such row of repositories in this project.', told.repository_id
        using errcode = 'CR007', table = 'runs', column = 'repository_id';
    end if;
  end if;
  select r.* into started
  from codered.runs r
  where r.sprint_id is not distinct from told.sprint_id
    and r.repository_id is not distinct from told.repository_id
    and r.commit_sha is not distinct from told.commit_sha
    -- Without a commit to know it by, a run is known by the CI run that it tells of.
    and (told.repository_id is not null and told.commit_sha is not null or r.ci_run_id = told.ci_run_id)
  order by r.created_at desc, r.id desc
  limit 1
  for no key update;
  if not found then
    insert into codered.runs
      (project_id, sprint_id, spec_id, repository_id, pull_request_number, commit_sha, ci_run_id, ci_event_id, display_name, status)
    values (
      coalesce(sprint.project_id, project), told.sprint_id, sprint.spec_id, told.repository_id, told.pull_request_number, told.commit_sha,
      told.ci_run_id, told.ci_event_id, coalesce(told.display_name, sprint.label), 'running'
    )
    on conflict (repository_id, commit_sha, sprint_id) where repository_id is not null and commit_sha is not null do nothing
    returning * into started;
    is_new := found;
    if not found then
      select r.* into started
      from codered.runs r
      where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id
      for no key update;
    end if;
  end if;
  if started.status in ('paused', 'cancelled') then
    perform codered.refuse_state(
      'runs.status', started.status, 'pending, running, completed or failed, to start it; a paused run is resumed with resume_run');
  end if;
  is_again := started.status in ('completed', 'failed');
  if not is_new then
    update codered.runs r
    set
      status = 'running',
      summary_json = case when is_again then null else r.summary_json end,
      dod_state = case when is_again then null else r.dod_state end,
      current_gate = case when is_again then null else r.current_gate end,
      ci_run_id = coalesce(told.ci_run_id, r.ci_run_id),
      ci_event_id = coalesce(told.ci_event_id, r.ci_event_id),
      pull_request_number = coalesce(told.pull_request_number, r.pull_request_number),
      display_name = coalesce(told.display_name, r.display_name)
    where r.id = started.id
    returning * into started;
  end if;
  if told.ci_event_id is not null then
    insert into codered.run_ci_events (run_id, ci_event_id) values (started.id, told.ci_event_id) on conflict do nothing;
  end if;
  if is_new or is_again then
    perform codered.make_gates(started.id, (
      select jsonb_agg(jsonb_build_object(
        'gate_id', d.key,
        'gate_name', case d.key
          when 'coverage_min' then 'Test coverage'
          when 'e2e_pass' then 'End-to-end tests'
          when 'lighthouse_min' then 'Lighthouse performance'
          when 'lint_pass' then 'Lint'
          else 'Type check'
        end,
        'phase', 'definition_of_done',
        'gate_order', 1,
        'max_attempts', 100))
      from jsonb_each(sprint.dod_json) d
    ));
    perform codered.append_status(
      started.project_id, started.id, 'BUILD', started.display_name,
      jsonb_strip_nulls(jsonb_build_object('sprint_id', started.sprint_id, 'ci_run_id', started.ci_run_id,
        'commit_sha', started.commit_sha, 'is_again', is_again)));
    -- Read again: its gates have been counted since.
    select r.* into started from codered.runs r where r.id = started.id;
  end if;
  return to_jsonb(started) || jsonb_build_object('is_new', is_new, 'is_again', is_again);
end
$$;
comment on function codered.start_run(jsonb) is
  'Starts the evaluation of a sprint on a commit, or starts it again when it is over, with one pending gate for each key of the Definition of Done and a status event BUILD; returns its row, is_new and is_again. Called again while it runs it changes only what is given. Keys: sprint_id, or repository_id and commit_sha (then without gates, see make_gates); ci_run_id, ci_event_id, pull_request_number, display_name. CR002, CR003, CR004, CR007.';
revoke execute on function codered.start_run from public;
grant execute on function codered.start_run to service_role;

create function codered.finish_run(run_id uuid, result text, summary_json jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  run codered.runs;
  is_passed constant boolean := finish_run.result = 'PASSED';
  wanted constant text := case when finish_run.result = 'PASSED' then 'completed' else 'failed' end;
begin
  if coalesce(finish_run.result, 'null') not in ('PASSED', 'FAILED') then
    perform codered.refuse_value('runs.result', coalesce(finish_run.result, 'null'), 'PASSED, FAILED');
  end if;
  if finish_run.summary_json ->> 'status' <> finish_run.result then
    perform codered.refuse_value(
      'runs.summary_json.status', finish_run.summary_json ->> 'status', finish_run.result || ', as the result says');
  end if;
  run := codered.lock_run(finish_run.run_id);
  if run.status = wanted and (finish_run.summary_json is null or finish_run.summary_json = run.summary_json) then
    return to_jsonb(run);
  end if;
  if run.status <> 'running' then
    perform codered.refuse_state('runs.status', run.status, 'running, or finished with the same result and summary');
  end if;
  if is_passed and run.sprint_id is null and run.repository_id is null then
    perform codered.refuse_state('runs.status', run.status, 'FAILED only: what completes a workflow run is its last gate');
  end if;
  if is_passed and exists (select from codered.gate_executions g where g.run_id = run.id and g.status = 'running') then
    perform codered.refuse_state('gate_executions.status', 'running', 'no running gate when the run passes');
  end if;
  perform codered.close_gates(run.id, 'RUN_FAILED');
  update codered.runs r
  set status = wanted, summary_json = coalesce(finish_run.summary_json, r.summary_json)
  where r.id = run.id
  returning * into run;
  perform codered.append_status(
    run.project_id, run.id, case when is_passed then 'TESTS_PASSED' else 'FAILED' end, run.display_name,
    jsonb_strip_nulls(jsonb_build_object('sprint_id', run.sprint_id, 'commit_sha', run.commit_sha, 'result', run.result)));
  return to_jsonb(run);
end
$$;
comment on function codered.finish_run(uuid, text, jsonb) is
  'Ends a run as PASSED or FAILED, with a status event TESTS_PASSED or FAILED, and returns its row. Called again with the same it changes nothing; with another result CR003. CR002: result, or a summary that is not in the shape of runs.summary_json or says another status; CR004.';
revoke execute on function codered.finish_run from public;
grant execute on function codered.finish_run to service_role;

create function codered.evaluate_sprint(run_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  with asked as (
    select d.key, d.value
    from codered.runs r
    join codered.sprints s on s.id = r.sprint_id
    cross join lateral jsonb_each(s.dod_json) as d
    -- A key that is false asks for nothing.
    where r.id = evaluate_sprint.run_id and d.value <> 'false'
  ), newest as (
    select distinct on (g.gate_id)
      g.gate_id, g.status,
      case when jsonb_typeof(g.validation_results -> 0 -> 'threshold') = 'number'
        then (g.validation_results -> 0 ->> 'threshold')::numeric end as threshold,
      case when jsonb_typeof(g.validation_results -> 0 -> 'measured') = 'number'
        then (g.validation_results -> 0 ->> 'measured')::numeric end as measured
    from codered.gate_executions g
    where g.run_id = evaluate_sprint.run_id
    order by g.gate_id, g.attempt_number desc
  ), judged as (
    select
      case
        when n.status = 'failed' then 'failed'
        when n.status is distinct from 'passed' then 'unmeasured'
        when jsonb_typeof(a.value) <> 'number' or num_nonnulls(n.threshold, n.measured) = 0 then 'met'
        -- The policy may have been content with less.
        when greatest(n.threshold, n.measured) >= (a.value #>> '{}')::numeric then 'met'
        when n.measured is not null then 'failed'
        else 'unmeasured'
      end as state
    from asked a
    left join newest n on n.gate_id = a.key
  )
  select case
    when r.sprint_id is null then null
    when 'failed' in (select j.state from judged j) then 'failed'
    when 'unmeasured' in (select j.state from judged j) then 'unmeasured'
    else 'met'
  end
  from codered.runs r
  where r.id = evaluate_sprint.run_id
$$;
comment on function codered.evaluate_sprint(uuid) is
  'What the gates of a run come to for its sprint''s own Definition of Done: met when every key was measured and passed at the sprint''s own threshold, failed when one was measured and did not, else unmeasured; null without a sprint.';
revoke execute on function codered.evaluate_sprint from public;
grant execute on function codered.evaluate_sprint to service_role;

create function codered.end_other_runs(run_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  other record;
begin
  for other in
    select o.id, o.project_id, o.sprint_id, o.commit_sha, o.display_name
    from codered.runs r
    join codered.runs o on o.repository_id = r.repository_id and o.commit_sha = r.commit_sha and o.id <> r.id and o.status = 'running'
    where r.id = end_other_runs.run_id
    order by o.id
  loop
    update codered.gate_executions g
    set status = 'skipped', completed_at = now()
    where g.run_id = other.id and g.status in ('pending', 'running');
    -- Failed, and not cancelled: should its sprint be asked for again, it goes on.
    update codered.runs r set status = 'failed' where r.id = other.id;
    perform codered.append_status(
      other.project_id, other.id, 'FAILED', 'The commit is judged by another Definition of Done',
      jsonb_strip_nulls(jsonb_build_object(
        'sprint_id', other.sprint_id, 'commit_sha', other.commit_sha, 'reason', 'superseded', 'run_id', end_other_runs.run_id)));
  end loop;
end
$$;
comment on function codered.end_other_runs(uuid) is
  'Ends what runs on the same commit by another Definition of Done, with a status event FAILED: nobody would end it any more.';
revoke execute on function codered.end_other_runs from public;
grant execute on function codered.end_other_runs to service_role;
