-- Models, agents and what they ran. Old workers survive it.

create table codered.models (
  id text primary key,
  provider text not null,
  display_name text not null,
  tier text not null,
  input_cost_per_1k numeric(10, 6),
  output_cost_per_1k numeric(10, 6),
  max_context_tokens integer,
  supports_tools boolean not null default false,
  supports_streaming boolean not null default true,
  supports_structured_output boolean not null default false,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint models_id_length check (char_length(id) between 1 and 200 or codered.refuse_value('models.id', id, '1 to 200 characters')),
  constraint models_tier_check check (tier in ('top', 'mid', 'low') or codered.refuse_value('models.tier', tier, 'top, mid, low')),
  constraint models_input_cost_check
    check (input_cost_per_1k >= 0 or codered.refuse_value('models.input_cost_per_1k', input_cost_per_1k, '0 or more')),
  constraint models_output_cost_check
    check (output_cost_per_1k >= 0 or codered.refuse_value('models.output_cost_per_1k', output_cost_per_1k, '0 or more')),
  constraint models_max_context_tokens_check
    check (max_context_tokens > 0 or codered.refuse_value('models.max_context_tokens', max_context_tokens, '1 or more'))
);
alter table codered.models enable row level security;
create policy models_read on codered.models for select to authenticated using (is_active or (select codered.is_operator()));
create policy models_insert on codered.models for insert to authenticated with check ((select codered.is_operator()));
create policy models_update on codered.models for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy models_delete on codered.models for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.models to authenticated;
create trigger models_touch before update on codered.models
  for each row execute function codered.touch_updated_at();
comment on table codered.models is 'The models that agents may use, with their prices; id is the provider''s own word.';
comment on column codered.models.input_cost_per_1k is 'US dollars for 1,000 tokens read; null when unknown, then no cost is worked out.';
comment on column codered.models.output_cost_per_1k is 'US dollars for 1,000 tokens written.';

create function codered.cost_of(model_id text, tokens_in integer, tokens_out integer)
returns numeric
language sql
stable
set search_path = ''
as $$
  select round((coalesce(cost_of.tokens_in, 0) * m.input_cost_per_1k + coalesce(cost_of.tokens_out, 0) * m.output_cost_per_1k) / 1000, 6)
  from codered.models m
  where m.id = cost_of.model_id
$$;
comment on function codered.cost_of(text, integer, integer) is 'What so many tokens cost with a model, in US dollars; null when model or price is unknown.';
revoke execute on function codered.cost_of(text, integer, integer) from public;
grant execute on function codered.cost_of(text, integer, integer) to authenticated, service_role;

create table codered.agents (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null,
  description text,
  role text not null,
  allowed_zones text[] not null default '{green}',
  default_model text,
  model_id text references codered.models (id) on delete set null,
  max_tokens integer,
  temperature numeric(3, 2),
  cost_ceiling_usd numeric(12, 4),
  long_horizon_allowed boolean not null default false,
  config_yaml_path text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agents_name_key unique (name),
  constraint agents_slug_key unique (slug),
  constraint agents_name_length check (char_length(name) between 1 and 200 or codered.refuse_value('agents.name', name, '1 to 200 characters')),
  constraint agents_slug_check
    check (slug ~ '^[a-z0-9][a-z0-9_-]{0,99}$' or codered.refuse_value('agents.slug', slug, 'a-z, 0-9, _ and -, at most 100 characters')),
  constraint agents_role_check check (
    role in ('architect', 'code', 'test', 'review', 'infra', 'safety', 'orchestrator', 'cynic', 'research', 'librarian')
    or codered.refuse_value('agents.role', role, 'architect, code, test, review, infra, safety, orchestrator, cynic, research, librarian')),
  constraint agents_allowed_zones_check
    check (allowed_zones <@ '{red,yellow,green}' or codered.refuse_value('agents.allowed_zones', allowed_zones, 'red, yellow, green')),
  constraint agents_max_tokens_check check (max_tokens > 0 or codered.refuse_value('agents.max_tokens', max_tokens, '1 or more')),
  constraint agents_temperature_check check (temperature between 0 and 2 or codered.refuse_value('agents.temperature', temperature, '0 to 2')),
  constraint agents_cost_ceiling_check
    check (cost_ceiling_usd >= 0 or codered.refuse_value('agents.cost_ceiling_usd', cost_ceiling_usd, '0 or more'))
);
create index agents_model_id_idx on codered.agents (model_id);
alter table codered.agents enable row level security;
create policy agents_read on codered.agents for select to authenticated using (true);
grant select on codered.agents to authenticated;
create trigger agents_touch before update on codered.agents
  for each row execute function codered.touch_updated_at();
