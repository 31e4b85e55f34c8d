-- For overriding a criterion over REST and MCP, where GitHub is asked at that moment (asked_rights), logs by line, runs of agents that only told of them, suggested patterns; override_task goes, create_override does the same. Workers of the version before survive it; a server of that version answers override_task with 404.

create table codered.asked_rights (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references codered.profiles (id) on delete cascade,
  action text not null,
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  pull_request_number integer not null,
  commit_sha text not null,
  login text not null,
  made_by text not null,
  made_through text not null,
  client_id text,
  asked_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint asked_rights_action_check check (action in ('override') or codered.refuse_value('asked_rights.action', action, 'override')),
  constraint asked_rights_made_by_check check (
    made_by in ('person', 'agent') or codered.refuse_value('asked_rights.made_by', made_by, 'person, agent')),
  constraint asked_rights_made_through_check check (
    made_through in ('rest', 'mcp') or codered.refuse_value('asked_rights.made_through', made_through, 'rest, mcp')),
  constraint asked_rights_client_id_length check (
    char_length(client_id) between 1 and 2000 or codered.refuse_value('asked_rights.client_id', client_id, '1 to 2000 characters')),
  constraint asked_rights_login_length check (char_length(login) between 1 and 200 or codered.refuse_value('asked_rights.login', login, '1 to 200 characters'))
);
alter table codered.asked_rights enable row level security;
alter table codered.user_overrides
  add column made_by text,
  add column made_through text,
  add column client_id text,
  add constraint user_overrides_made_by_check check (
    made_by in ('person', 'agent') or codered.refuse_value('user_overrides.made_by', made_by, 'person, agent')),
  add constraint user_overrides_made_through_check check (
    made_through in ('comment', 'rest', 'mcp') or codered.refuse_value('user_overrides.made_through', made_through, 'comment, rest, mcp'));
revoke insert (criterion) on codered.user_overrides from authenticated;
alter table codered.agent_runs
  add column reported_by uuid references codered.profiles (id) on delete set null,
  add column is_self_reported boolean not null default false;

drop function codered.override_task(uuid,text,text);

drop policy user_overrides_insert on codered.user_overrides;

comment on table codered.agent_runs is 'One call of an agent: what went in, what came out, what it cost.';

comment on column codered.agent_runs.mode is 'Open: architect, code, …';

comment on column codered.agent_runs.model is 'The provider''s own word; model_id where we know that model.';

comment on column codered.agent_runs.approx_cost_usd is 'US dollars; worked out from models when left out.';

comment on column codered.agent_runs.job_id is 'The job that it was done for; null for a call of its own.';

comment on column codered.agent_runs.rag_documents is 'Documents that were consulted; plain ids, a document may be gone.';

comment on column codered.agent_runs.is_self_reported is
  'Whoever ran the agent told of it, and nobody here counted: no job was handed out for it, and its tokens and cost are their word.';

comment on column codered.agent_runs.reported_by is 'Who told of it, where it is self-reported; null where they are gone.';

grant select on codered.agent_runs to authenticated;

grant select, insert, update, delete on codered.agent_runs to service_role;

create index agent_runs_reported_by_idx on codered.agent_runs (reported_by);

create or replace function codered.list_agent_runs(
  project_id uuid, task_id uuid default null, job_id uuid default null, agent text default null,
  batch integer default 50, before_created_at timestamptz default null, before_run uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_agent_runs.project_id);
  perform codered.check_batch('batch', list_agent_runs.batch);
  perform codered.check_place('before_run', num_nulls(list_agent_runs.before_created_at, list_agent_runs.before_run), 2);
  return (
    select coalesce(jsonb_agg(page.item order by page.created_at desc, page.id desc), '[]')
    from (
      select r.created_at, r.id, jsonb_build_object(
        'id', r.id, 'project_id', r.project_id, 'agent', g.slug, 'task_id', r.task_id, 'job_id', r.job_id, 'mode', r.mode,
        'model', coalesce(r.model_id, r.model), 'status', r.status, 'error_message', left(r.error_message, 2000),
        'input_summary', left(r.input_summary, 2000), 'output_summary', left(r.output_summary, 2000),
        'tokens_prompt', r.tokens_prompt, 'tokens_completion', r.tokens_completion, 'approx_cost_usd', r.approx_cost_usd,
        'is_self_reported', r.is_self_reported, 'created_at', r.created_at) as item
      from codered.agent_runs r
      join codered.agents g on g.id = r.agent_id
      where r.project_id = list_agent_runs.project_id
        and (list_agent_runs.task_id is null or r.task_id = list_agent_runs.task_id)
        and (list_agent_runs.job_id is null or r.job_id = list_agent_runs.job_id)
        and (list_agent_runs.agent is null or g.slug = list_agent_runs.agent)
        and (
          list_agent_runs.before_run is null
          or (r.created_at, r.id) < (list_agent_runs.before_created_at, list_agent_runs.before_run)
        )
      order by r.created_at desc, r.id desc
      -- One more than asked for tells whether there are more.
      limit list_agent_runs.batch + 1
    ) as page
  );
end
$$;

comment on function codered.list_agent_runs(uuid, uuid, uuid, text, integer, timestamptz, uuid) is
  'The calls of agents in a project, of a task, a job or an agent (slug), newest first, before a place in that order: one more than batch when there are more; texts of 2,000 characters at the most. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.list_agent_runs from public;

grant execute on function codered.list_agent_runs to authenticated, service_role;

