-- What agents did: their runs, and the tasks that these were for.

create table codered.agent_runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_id uuid not null references codered.agents (id) on delete restrict,
  task_id uuid references codered.tasks (id) on delete set null,
  mode text,
  input_summary text,
  output_summary text,
  full_input text,
  full_output text,
  model text,
  model_id text references codered.models (id) on delete set null,
  tokens_prompt integer,
  tokens_completion integer,
  approx_cost_usd numeric(14, 6),
  zones_touched text[],
  tools_used text[],
  rag_documents uuid[],
  status text not null,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  job_id uuid references codered.agent_jobs (id) on delete set null,
  duration_ms integer,
  reported_by uuid references codered.profiles (id) on delete set null,
  is_self_reported boolean not null default false,
  constraint agent_runs_status_check
    check (status in ('succeeded', 'failed', 'aborted') or codered.refuse_value('agent_runs.status', status, 'succeeded, failed, aborted')),
  constraint agent_runs_tokens_prompt_check
    check (tokens_prompt >= 0 or codered.refuse_value('agent_runs.tokens_prompt', tokens_prompt, '0 or more')),
  constraint agent_runs_tokens_completion_check
    check (tokens_completion >= 0 or codered.refuse_value('agent_runs.tokens_completion', tokens_completion, '0 or more')),
  constraint agent_runs_cost_check
    check (approx_cost_usd >= 0 or codered.refuse_value('agent_runs.approx_cost_usd', approx_cost_usd, '0 or more')),
  constraint agent_runs_duration_check check (duration_ms >= 0 or codered.refuse_value('agent_runs.duration_ms', duration_ms, '0 or more')),
  constraint agent_runs_zones_check
    check (zones_touched <@ '{red,yellow,green}' or codered.refuse_value('agent_runs.zones_touched', zones_touched, 'red, yellow, green')),
  constraint agent_runs_full_input_bytes
    check (octet_length(full_input) <= 8388608 or codered.refuse_value('agent_runs.full_input', octet_length(full_input), 'at most 8388608 bytes')),
  constraint agent_runs_full_output_bytes
    check (octet_length(full_output) <= 8388608 or codered.refuse_value('agent_runs.full_output', octet_length(full_output), 'at most 8388608 bytes'))
);
comment on table codered.agent_runs is 'One call of an agent: what went in, what came out, what it cost.';
comment on column codered.agent_runs.mode is 'Open: architect, code, …';
comment on column codered.agent_runs.model is 'The provider''s own word; model_id where we know that model.';
comment on column codered.agent_runs.approx_cost_usd is 'US dollars; worked out from models when left out.';
comment on column codered.agent_runs.job_id is 'The job that it was done for; null for a call of its own.';
comment on column codered.agent_runs.duration_ms is 'How long the agent worked, in milliseconds, as it says.';
comment on column codered.agent_runs.rag_documents is 'Documents that were consulted; plain ids, a document may be gone.';
comment on column codered.agent_runs.is_self_reported is
  'Whoever ran the agent told of it, and nobody here counted: no job was handed out for it, and its tokens and cost are their word.';
comment on column codered.agent_runs.reported_by is 'Who told of it, where it is self-reported; null where they are gone.';
create index agent_runs_reported_by_idx on codered.agent_runs (reported_by);
create index agent_runs_project_id_idx on codered.agent_runs (project_id, created_at desc);
create index agent_runs_agent_id_idx on codered.agent_runs (agent_id);
create index agent_runs_task_id_idx on codered.agent_runs (task_id);
create index agent_runs_model_id_idx on codered.agent_runs (model_id);
create index agent_runs_job_id_idx on codered.agent_runs (job_id);
create index agent_runs_created_at_idx on codered.agent_runs (created_at);
alter table codered.agent_runs enable row level security;
create policy agent_runs_read on codered.agent_runs for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.agent_runs to authenticated;
grant select, insert, update, delete on codered.agent_runs to service_role;
create trigger agent_runs_touch before update on codered.agent_runs
  for each row execute function codered.touch_updated_at();
create trigger agent_runs_same_project before insert or update of project_id, task_id, job_id on codered.agent_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'job_id:agent_jobs');

create table codered.task_runs (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references codered.tasks (id) on delete cascade,
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_run_id uuid references codered.agent_runs (id) on delete set null,
  phase text not null,
  status text not null default 'planned',
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint task_runs_phase_check check (
    phase in ('architect', 'code', 'test', 'review', 'infra', 'safety', 'cynic', 'orchestrator')
    or codered.refuse_value('task_runs.phase', phase, 'architect, code, test, review, infra, safety, cynic, orchestrator')),
  constraint task_runs_status_check check (
    status in ('planned', 'running', 'succeeded', 'failed', 'skipped')
    or codered.refuse_value('task_runs.status', status, 'planned, running, succeeded, failed, skipped')),
  constraint task_runs_summary_length
    check (char_length(summary) <= 20000 or codered.refuse_value('task_runs.summary', summary, 'at most 20000 characters'))
);
comment on table codered.task_runs is 'One pass over a task, of an agent or a person.';
create index task_runs_task_id_idx on codered.task_runs (task_id, created_at desc);
create index task_runs_project_id_idx on codered.task_runs (project_id);
create index task_runs_agent_run_id_idx on codered.task_runs (agent_run_id);
alter table codered.task_runs enable row level security;
create policy task_runs_read on codered.task_runs for select to authenticated using (project_id in (select codered.my_projects()));
create policy task_runs_insert on codered.task_runs for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy task_runs_update on codered.task_runs for update to authenticated
  using (project_id in (select codered.my_projects()) and status in ('planned', 'running'))
  with check (project_id in (select codered.my_projects()));
grant select on codered.task_runs to authenticated;
grant insert (id, task_id, project_id, agent_run_id, phase, status, summary) on codered.task_runs to authenticated;
-- What is over stays as it was written.
grant update (status, summary) on codered.task_runs to authenticated;
grant select, insert, update, delete on codered.task_runs to service_role;
create trigger task_runs_touch before update on codered.task_runs
  for each row execute function codered.touch_updated_at();
create trigger task_runs_same_project before insert or update of project_id, task_id, agent_run_id on codered.task_runs
  for each row execute function codered.refuse_foreign_project('task_id:tasks', 'agent_run_id:agent_runs');
create trigger task_runs_events after insert or update or delete on codered.task_runs
  for each row execute function codered.append_event('task_run');

create function codered.fill_agent_run_cost()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.model_id is null and new.model is not null then
    select m.id into new.model_id from codered.models m where m.id = new.model;
  end if;
  if new.approx_cost_usd is null and new.model_id is not null then
    new.approx_cost_usd := codered.cost_of(new.model_id, new.tokens_prompt, new.tokens_completion);
  end if;
  return new;
end
$$;
comment on function codered.fill_agent_run_cost() is 'Resolves the model''s name and works the cost out where none is given.';
revoke execute on function codered.fill_agent_run_cost from public;

create trigger agent_runs_cost before insert or update of model, model_id, tokens_prompt, tokens_completion, approx_cost_usd
  on codered.agent_runs for each row execute function codered.fill_agent_run_cost();

create function codered.list_agent_runs(
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

create function codered.read_agent_run(project_id uuid, agent_run_id uuid)
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
    'duration_ms', r.duration_ms, 'is_self_reported', r.is_self_reported, 'created_at', r.created_at)
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

create function codered.log_agent_run(
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