comment on table codered.agents is 'The agents by their YAML files (agents/*.yml); `codered agents sync` writes them, by slug.';
comment on column codered.agents.default_model is 'The model''s name as the file has it; model_id where we know that model.';
comment on column codered.agents.cost_ceiling_usd is 'US dollars that one run may cost.';
comment on column codered.agents.config_yaml_path is 'Path of the file it came from.';

create table codered.agent_runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  agent_id uuid not null references codered.agents (id) on delete restrict,
  task_id uuid,
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
  constraint agent_runs_status_check
    check (status in ('succeeded', 'failed', 'aborted') or codered.refuse_value('agent_runs.status', status, 'succeeded, failed, aborted')),
  constraint agent_runs_tokens_prompt_check
    check (tokens_prompt >= 0 or codered.refuse_value('agent_runs.tokens_prompt', tokens_prompt, '0 or more')),
  constraint agent_runs_tokens_completion_check
    check (tokens_completion >= 0 or codered.refuse_value('agent_runs.tokens_completion', tokens_completion, '0 or more')),
  constraint agent_runs_cost_check
    check (approx_cost_usd >= 0 or codered.refuse_value('agent_runs.approx_cost_usd', approx_cost_usd, '0 or more')),
  constraint agent_runs_zones_check
    check (zones_touched <@ '{red,yellow,green}' or codered.refuse_value('agent_runs.zones_touched', zones_touched, 'red, yellow, green')),
  constraint agent_runs_full_input_bytes
    check (octet_length(full_input) <= 8388608 or codered.refuse_value('agent_runs.full_input', octet_length(full_input), 'at most 8388608 bytes')),
  constraint agent_runs_full_output_bytes
    check (octet_length(full_output) <= 8388608 or codered.refuse_value('agent_runs.full_output', octet_length(full_output), 'at most 8388608 bytes'))
);
create index agent_runs_project_id_idx on codered.agent_runs (project_id, created_at desc);
create index agent_runs_agent_id_idx on codered.agent_runs (agent_id);
create index agent_runs_task_id_idx on codered.agent_runs (task_id);
create index agent_runs_model_id_idx on codered.agent_runs (model_id);
alter table codered.agent_runs enable row level security;
create policy agent_runs_read on codered.agent_runs for select to authenticated using (project_id in (select codered.my_projects()));
grant select on codered.agent_runs to authenticated;
create trigger agent_runs_touch before update on codered.agent_runs
  for each row execute function codered.touch_updated_at();
comment on table codered.agent_runs is 'One call of an agent: what went in, what came out, what it cost.';
comment on column codered.agent_runs.model is 'The provider''s own word; model_id where we know that model.';
comment on column codered.agent_runs.approx_cost_usd is 'US dollars; worked out from models when left out.';
comment on column codered.agent_runs.mode is 'Open: architect, code, …';
comment on column codered.agent_runs.rag_documents is 'Documents that were consulted; plain ids, a document may be gone.';

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
revoke execute on function codered.fill_agent_run_cost() from public;
create trigger agent_runs_cost before insert or update of model, model_id, tokens_prompt, tokens_completion, approx_cost_usd
  on codered.agent_runs for each row execute function codered.fill_agent_run_cost();

alter table codered.errors
  add constraint errors_agent_run_id_fkey foreign key (agent_run_id) references codered.agent_runs (id) on delete cascade;
create index errors_agent_run_id_idx on codered.errors (agent_run_id);