create or replace function codered.read_agent_run(project_id uuid, agent_run_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
  most constant integer := 100000;
begin
  perform codered.require_project(read_agent_run.project_id);
  select jsonb_build_object(
    'id', r.id, 'project_id', r.project_id, 'agent', g.slug, 'task_id', r.task_id, 'job_id', r.job_id, 'mode', r.mode,
    'model', coalesce(r.model_id, r.model), 'status', r.status, 'error_message', left(r.error_message, most),
    'input_summary', left(r.input_summary, most), 'output_summary', left(r.output_summary, most),
    'full_input', left(r.full_input, most), 'full_output', left(r.full_output, most),
    'is_cut', greatest(
      char_length(r.full_input), char_length(r.full_output), char_length(r.input_summary), char_length(r.output_summary),
      char_length(r.error_message), 0) > most,
    'zones_touched', coalesce(r.zones_touched, '{}'), 'tools_used', coalesce(r.tools_used, '{}'),
    'rag_documents', coalesce(r.rag_documents, '{}'), 'tokens_prompt', r.tokens_prompt,
    'tokens_completion', r.tokens_completion, 'approx_cost_usd', r.approx_cost_usd,
    'is_self_reported', r.is_self_reported, 'created_at', r.created_at)
  into told
  from codered.agent_runs r
  join codered.agents g on g.id = r.agent_id
  where r.id = read_agent_run.agent_run_id and r.project_id = read_agent_run.project_id;
  if not found then
    perform codered.refuse_missing('agent run', read_agent_run.agent_run_id::text);
  end if;
  return told;
end
$$;

comment on function codered.read_agent_run(uuid, uuid) is
  'One call of an agent: what list_agent_runs tells, and full_input, full_output, zones_touched, tools_used and rag_documents; of each text 100,000 characters at the most, is_cut when one was longer. Refuses CR003 (project retired), CR004.';

revoke execute on function codered.read_agent_run from public;

grant execute on function codered.read_agent_run to authenticated, service_role;

create or replace function codered.log_agent_run(
  project_id uuid, agent text, status text, task_id uuid default null, mode text default null, model text default null,
  tokens_prompt integer default null, tokens_completion integer default null, approx_cost_usd numeric default null,
  input_summary text default null, output_summary text default null, full_input text default null, full_output text default null,
  error_message text default null, zones_touched jsonb default null, tools_used jsonb default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  worker uuid;
  made uuid;
begin
  perform codered.require_project(log_agent_run.project_id);
  select a.id into worker from codered.agents a where a.slug = log_agent_run.agent;
  if not found then
    perform codered.refuse_missing('agent', log_agent_run.agent);
  end if;
  insert into codered.agent_runs (
    project_id, agent_id, task_id, mode, input_summary, output_summary, full_input, full_output, model, tokens_prompt, tokens_completion,
    approx_cost_usd, zones_touched, tools_used, status, error_message, reported_by, is_self_reported)
  values (
    log_agent_run.project_id, worker, log_agent_run.task_id, log_agent_run.mode, log_agent_run.input_summary, log_agent_run.output_summary,
    log_agent_run.full_input, log_agent_run.full_output, log_agent_run.model, log_agent_run.tokens_prompt, log_agent_run.tokens_completion,
    log_agent_run.approx_cost_usd,
    case when log_agent_run.zones_touched is not null then array(select jsonb_array_elements_text(log_agent_run.zones_touched)) end,
    case when log_agent_run.tools_used is not null then array(select jsonb_array_elements_text(log_agent_run.tools_used)) end,
    log_agent_run.status, log_agent_run.error_message, auth.uid(), true)
  returning agent_runs.id into made;
  return codered.read_agent_run(log_agent_run.project_id, made);
end
$$;

comment on function codered.log_agent_run(uuid, text, text, uuid, text, text, integer, integer, numeric, text, text, text, text, text, jsonb, jsonb) is
  'Keeps what an agent says of a run of its own, for which nothing was handed out here: self-reported, under the caller''s name. Returns what read_agent_run tells. Refuses CR002, CR003 (project retired), CR004 (no such project or agent), CR007 (a task of another project). Security definer, because runs of agents are nobody''s to write freely.';

revoke execute on function codered.log_agent_run from public;

grant execute on function codered.log_agent_run to authenticated;

create or replace function codered.read_log_source(project_id uuid, error_id uuid default null, github_job_id bigint default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  failed codered.errors;
  job codered.ci_jobs;
  run codered.ci_events;
  place codered.repositories;
begin
  perform codered.require_project(read_log_source.project_id);
  if num_nonnulls(read_log_source.error_id, read_log_source.github_job_id) <> 1 then
    perform codered.refuse_value('error_id', coalesce(read_log_source.error_id::text, 'null'), 'one of error_id and github_job_id');
  end if;
  if read_log_source.error_id is not null then
    select e.* into failed
    from codered.errors e
    where e.id = read_log_source.error_id and e.project_id = read_log_source.project_id;
    if not found then
      perform codered.refuse_missing('failure', read_log_source.error_id::text);
    end if;
    select j.* into job from codered.ci_jobs j where j.id = failed.ci_job_id;
  else
    select j.* into job
    from codered.ci_jobs j
    join codered.ci_events c on c.id = j.ci_event_id
    where j.job_id = read_log_source.github_job_id and c.project_id = read_log_source.project_id;
    if not found then
      perform codered.refuse_missing('job', read_log_source.github_job_id::text);
    end if;
    select e.* into failed
    from codered.errors e
    where e.ci_job_id = job.id and e.project_id = read_log_source.project_id and e.excerpt is not null
    order by e.last_seen_at desc nulls last, e.id
    limit 1;
  end if;
  select c.* into run from codered.ci_events c where c.id = coalesce(job.ci_event_id, failed.ci_event_id);
  select r.* into place from codered.repositories r where r.id = run.repository_id and r.deleted_at is null;
  return jsonb_build_object(
    'repository_id', place.id, 'repository', place.owner || '/' || place.name, 'installation_id', place.installation_id,
    'job_id', job.job_id, 'job_name', job.name, 'job_status', job.status, 'commit_sha', run.commit_sha, 'branch', run.branch,
    'from_fork', run.head_repository_id <> run.repository_id,
    'excerpt', failed.excerpt, 'excerpt_first_line', failed.excerpt_first_line, 'excerpt_last_line', failed.excerpt_last_line);
end
$$;

comment on function codered.read_log_source(uuid, uuid, bigint) is
  'Where the log of a failure, or of a job by GitHub''s id, lies, and the lines of it that are kept: repository, job, commit, whether a fork''s code ran (null: nobody knows), the excerpt with its place. Refuses CR002 (neither or both), CR003 (project retired), CR004.';

revoke execute on function codered.read_log_source from public;

grant execute on function codered.read_log_source to authenticated;

create or replace function codered.suggest_pattern(
  project_id uuid, name text, kind text, pattern_signature text, root_cause text, recommended_fix text, category text default 'other',
  description text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  made codered.bug_patterns;
begin
  perform codered.require_project(suggest_pattern.project_id);
  perform from codered.projects p where p.id = suggest_pattern.project_id for no key update;
  if (
    select count(*)
    from codered.bug_patterns b
    where b.project_id = suggest_pattern.project_id and b.source = 'suggested' and not b.enabled and b.deleted_at is null) >= 100
  then
    raise exception 'There are 100 suggested patterns of this project that nobody has looked at: that comes first.' using errcode = 'CR003';
  end if;
  insert into codered.bug_patterns (
    project_id, name, kind, pattern_signature, root_cause, recommended_fix, category, description, source, enabled)
  values (
    suggest_pattern.project_id, suggest_pattern.name, suggest_pattern.kind, suggest_pattern.pattern_signature, suggest_pattern.root_cause,
    suggest_pattern.recommended_fix, suggest_pattern.category, suggest_pattern.description, 'suggested', false)
  returning * into made;
  return jsonb_build_object('id', made.id, 'project_id', made.project_id, 'name', made.name, 'source', made.source, 'enabled', made.enabled);
end
$$;

comment on function codered.suggest_pattern(uuid, text, text, text, text, text, text, text) is
  'Keeps a pattern that somebody suggests for a project, of source suggested and not enabled: it matches nothing until a person looks at it and enables it. Refuses CR002, CR003 (project retired, 100 that nobody has looked at), CR004. Security definer, because a pattern''s source is nobody''s to write.';

revoke execute on function codered.suggest_pattern from public;

grant execute on function codered.suggest_pattern to authenticated;

comment on table codered.user_overrides is 'Where a person overruled the gate or an agent: who, what, why, until when. Revoked, never deleted.';

comment on column codered.user_overrides."user" is
  'Who overrode: a GitHub login, or "account" and the id of whoever wrote the row without having one here. Never what a member writes.';

comment on column codered.user_overrides.target_id is 'A plain id: the override outlives what it was about.';

comment on column codered.user_overrides.commit_sha is 'The one commit it covers; null with expires_at: every commit of the pull request until then.';

comment on column codered.user_overrides.criterion is
  'The one criterion of the Definition of Done that it covers, or "all"; of a run of a workflow (target_type run) the stage.';

comment on column codered.user_overrides.github_comment_id is
  'The comment that commanded it, by which it is known when the command is followed again; null: it came another way.';

comment on column codered.user_overrides.revoked_comment_id is 'The comment that took it back; null: nobody has, or it was done another way.';

comment on column codered.user_overrides.github_rule_suite_id is
  'GitHub''s record of the push that bypassed a rule, by which it is known when it is read again; null: none was read.';

comment on column codered.user_overrides.github_comment_place is 'Which of the comment''s commands it was, from 1.';

comment on column codered.user_overrides.revoked_comment_place is 'Which of that comment''s commands took it back, from 1.';

comment on column codered.user_overrides.made_by is
  'person, or agent: it came from an agent for whom the policy lets this person answer; null where nobody was asked.';

comment on column codered.user_overrides.made_through is 'The way on which GitHub was asked whether they may: a comment, REST or MCP; null: none of these.';

comment on column codered.user_overrides.client_id is 'The client whose token did it; null: a person''s own, or none.';

grant select on codered.user_overrides to authenticated;

grant insert (id, project_id, user_id, "user", override_type, target_type, target_id, repository_id, pull_request_number, commit_sha,
  reason, expires_at) on codered.user_overrides to authenticated;

-- A reason once given stays: an override is revoked, once, never rewritten, taken up again or deleted.
grant update (revoked_at, revoked_by) on codered.user_overrides to authenticated;

grant select, insert, update, delete on codered.user_overrides to service_role;

create policy user_overrides_insert on codered.user_overrides for insert to authenticated
  with check (
    project_id in (select codered.my_projects())
    and user_id = (select auth.uid())
    -- The project's own, or a maintainer of one project could open the gate of another in which they are less.
    and (
      repository_id is null
      or exists (select from codered.repositories r where r.id = user_overrides.repository_id and r.project_id = user_overrides.project_id)
    )
    -- What opens a gate takes the App's own right: GitHub is asked first (override_criterion, a comment), which nobody can do by hand.
    and criterion is null
  );

create or replace function codered.announce_override(made codered.user_overrides, run_id uuid, head_sha text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform codered.append_status(
    made.project_id, announce_override.run_id, 'OVERRIDDEN', format('%s: %s', made.criterion, made.reason),
    jsonb_build_object(
      'override_id', made.id, 'criterion', made.criterion, 'user', made."user", 'reason', made.reason,
      'expires_at', made.expires_at, 'commit_sha', announce_override.head_sha, 'pull_request_number', made.pull_request_number,
      'made_by', made.made_by, 'made_through', made.made_through, 'client_id', made.client_id));
  perform codered.queue_follow_up(
    made.project_id, 'report', jsonb_build_object('repository_id', made.repository_id, 'head_sha', announce_override.head_sha),
    'report:' || made.repository_id || ':' || announce_override.head_sha);
end
$$;

comment on function codered.announce_override(codered.user_overrides, uuid, text) is
  'Leaves the status event of an override, with who made it and how, and queues the report of the commit. Called by record_override and override_criterion.';

revoke execute on function codered.announce_override from public;

grant execute on function codered.announce_override to service_role;

create or replace function codered.record_override(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, reason text,
  head_sha text, expires_at timestamptz default null, place integer default 1
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  home codered.repositories;
  run uuid;
  made codered.user_overrides;
begin
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into home
  from codered.repositories r
  where r.id = record_override.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', record_override.repository_id::text);
  end if;
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at,
    github_comment_id, github_comment_place, made_by, made_through
  )
  values (
    home.project_id, codered.find_profile(record_override.login), record_override.login, 'deploy_anyway', home.id,
    record_override.pull_request_number, case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id, record_override.place,
    'person', 'comment'
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning * into made;
  if made.id is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = home.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.announce_override(made, run, record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;

comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz, integer) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; the same command''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';

revoke execute on function codered.record_override from public;

grant execute on function codered.record_override to service_role;

create or replace function codered.name_overrider()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  known constant text := coalesce(
    (select p.github_login from codered.profiles p where p.id = (select auth.uid())), 'account ' || auth.uid()::text);
begin
  -- What the app wrote down for a person has the name that GitHub said a moment ago; no member may write that column.
  if not codered.is_member_call() or (tg_op = 'INSERT' and new.made_through is not null) then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new."user" := known;
  elsif new.revoked_at is not null then
    new.revoked_at := now();
    new.revoked_by := known;
  end if;
  return new;
end
$$;

comment on function codered.name_overrider() is
  'Puts into an override that a member writes, or revokes, who they are: the login that GitHub gave when they signed up, else the id of their account; what they write themselves is ignored. Security definer, because nobody may read that column of profiles; nobody can call it, it is a trigger''s.';

revoke execute on function codered.name_overrider from public;

comment on table codered.asked_rights is
  'What GitHub said a moment ago that a person may do with the rights of the App: good once, for what the row names, and for half a minute. Written by the app alone, so that nobody can say it of themselves.';

comment on column codered.asked_rights.login is 'Their login at GitHub at that moment.';

comment on column codered.asked_rights.client_id is 'The client that an agent''s token was given to; null: none was.';

comment on column codered.asked_rights.asked_at is 'When the asking began.';

grant select, insert, update, delete on codered.asked_rights to service_role;

create index asked_rights_user_id_idx on codered.asked_rights (user_id);

create index asked_rights_repository_id_idx on codered.asked_rights (repository_id);

create index asked_rights_asked_at_idx on codered.asked_rights (asked_at);

create policy asked_rights_nobody on codered.asked_rights for select to authenticated using (false);

create or replace trigger asked_rights_touch before update on codered.asked_rights
  for each row execute function codered.touch_updated_at();

create or replace function codered.read_github_person(user_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object('github_id', p.github_id, 'github_login', p.github_login)
  from codered.profiles p
  where p.id = read_github_person.user_id
$$;

comment on function codered.read_github_person(uuid) is 'Who a person is at GitHub: {github_id: null for who never signed in there, github_login: the last known}; null when there is no such person.';

revoke execute on function codered.read_github_person from public;

grant execute on function codered.read_github_person to service_role;

create or replace function codered.keep_asked_right(
  user_id uuid, action text, repository_id bigint, pull_request_number integer, commit_sha text, login text, made_by text,
  made_through text, client_id text, asked_ms_ago integer)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  made uuid;
begin
  delete from codered.asked_rights a
  where a.id in (
    select old.id from codered.asked_rights old
    where old.asked_at < now() - interval '1 minute'
    order by old.asked_at
    limit 100
    for update skip locked);
  if (keep_asked_right.asked_ms_ago >= 0) is not true then
    perform codered.refuse_value('asked_ms_ago', coalesce(keep_asked_right.asked_ms_ago::text, 'null'), '0 or more');
  end if;
  insert into codered.asked_rights (
    user_id, action, repository_id, pull_request_number, commit_sha, login, made_by, made_through, client_id, asked_at)
  values (
    keep_asked_right.user_id, keep_asked_right.action, keep_asked_right.repository_id, keep_asked_right.pull_request_number,
    keep_asked_right.commit_sha, keep_asked_right.login, keep_asked_right.made_by, keep_asked_right.made_through,
    keep_asked_right.client_id, clock_timestamp() - make_interval(secs => keep_asked_right.asked_ms_ago / 1000.0))
  returning asked_rights.id into made;
  return made;
end
$$;

comment on function codered.keep_asked_right(uuid, text, bigint, integer, text, text, text, text, text, integer) is
  'Keeps that GitHub, asked so many milliseconds ago, said that a person may do this, and returns the id by which it can be used once. Refuses CR002.';

revoke execute on function codered.keep_asked_right from public;

grant execute on function codered.keep_asked_right to service_role;

create or replace function codered.take_asked_right(right_id uuid, action text, repository_id bigint, pull_request_number integer, commit_sha text)
returns codered.asked_rights
language plpgsql
set search_path = ''
as $$
declare
  taken codered.asked_rights;
begin
  delete from codered.asked_rights a
  where a.id = take_asked_right.right_id
    and a.user_id = auth.uid()
    and a.action = take_asked_right.action
    and a.repository_id = take_asked_right.repository_id
    and a.pull_request_number = take_asked_right.pull_request_number
    and a.commit_sha = take_asked_right.commit_sha
  returning a.* into taken;
  if not found then
    raise exception 'This takes the right of the App, and GitHub was not asked whether you may: do it over REST or MCP.' using errcode = 'CR008';
  end if;
  if taken.asked_at < clock_timestamp() - interval '30 seconds' then
    raise exception 'What GitHub said that you may do is older than 30 seconds, since %.',
      to_char(taken.asked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') using errcode = 'CR010';
  end if;
  -- What GitHub told of them since then is newer than its answer.
  if exists (select from codered.access_checks c where c.user_id = auth.uid() and c.doubted_at >= taken.asked_at) then
    raise exception 'GitHub told of a change of your rights since it was asked, at %.',
      to_char(taken.asked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') using errcode = 'CR010';
  end if;
  return taken;
end
$$;

comment on function codered.take_asked_right(uuid, text, bigint, integer, text) is
  'Uses up what GitHub said that the caller may do there. Refuses CR008 (GitHub was not asked, or of something else), CR010 (older than 30 seconds, or GitHub told of a change since). Called by what is done with the App''s right.';

revoke execute on function codered.take_asked_right from public;

create or replace function codered.refuse_no_criterion(run_id uuid, criterion text)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  names text[];
begin
  select array_agg(distinct g.gate_id order by g.gate_id) into names
  from codered.gate_executions g
  where g.run_id = refuse_no_criterion.run_id and g.phase = 'definition_of_done' and g.status <> 'skipped';
  if names is null then
    raise exception 'Nothing is asked of this commit, or it was not evaluated yet: there is nothing to override.' using errcode = 'CR003';
  end if;
  if exists (
    select from codered.gate_executions g
    where g.run_id = refuse_no_criterion.run_id and g.phase = 'definition_of_done' and g.gate_id = 'policy' and g.status = 'error') then
    raise exception 'The policy is broken: it has to be mended first.' using errcode = 'CR003';
  end if;
  if refuse_no_criterion.criterion <> all (array_prepend('all', names)) then
    perform codered.refuse_value('criterion', refuse_no_criterion.criterion, left(array_to_string(array_prepend('all', names), ', '), 1000));
  end if;
end
$$;

comment on function codered.refuse_no_criterion(uuid, text) is
  'Refuses a criterion that the newest evaluation of a commit does not have (CR002), and anything where nothing was evaluated or the policy is broken (CR003). Called by override_criterion.';

revoke execute on function codered.refuse_no_criterion from public;

create or replace function codered.override_criterion(
  right_id uuid, project_id uuid, repository text, pull_request integer, commit_sha text, criterion text, reason text, until date default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  place codered.repositories;
  pull codered.pull_requests;
  asked codered.asked_rights;
  run uuid;
  made codered.user_overrides;
begin
  perform codered.require_project(override_criterion.project_id);
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into place
  from codered.repositories r
  where r.project_id = override_criterion.project_id and lower(r.owner || '/' || r.name) = lower(override_criterion.repository)
    and r.deleted_at is null
    and (not codered.is_member_call() or r.id in (select codered.my_repositories()))
  for no key update;
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  select p.* into pull from codered.pull_requests p where p.repository_id = place.id and p.number = override_criterion.pull_request;
  if not found then
    perform codered.refuse_missing('pull request', override_criterion.pull_request::text);
  end if;
  asked := codered.take_asked_right(
    override_criterion.right_id, 'override', place.id, pull.number, override_criterion.commit_sha);
  if pull.head_sha <> override_criterion.commit_sha then
    raise exception 'The newest commit of pull request % is another one by now, %: look at that one.', pull.number, pull.head_sha using errcode = 'CR014';
  end if;
  if override_criterion.until < (now() at time zone 'utc')::date then
    perform codered.refuse_value('until', override_criterion.until, 'today or later');
  end if;
  if override_criterion.until is not null and pull.head_repository_id is distinct from place.id then
    raise exception 'This pull request comes from a fork, whose author could push anything until then: leave out until.' using errcode = 'CR003';
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = override_criterion.commit_sha and r.is_apps
  order by r.sprint_id is null, r.updated_at desc, r.created_at desc, r.id
  limit 1;
  perform codered.refuse_no_criterion(run, override_criterion.criterion);
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at, made_by,
    made_through, client_id)
  values (
    place.project_id, asked.user_id, asked.login, 'deploy_anyway', place.id, pull.number,
    case when override_criterion.until is null then override_criterion.commit_sha end,
    override_criterion.criterion, override_criterion.reason,
    (override_criterion.until + time '23:59:59.999') at time zone 'utc', asked.made_by, asked.made_through, asked.client_id)
  returning * into made;
  perform codered.announce_override(made, run, override_criterion.commit_sha);
  return to_jsonb(made);
end
$$;

comment on function codered.override_criterion(uuid, uuid, text, integer, text, text, text, date) is
  'Lets a criterion of a pull request pass on its newest commit, or with until on every commit to the end of that day (UTC), as GitHub said a moment ago (right_id) that the caller may. Leaves the override with the way it came, and a status event, and queues the report. Refuses CR002 (no such criterion, a day that is over), CR003 (nothing evaluated, a fork with until), CR004, CR008 (GitHub was not asked), CR010 (not just now), CR014 (another commit is the newest). Security definer, because statuses and the app''s queue are nobody''s to write.';

revoke execute on function codered.override_criterion from public;

grant execute on function codered.override_criterion to authenticated;

create or replace function codered.read_gate(project_id uuid, repository text, pull_request integer default null, commit_sha text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  place codered.repositories;
  pull codered.pull_requests;
  sha text;
  run codered.runs;
  criteria jsonb;
begin
  perform codered.require_project(read_gate.project_id);
  select r.* into place
  from codered.repositories r
  where r.project_id = read_gate.project_id and lower(r.owner || '/' || r.name) = lower(read_gate.repository) and r.deleted_at is null;
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  if read_gate.pull_request is not null then
    select p.* into pull from codered.pull_requests p where p.repository_id = place.id and p.number = read_gate.pull_request;
    if not found then
      perform codered.refuse_missing('pull request', read_gate.pull_request::text);
    end if;
  elsif read_gate.commit_sha is null then
    perform codered.refuse_value('commit_sha', 'null'::text, 'a commit_sha or a pull_request');
  end if;
  sha := coalesce(read_gate.commit_sha, pull.head_sha);
  select r.* into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = sha and r.is_apps
  order by r.sprint_id is null, r.updated_at desc, r.created_at desc, r.id
  limit 1;
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', g.gate_id, 'name', g.gate_name, 'status', g.status, 'attempt_number', g.attempt_number, 'fail_codes', g.fail_codes,
      'found', g.validation_results -> 0, 'evaluated_at', g.updated_at)
    order by g.gate_order, g.gate_id), '[]')
  into criteria
  from (
    select distinct on (e.gate_id) e.*
    from codered.gate_executions e
    where e.run_id = run.id and e.phase = 'definition_of_done'
    order by e.gate_id, e.attempt_number desc
  ) as g
  -- What the policy asks for no more counts neither way.
  where g.status <> 'skipped';
  return jsonb_build_object(
    'repository', place.owner || '/' || place.name,
    'commit_sha', sha,
    'pull_request', case when pull.number is not null then jsonb_build_object(
      'number', pull.number, 'title', pull.title, 'state', pull.state, 'head_sha', pull.head_sha, 'base_ref', pull.base_ref,
      'html_url', pull.html_url, 'from_fork', pull.head_repository_id is distinct from place.id) end,
    'run_id', run.id,
    'run_status', run.status,
    'is_observed', criteria @? '$[*].found ? (@.observed == true)',
    'criteria', criteria,
    'sprint', (select jsonb_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json, 'state', s.state)
      from codered.sprints s where s.id = run.sprint_id),
    'overrides', coalesce((
      select jsonb_agg(
        jsonb_build_object('id', o.id, 'criterion', o.criterion, 'user', o."user", 'reason', o.reason, 'expires_at', o.expires_at,
          'created_at', o.created_at)
        order by o.created_at desc, o.id)
      from (
        select u.*
        from codered.user_overrides u
        where u.repository_id = place.id
          and u.criterion is not null
          and u.revoked_at is null
          and (pull.number is null or u.pull_request_number = pull.number)
          and (u.commit_sha = sha or (u.commit_sha is null and u.expires_at > now() and pull.number is not null))
        order by u.created_at desc, u.id
        limit 100
      ) as o
    ), '[]'));
end
$$;

comment on function codered.read_gate(uuid, text, integer, text) is
  'What the gate found last of a commit, or of the head of a pull request: its run, each criterion in its newest attempt with what was found, the sprint that asks for it and the overrides that stand. run_id null: nothing was evaluated yet. Refuses CR002 (neither commit nor pull request), CR003 (project retired), CR004.';

revoke execute on function codered.read_gate from public;

grant execute on function codered.read_gate to authenticated, service_role;

create or replace function codered.project_cost(project_id uuid, since timestamptz default null, until timestamptz default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  from_time constant timestamptz := coalesce(project_cost.since, date_trunc('month', coalesce(project_cost.until, now()), 'UTC'));
  to_time constant timestamptz := coalesce(project_cost.until, now());
begin
  perform codered.require_project(project_cost.project_id);
  if from_time > to_time or from_time < to_time - interval '366 days' then
    perform codered.refuse_value('since', from_time::text, 'at most 366 days before until');
  end if;
  return (
    with calls as (
      select coalesce(r.model_id, r.model) as model, r.tokens_prompt as tokens_in, r.tokens_completion as tokens_out,
        r.approx_cost_usd as cost_usd
      from codered.agent_runs r
      where r.project_id = project_cost.project_id and r.created_at >= from_time and r.created_at < to_time and not r.is_self_reported
      union all
      select g.model_id, g.tokens_in, g.tokens_out, g.cost_usd
      from codered.runs w
      join codered.gate_executions g on g.run_id = w.id
      where w.project_id = project_cost.project_id and g.created_at >= from_time and g.created_at < to_time
        and g.model_id is not null and g.status <> 'pending'
    ), told as (
      select count(*) as calls, coalesce(sum(r.approx_cost_usd), 0) as cost_usd
      from codered.agent_runs r
      where r.project_id = project_cost.project_id and r.created_at >= from_time and r.created_at < to_time and r.is_self_reported
    ), models as (
      select c.model, count(*) as calls, coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out,
        coalesce(sum(c.cost_usd), 0) as cost_usd, count(*) filter (where c.cost_usd is null) as without_price
      from calls c
      group by c.model
    ), dearest as (
      select m.* from models m order by m.cost_usd desc, m.model collate "C" limit 200
    )
    select jsonb_build_object(
      'project_id', project_cost.project_id, 'since', from_time, 'until', to_time,
      'total_cost_usd', (select coalesce(sum(m.cost_usd), 0) from models m),
      'calls', (select coalesce(sum(m.calls), 0) from models m),
      'self_reported', (select jsonb_build_object('calls', t.calls, 'cost_usd', t.cost_usd) from told t),
      'models', (
        select coalesce(jsonb_agg(to_jsonb(d) order by d.cost_usd desc, d.model collate "C"), '[]') from dearest d))
  );
end
$$;

comment on function codered.project_cost(uuid, timestamptz, timestamptz) is
  'What models cost a project from one time to another (left out: since the month began in UTC, until now), over the calls of agents and the stages of runs that the caller may see: {project_id, since, until, total_cost_usd, calls, self_reported, models}, what agents only told of apart in self_reported, the dearest 200 models with tokens and with how many calls have no known price. Refuses CR002 (more than 366 days), CR003 (project retired), CR004 (no such project).';

revoke execute on function codered.project_cost from public;

grant execute on function codered.project_cost to authenticated, service_role;

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
    ('kept_out_installations', 't.id = any ($4) or lower(t.account_login) = any ($7) or t.account_id = any (codered.ids_in($6, ''accounts''))')
  ) as s (table_name, condition)
$$;

comment on function codered.erasure_steps() is
  'What an erasure takes, table by table in this order. Not the audit: events, user_overrides and decisions stay, and the names in orgs, memberships, installations, projects and repositories that say whose it is.';

revoke execute on function codered.erasure_steps from public;

grant execute on function codered.erasure_steps to service_role;

create or replace function codered.call_operation(name text, arguments jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  case call_operation.name
    when 'add_artifact' then return to_jsonb(codered.add_artifact(artifact => arguments -> 'artifact'));
    when 'answer_job_questions' then return to_jsonb(codered.answer_job_questions(job_id => (arguments ->> 'job_id')::uuid, responses => arguments -> 'responses'));
    when 'break_task_lock' then return to_jsonb(codered.break_task_lock(task_id => (arguments ->> 'task_id')::uuid, reason => arguments ->> 'reason'));
    when 'cancel_job' then return to_jsonb(codered.cancel_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'cancel_run' then return to_jsonb(codered.cancel_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'create_agent_job' then return to_jsonb(codered.create_agent_job(project_id => (arguments ->> 'project_id')::uuid, agent_type => arguments ->> 'agent_type', input => arguments -> 'input', user_id => coalesce((arguments ->> 'user_id')::uuid, auth.uid()), parent_job_id => (arguments ->> 'parent_job_id')::uuid));
    when 'create_checkpoint' then return to_jsonb(codered.create_checkpoint(project_id => (arguments ->> 'project_id')::uuid, label => arguments ->> 'label', repo_ref => arguments ->> 'repo_ref', summary => arguments ->> 'summary', resume_instructions => arguments ->> 'resume_instructions', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'create_corpus' then return to_jsonb(codered.create_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus => arguments -> 'corpus'));
    when 'create_milestone' then return to_jsonb(codered.create_milestone(project_id => (arguments ->> 'project_id')::uuid, milestone => arguments -> 'milestone'));
    when 'create_override' then return to_jsonb(codered.create_override(project_id => (arguments ->> 'project_id')::uuid, override_type => arguments ->> 'override_type', target_type => arguments ->> 'target_type', target_id => (arguments ->> 'target_id')::uuid, reason => arguments ->> 'reason'));
    when 'create_project' then return to_jsonb(codered.create_project(project => arguments -> 'project', org => arguments ->> 'org'));
    when 'create_roadmap' then return to_jsonb(codered.create_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'create_task' then return to_jsonb(codered.create_task(project_id => (arguments ->> 'project_id')::uuid, task => arguments -> 'task'));
    when 'create_template' then return to_jsonb(codered.create_template(template => arguments -> 'template'));
    when 'create_template_version' then return to_jsonb(codered.create_template_version(template_id => (arguments ->> 'template_id')::uuid, version => arguments ->> 'version', copied_spec_id => (arguments ->> 'copied_spec_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, spec => coalesce(arguments -> 'spec', '{}'::jsonb)));
    when 'decide_stage' then return to_jsonb(codered.decide_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', is_approved => (arguments ->> 'is_approved')::boolean, reason => arguments ->> 'reason'));
    when 'delete_milestone' then return to_jsonb(codered.delete_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid));
    when 'delete_task' then return to_jsonb(codered.delete_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'extend_daily_session' then return to_jsonb(codered.extend_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, session => arguments -> 'session'));
    when 'find_jobs' then return to_jsonb(codered.find_jobs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', agent_type => arguments ->> 'agent_type', parent_job_id => (arguments ->> 'parent_job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_job => (arguments ->> 'before_job')::uuid));
    when 'find_similar_patterns' then return to_jsonb(codered.find_similar_patterns(query_embedding => arguments -> 'query_embedding', match_count => coalesce((arguments ->> 'match_count')::integer, 10), filter_type => arguments ->> 'filter_type'));
    when 'finish_task_run' then return to_jsonb(codered.finish_task_run(task_run_id => (arguments ->> 'task_run_id')::uuid, status => arguments ->> 'status', summary => arguments ->> 'summary'));
    when 'keep_task_lock' then return to_jsonb(codered.keep_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'list_agent_runs' then return to_jsonb(codered.list_agent_runs(project_id => (arguments ->> 'project_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, job_id => (arguments ->> 'job_id')::uuid, agent => arguments ->> 'agent', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_agent_sessions' then return to_jsonb(codered.list_agent_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_agents' then return to_jsonb(codered.list_agents(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug'));
    when 'list_artifacts' then return to_jsonb(codered.list_artifacts(project_id => (arguments ->> 'project_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, task_id => (arguments ->> 'task_id')::uuid, kind => arguments ->> 'kind', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_artifact => (arguments ->> 'before_artifact')::uuid));
    when 'list_bug_patterns' then return to_jsonb(codered.list_bug_patterns(project_id => (arguments ->> 'project_id')::uuid, category => arguments ->> 'category', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_pattern => (arguments ->> 'after_pattern')::uuid));
    when 'list_checkpoints' then return to_jsonb(codered.list_checkpoints(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_corpora' then return to_jsonb(codered.list_corpora(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_name => arguments ->> 'after_name', after_corpus => (arguments ->> 'after_corpus')::uuid));
    when 'list_daily_sessions' then return to_jsonb(codered.list_daily_sessions(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_session => (arguments ->> 'before_session')::uuid));
    when 'list_decisions' then return to_jsonb(codered.list_decisions(project_id => (arguments ->> 'project_id')::uuid, standing => coalesce((arguments ->> 'standing')::boolean, false), batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_deployments' then return to_jsonb(codered.list_deployments(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', environment => arguments ->> 'environment', status => arguments ->> 'status', commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_started_at => (arguments ->> 'before_started_at')::timestamp with time zone, before_deployment => (arguments ->> 'before_deployment')::uuid));
    when 'list_documents' then return to_jsonb(codered.list_documents(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), after_source => arguments ->> 'after_source', after_version => arguments ->> 'after_version'));
    when 'list_errors' then return to_jsonb(codered.list_errors(project_id => (arguments ->> 'project_id')::uuid, source => arguments ->> 'source', severity => arguments ->> 'severity', environment => arguments ->> 'environment', state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_events' then return to_jsonb(codered.list_events(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), direction => coalesce(arguments ->> 'direction', 'newest'::text), beyond_event => (arguments ->> 'beyond_event')::bigint, after_event => (arguments ->> 'after_event')::bigint, event_type => arguments ->> 'event_type', task_id => (arguments ->> 'task_id')::uuid, run_id => (arguments ->> 'run_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'list_failures' then return to_jsonb(codered.list_failures(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_error => (arguments ->> 'before_error')::uuid));
    when 'list_flaky_tests' then return to_jsonb(codered.list_flaky_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', batch => coalesce((arguments ->> 'batch')::integer, 50), after_commits => (arguments ->> 'after_commits')::integer, after_repository => arguments ->> 'after_repository', after_suite => arguments ->> 'after_suite', after_name => arguments ->> 'after_name'));
    when 'list_job_events' then return to_jsonb(codered.list_job_events(job_id => (arguments ->> 'job_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_jobs' then return to_jsonb(codered.list_jobs(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 20), skip => coalesce((arguments ->> 'skip')::integer, 0)));
    when 'list_lessons' then return to_jsonb(codered.list_lessons(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', domain_tag => arguments ->> 'domain_tag', severity => arguments ->> 'severity', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_milestones' then return to_jsonb(codered.list_milestones(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_models' then return to_jsonb(codered.list_models(batch => coalesce((arguments ->> 'batch')::integer, 50), after_model => arguments ->> 'after_model'));
    when 'list_overrides' then return to_jsonb(codered.list_overrides(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_override => (arguments ->> 'before_override')::uuid));
    when 'list_project_files' then return to_jsonb(codered.list_project_files(project_id => (arguments ->> 'project_id')::uuid, under => arguments ->> 'under', batch => coalesce((arguments ->> 'batch')::integer, 50), after_path => arguments ->> 'after_path'));
    when 'list_projects' then return to_jsonb(codered.list_projects(batch => coalesce((arguments ->> 'batch')::integer, 50), after_slug => arguments ->> 'after_slug', retired => coalesce((arguments ->> 'retired')::boolean, false)));
    when 'list_roadmaps' then return to_jsonb(codered.list_roadmaps(project_id => (arguments ->> 'project_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_roadmap => (arguments ->> 'before_roadmap')::uuid));
    when 'list_run_events' then return to_jsonb(codered.list_run_events(run_id => (arguments ->> 'run_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_id => (arguments ->> 'before_id')::bigint));
    when 'list_runs' then return to_jsonb(codered.list_runs(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', spec_id => (arguments ->> 'spec_id')::uuid, sprint_id => (arguments ->> 'sprint_id')::uuid, pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_run => (arguments ->> 'before_run')::uuid));
    when 'list_specs' then return to_jsonb(codered.list_specs(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', branch => arguments ->> 'branch', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_sprints' then return to_jsonb(codered.list_sprints(project_id => (arguments ->> 'project_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, state => arguments ->> 'state', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_sprint => (arguments ->> 'before_sprint')::uuid));
    when 'list_task_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.list_task_events(task_id => (arguments ->> 'task_id')::uuid, batch => (arguments ->> 'batch')::integer, before_id => (arguments ->> 'before_id')::bigint) as made);
    when 'list_task_overrides' then return to_jsonb(codered.list_task_overrides(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_task_runs' then return to_jsonb(codered.list_task_runs(task_id => (arguments ->> 'task_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'list_tasks' then return to_jsonb(codered.list_tasks(project_id => (arguments ->> 'project_id')::uuid, status => arguments ->> 'status', batch => coalesce((arguments ->> 'batch')::integer, 50), after_priority => (arguments ->> 'after_priority')::integer, after_created_at => (arguments ->> 'after_created_at')::timestamp with time zone, after_task => (arguments ->> 'after_task')::uuid));
    when 'list_template_versions' then return to_jsonb(codered.list_template_versions(template_id => (arguments ->> 'template_id')::uuid, batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_spec => (arguments ->> 'before_spec')::uuid));
    when 'list_templates' then return to_jsonb(codered.list_templates(template_type => arguments ->> 'template_type', batch => coalesce((arguments ->> 'batch')::integer, 50), after_sort_order => (arguments ->> 'after_sort_order')::integer, after_slug => arguments ->> 'after_slug'));
    when 'list_tests' then return to_jsonb(codered.list_tests(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', status => arguments ->> 'status', query => arguments ->> 'query', batch => coalesce((arguments ->> 'batch')::integer, 50), after_test => (arguments ->> 'after_test')::integer));
    when 'list_ux_snippets' then return to_jsonb(codered.list_ux_snippets(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', tag => arguments ->> 'tag', batch => coalesce((arguments ->> 'batch')::integer, 50), before_created_at => (arguments ->> 'before_created_at')::timestamp with time zone, before_id => (arguments ->> 'before_id')::uuid));
    when 'log_agent_run' then return to_jsonb(codered.log_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent => arguments ->> 'agent', status => arguments ->> 'status', task_id => (arguments ->> 'task_id')::uuid, mode => arguments ->> 'mode', model => arguments ->> 'model', tokens_prompt => (arguments ->> 'tokens_prompt')::integer, tokens_completion => (arguments ->> 'tokens_completion')::integer, approx_cost_usd => (arguments ->> 'approx_cost_usd')::numeric, input_summary => arguments ->> 'input_summary', output_summary => arguments ->> 'output_summary', full_input => arguments ->> 'full_input', full_output => arguments ->> 'full_output', error_message => arguments ->> 'error_message', zones_touched => arguments -> 'zones_touched', tools_used => arguments -> 'tools_used'));
    when 'move_in_roadmap' then return to_jsonb(codered.move_in_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, step_index => (arguments ->> 'step_index')::integer));
    when 'my_profile' then return to_jsonb(codered.my_profile());
    when 'note_in_session' then return to_jsonb(codered.note_in_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid, summary => arguments ->> 'summary', snapshot => arguments -> 'snapshot', ends => coalesce((arguments ->> 'ends')::boolean, false)));
    when 'override_criterion' then return to_jsonb(codered.override_criterion(right_id => (arguments ->> 'right_id')::uuid, project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha', criterion => arguments ->> 'criterion', reason => arguments ->> 'reason', until => (arguments ->> 'until')::date));
    when 'override_stage' then return to_jsonb(codered.override_stage(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', reason => arguments ->> 'reason', override_type => coalesce(arguments ->> 'override_type', 'agent_override'::text)));
    when 'pause_run' then return to_jsonb(codered.pause_run(run_id => (arguments ->> 'run_id')::uuid, reason => arguments ->> 'reason'));
    when 'project_context' then return to_jsonb(codered.project_context(project_id => (arguments ->> 'project_id')::uuid));
    when 'project_cost' then return to_jsonb(codered.project_cost(project_id => (arguments ->> 'project_id')::uuid, since => (arguments ->> 'since')::timestamp with time zone, until => (arguments ->> 'until')::timestamp with time zone));
    when 'publish_spec' then return to_jsonb(codered.publish_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_agent' then return to_jsonb(codered.read_agent(slug => arguments ->> 'slug'));
    when 'read_agent_run' then return to_jsonb(codered.read_agent_run(project_id => (arguments ->> 'project_id')::uuid, agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'read_agent_session' then return to_jsonb(codered.read_agent_session(agent_session_id => (arguments ->> 'agent_session_id')::uuid));
    when 'read_artifact' then return to_jsonb(codered.read_artifact(artifact_id => (arguments ->> 'artifact_id')::uuid));
    when 'read_attempt' then return to_jsonb(codered.read_attempt(run_id => (arguments ->> 'run_id')::uuid, gate_id => arguments ->> 'gate_id', attempt_number => (arguments ->> 'attempt_number')::integer));
    when 'read_bug_pattern' then return to_jsonb(codered.read_bug_pattern(pattern_id => (arguments ->> 'pattern_id')::uuid));
    when 'read_checkpoint' then return to_jsonb(codered.read_checkpoint(checkpoint_id => (arguments ->> 'checkpoint_id')::uuid));
    when 'read_content' then return to_jsonb(codered.read_content(artifact_id => (arguments ->> 'artifact_id')::uuid, spec_id => (arguments ->> 'spec_id')::uuid, has_body => coalesce((arguments ->> 'has_body')::boolean, false)));
    when 'read_daily_session' then return to_jsonb(codered.read_daily_session(project_id => (arguments ->> 'project_id')::uuid, session_id => (arguments ->> 'session_id')::uuid, after_message => coalesce((arguments ->> 'after_message')::integer, 0)));
    when 'read_decision' then return to_jsonb(codered.read_decision(decision_id => (arguments ->> 'decision_id')::uuid));
    when 'read_deployment' then return to_jsonb(codered.read_deployment(deployment_id => (arguments ->> 'deployment_id')::uuid));
    when 'read_dora' then return to_jsonb(codered.read_dora(project_id => (arguments ->> 'project_id')::uuid, weeks => coalesce((arguments ->> 'weeks')::integer, 12)));
    when 'read_error' then return to_jsonb(codered.read_error(error_id => (arguments ->> 'error_id')::uuid));
    when 'read_gate' then return to_jsonb(codered.read_gate(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', pull_request => (arguments ->> 'pull_request')::integer, commit_sha => arguments ->> 'commit_sha'));
    when 'read_intent' then return to_jsonb(codered.read_intent(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent'));
    when 'read_job' then return to_jsonb(codered.read_job(job_id => (arguments ->> 'job_id')::uuid));
    when 'read_log_source' then return to_jsonb(codered.read_log_source(project_id => (arguments ->> 'project_id')::uuid, error_id => (arguments ->> 'error_id')::uuid, github_job_id => (arguments ->> 'github_job_id')::bigint));
    when 'read_project_details' then return to_jsonb(codered.read_project_details(project_id => (arguments ->> 'project_id')::uuid));
    when 'read_project_file' then return to_jsonb(codered.read_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path'));
    when 'read_roadmap' then return to_jsonb(codered.read_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid));
    when 'read_run' then return to_jsonb(codered.read_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'read_spec' then return to_jsonb(codered.read_spec(spec_id => (arguments ->> 'spec_id')::uuid));
    when 'read_sprint' then return to_jsonb(codered.read_sprint(sprint_id => (arguments ->> 'sprint_id')::uuid));
    when 'read_task' then return to_jsonb(codered.read_task(task_id => (arguments ->> 'task_id')::uuid));
    when 'read_template' then return to_jsonb(codered.read_template(template_id => (arguments ->> 'template_id')::uuid));
    when 'read_test' then return to_jsonb(codered.read_test(test_id => (arguments ->> 'test_id')::integer));
    when 'read_ux_snippet' then return to_jsonb(codered.read_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'record_daily_session' then return to_jsonb(codered.record_daily_session(project_id => (arguments ->> 'project_id')::uuid, session => arguments -> 'session'));
    when 'record_decision' then return to_jsonb(codered.record_decision(project_id => (arguments ->> 'project_id')::uuid, decision => arguments -> 'decision'));
    when 'record_lesson' then return to_jsonb(codered.record_lesson(project_id => (arguments ->> 'project_id')::uuid, lesson => arguments -> 'lesson'));
    when 'record_ux_snippet' then return to_jsonb(codered.record_ux_snippet(project_id => (arguments ->> 'project_id')::uuid, snippet => arguments -> 'snippet'));
    when 'release_task_lock' then return to_jsonb(codered.release_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'report_error' then return to_jsonb(codered.report_error(project_id => (arguments ->> 'project_id')::uuid, report => arguments -> 'report'));
    when 'restore_project' then return to_jsonb(codered.restore_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_project' then return to_jsonb(codered.resume_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'resume_run' then return to_jsonb(codered.resume_run(run_id => (arguments ->> 'run_id')::uuid));
    when 'retire_project' then return to_jsonb(codered.retire_project(project_id => (arguments ->> 'project_id')::uuid));
    when 'retire_ux_snippet' then return to_jsonb(codered.retire_ux_snippet(snippet_id => (arguments ->> 'snippet_id')::uuid));
    when 'revoke_override' then return to_jsonb(codered.revoke_override(override_id => (arguments ->> 'override_id')::uuid));
    when 'run_pipeline' then return to_jsonb(codered.run_pipeline(project_id => (arguments ->> 'project_id')::uuid, input => arguments -> 'input'));
    when 'search_events' then return (select coalesce(jsonb_agg(to_jsonb(made)), '[]') from codered.search_events(project_id => (arguments ->> 'project_id')::uuid, query => arguments ->> 'query', batch => (arguments ->> 'batch')::integer, before => (arguments ->> 'before')::timestamp with time zone) as made);
    when 'set_milestone_progress' then return to_jsonb(codered.set_milestone_progress(milestone_id => (arguments ->> 'milestone_id')::uuid, percent => (arguments ->> 'percent')::integer));
    when 'set_model' then return to_jsonb(codered.set_model(model_id => arguments ->> 'model_id', model => arguments -> 'model'));
    when 'settle_error' then return to_jsonb(codered.settle_error(error_id => (arguments ->> 'error_id')::uuid, is_resolved => (arguments ->> 'is_resolved')::boolean));
    when 'start_agent_session' then return to_jsonb(codered.start_agent_session(project_id => (arguments ->> 'project_id')::uuid, summary => arguments ->> 'summary', snapshot => coalesce(arguments -> 'snapshot', '{}'::jsonb)));
    when 'start_task_run' then return to_jsonb(codered.start_task_run(task_id => (arguments ->> 'task_id')::uuid, phase => arguments ->> 'phase', status => coalesce(arguments ->> 'status', 'running'::text), summary => arguments ->> 'summary', agent_run_id => (arguments ->> 'agent_run_id')::uuid));
    when 'start_workflow_run' then return to_jsonb(codered.start_workflow_run(spec_id => (arguments ->> 'spec_id')::uuid, intent => arguments -> 'intent', project_id => (arguments ->> 'project_id')::uuid, display_name => arguments ->> 'display_name'));
    when 'suggest_pattern' then return to_jsonb(codered.suggest_pattern(project_id => (arguments ->> 'project_id')::uuid, name => arguments ->> 'name', kind => arguments ->> 'kind', pattern_signature => arguments ->> 'pattern_signature', root_cause => arguments ->> 'root_cause', recommended_fix => arguments ->> 'recommended_fix', category => coalesce(arguments ->> 'category', 'other'::text), description => arguments ->> 'description'));
    when 'supersede_decision' then return to_jsonb(codered.supersede_decision(decision_id => (arguments ->> 'decision_id')::uuid, decision => arguments -> 'decision'));
    when 'take_task_lock' then return to_jsonb(codered.take_task_lock(task_id => (arguments ->> 'task_id')::uuid, locker => arguments ->> 'locker'));
    when 'update_corpus' then return to_jsonb(codered.update_corpus(project_id => (arguments ->> 'project_id')::uuid, corpus_id => (arguments ->> 'corpus_id')::uuid, corpus => arguments -> 'corpus'));
    when 'update_decision' then return to_jsonb(codered.update_decision(decision_id => (arguments ->> 'decision_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_milestone' then return to_jsonb(codered.update_milestone(milestone_id => (arguments ->> 'milestone_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_project' then return to_jsonb(codered.update_project(project_id => (arguments ->> 'project_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_roadmap' then return to_jsonb(codered.update_roadmap(project_id => (arguments ->> 'project_id')::uuid, roadmap_id => (arguments ->> 'roadmap_id')::uuid, roadmap => arguments -> 'roadmap'));
    when 'update_task' then return to_jsonb(codered.update_task(task_id => (arguments ->> 'task_id')::uuid, changes => arguments -> 'changes', expected_updated_at => (arguments ->> 'expected_updated_at')::timestamp with time zone));
    when 'update_template' then return to_jsonb(codered.update_template(template_id => (arguments ->> 'template_id')::uuid, changes => arguments -> 'changes'));
    when 'update_template_version' then return to_jsonb(codered.update_template_version(spec_id => (arguments ->> 'spec_id')::uuid, changes => arguments -> 'changes'));
    when 'upload_spec' then return to_jsonb(codered.upload_spec(project_id => (arguments ->> 'project_id')::uuid, repository => arguments ->> 'repository', path => arguments ->> 'path', content => arguments ->> 'content', branch => arguments ->> 'branch', label => arguments ->> 'label', dod => arguments -> 'dod'));
    when 'write_project_file' then return to_jsonb(codered.write_project_file(project_id => (arguments ->> 'project_id')::uuid, path => arguments ->> 'path', content => arguments ->> 'content', language => arguments ->> 'language', expected_version => (arguments ->> 'expected_version')::integer));
    else raise exception 'There is no operation "%".', left(call_operation.name, 80) using errcode = 'CR004';
  end case;
end
$$;

comment on function codered.call_operation(text, jsonb) is
  'Calls the function of an operation with the rights of the caller. Generated from the operations; called by call_as. Refuses CR004 for any other name.';

revoke execute on function codered.call_operation from public;

grant execute on function codered.call_operation to authenticated;
