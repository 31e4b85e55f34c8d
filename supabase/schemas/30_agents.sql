-- Agents, the models that they use, and what models cost.

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
comment on table codered.models is 'The models that agents may use, with their prices; id is the provider''s own word.';
comment on column codered.models.input_cost_per_1k is 'US dollars for 1,000 tokens read; null when unknown, then no cost is worked out.';
comment on column codered.models.output_cost_per_1k is 'US dollars for 1,000 tokens written.';
alter table codered.models enable row level security;
create policy models_read on codered.models for select to authenticated using (is_active or (select codered.is_operator()));
create policy models_insert on codered.models for insert to authenticated with check ((select codered.is_operator()));
create policy models_update on codered.models for update to authenticated
  using ((select codered.is_operator())) with check ((select codered.is_operator()));
create policy models_delete on codered.models for delete to authenticated using ((select codered.is_operator()));
grant select, insert, update, delete on codered.models to authenticated;
grant select, insert, update, delete on codered.models to service_role;
create trigger models_touch before update on codered.models
  for each row execute function codered.touch_updated_at();
-- What a person changed, prices before and after; they belong to no project, so that the person and the app read them. The rows that come
-- with a version are told by its notes.
create trigger models_events after insert or update or delete on codered.models
  for each row when (auth.uid() is not null) execute function codered.append_event('model');

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
  repository_id bigint references codered.repositories (id) on delete set null,
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
comment on table codered.agents is 'The agents by their YAML files (agents/*.yml), the same for everybody here; written by `codered agents sync`, and by pushes to repositories that the operator names (CODERED_AGENTS_REPOSITORIES), by slug.';
comment on column codered.agents.default_model is 'The model''s name as the file has it; model_id where we know that model.';
comment on column codered.agents.cost_ceiling_usd is 'US dollars that one run may cost.';
comment on column codered.agents.config_yaml_path is 'Path of the file it came from.';
comment on column codered.agents.repository_id is
  'The repository whose default branch holds that file, which alone changes it then; null: it was written by `codered agents sync`.';
create index agents_model_id_idx on codered.agents (model_id);
create index agents_repository_id_idx on codered.agents (repository_id);
alter table codered.agents enable row level security;
create policy agents_read on codered.agents for select to authenticated using (true);
grant select on codered.agents to authenticated;
grant select, insert, update, delete on codered.agents to service_role;
create trigger agents_touch before update on codered.agents
  for each row execute function codered.touch_updated_at();

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
revoke execute on function codered.cost_of from public;
grant execute on function codered.cost_of to authenticated, service_role;

create function codered.upsert_agents(agents jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  refused text;
  counts jsonb;
begin
  perform codered.accept_shape('agents', coalesce(upsert_agents.agents, 'null'), '{
    "is": "list", "to": 1000, "of": {
      "is": "object",
      "optional": ["description", "allowed_zones", "default_model", "max_tokens", "temperature", "cost_ceiling_usd", "long_horizon_allowed",
        "config_yaml_path"],
      "keys": {
        "name": {"is": "text", "from": 1, "to": 200}, "slug": {"is": "text", "from": 1, "to": 100}, "description": {"is": "text", "to": 20000},
        "role": {"is": "word",
          "of": ["architect", "code", "test", "review", "infra", "safety", "orchestrator", "cynic", "research", "librarian"]},
        "allowed_zones": {"is": "list", "to": 3, "of": {"is": "word", "of": ["red", "yellow", "green"]}},
        "default_model": {"is": "text", "from": 1, "to": 200}, "max_tokens": {"is": "whole", "from": 1, "to": 2147483647},
        "temperature": {"is": "number", "from": 0, "to": 2}, "cost_ceiling_usd": {"is": "number", "from": 0, "to": 99999999},
        "long_horizon_allowed": {"is": "boolean"}, "config_yaml_path": {"is": "text", "from": 1, "to": 2000}
      }
    }
  }');
  select format('agents has %s "%s" more than once; allowed: each once.', t.field, t.word) into refused
  from jsonb_array_elements(upsert_agents.agents) as a (entry)
  cross join lateral (values ('the slug', a.entry ->> 'slug'), ('the name', a.entry ->> 'name')) as t (field, word)
  group by t.field, t.word
  having count(*) > 1
  limit 1;
  refused := coalesce(refused, (
    select format('agents.name is "%s", which is the name of the agent "%s"; allowed: a name that no other agent has.', o.name, o.slug)
    from jsonb_array_elements(upsert_agents.agents) as a (entry)
    join codered.agents o on o.name = a.entry ->> 'name' and o.slug <> a.entry ->> 'slug'
    limit 1
  ));
  if refused is not null then
    raise exception '%', refused using errcode = 'CR002', table = 'agents';
  end if;
  with wanted as (
    select a.entry ->> 'name' as name, a.entry ->> 'slug' as slug, a.entry ->> 'description' as description, a.entry ->> 'role' as role,
      case when jsonb_typeof(a.entry -> 'allowed_zones') = 'array'
        then array(select z.zone from jsonb_array_elements_text(a.entry -> 'allowed_zones') with ordinality as z (zone, n) order by z.n)
        else '{green}'::text[] end as allowed_zones,
      a.entry ->> 'default_model' as default_model, m.id as model_id, (a.entry ->> 'max_tokens')::numeric::integer as max_tokens,
      (a.entry ->> 'temperature')::numeric(3, 2) as temperature, (a.entry ->> 'cost_ceiling_usd')::numeric(12, 4) as cost_ceiling_usd,
      coalesce((a.entry ->> 'long_horizon_allowed')::boolean, false) as long_horizon_allowed, a.entry ->> 'config_yaml_path' as config_yaml_path
    from jsonb_array_elements(upsert_agents.agents) as a (entry)
    left join codered.models m on m.id = a.entry ->> 'default_model'
  ), written as (
    insert into codered.agents as g (name, slug, description, role, allowed_zones, default_model, model_id, max_tokens, temperature,
      cost_ceiling_usd, long_horizon_allowed, config_yaml_path)
    select w.name, w.slug, w.description, w.role, w.allowed_zones, w.default_model, w.model_id, w.max_tokens, w.temperature,
      w.cost_ceiling_usd, w.long_horizon_allowed, w.config_yaml_path
    from wanted w
    order by w.slug
    on conflict (slug) do update set
      name = excluded.name, description = excluded.description, role = excluded.role, allowed_zones = excluded.allowed_zones,
      default_model = excluded.default_model, model_id = excluded.model_id, max_tokens = excluded.max_tokens,
      temperature = excluded.temperature, cost_ceiling_usd = excluded.cost_ceiling_usd,
      long_horizon_allowed = excluded.long_horizon_allowed, config_yaml_path = excluded.config_yaml_path
    where (g.name, g.description, g.role, g.allowed_zones, g.default_model, g.model_id, g.max_tokens, g.temperature,
        g.cost_ceiling_usd, g.long_horizon_allowed, g.config_yaml_path)
      is distinct from (excluded.name, excluded.description, excluded.role, excluded.allowed_zones, excluded.default_model, excluded.model_id,
        excluded.max_tokens, excluded.temperature, excluded.cost_ceiling_usd, excluded.long_horizon_allowed, excluded.config_yaml_path)
    returning xmax = 0 as is_new
  )
  select jsonb_build_object(
    'inserted', count(*) filter (where w.is_new),
    'updated', count(*) filter (where not w.is_new),
    'unchanged', jsonb_array_length(upsert_agents.agents) - count(*)
  )
  into counts
  from written w;
  return counts;
end
$$;
comment on function codered.upsert_agents(jsonb) is
  'Writes the agents of the YAML files by slug, each as a whole: [{name, slug, role, and where wanted description, allowed_zones (green), default_model, max_tokens, temperature, cost_ceiling_usd, long_horizon_allowed, config_yaml_path}]; model_id where models knows default_model. Returns {inserted, updated, unchanged}; agents that are not named stay. CR002 for other keys or values, or a slug or name twice; then nothing is written.';
revoke execute on function codered.upsert_agents from public;
grant execute on function codered.upsert_agents to service_role;

create function codered.list_agents(batch integer default 50, after_slug text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_agents.batch);
  return (
    select coalesce(jsonb_agg(page.item order by page.slug collate "C"), '[]')
    from (
      select g.slug, jsonb_build_object(
        'id', g.id, 'slug', g.slug, 'name', g.name, 'description', left(g.description, 2000), 'role', g.role,
        'allowed_zones', g.allowed_zones, 'default_model', g.default_model, 'long_horizon_allowed', g.long_horizon_allowed) as item
      from codered.agents g
      where list_agents.after_slug is null or g.slug collate "C" > list_agents.after_slug
      order by g.slug collate "C"
      -- One more than asked for tells whether there are more.
      limit list_agents.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_agents(integer, text) is
  'The agents of this CodeRed by slug (byte order), after a slug: one more than batch when there are more. Everybody who signed in reads them. Refuses CR002 (batch 1 to 500).';
revoke execute on function codered.list_agents from public;
grant execute on function codered.list_agents to authenticated, service_role;

create function codered.read_agent(slug text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'id', g.id, 'slug', g.slug, 'name', g.name, 'description', g.description, 'role', g.role, 'allowed_zones', g.allowed_zones,
    'default_model', g.default_model, 'model_id', g.model_id, 'max_tokens', g.max_tokens, 'temperature', g.temperature,
    'cost_ceiling_usd', g.cost_ceiling_usd, 'long_horizon_allowed', g.long_horizon_allowed, 'config_yaml_path', g.config_yaml_path,
    'created_at', g.created_at, 'updated_at', g.updated_at)
  into told
  from codered.agents g
  where g.slug = read_agent.slug;
  if not found then
    perform codered.refuse_missing('agent', read_agent.slug);
  end if;
  return told;
end
$$;
comment on function codered.read_agent(text) is 'One agent, as its YAML file has it, by slug. Refuses CR004.';
revoke execute on function codered.read_agent from public;
grant execute on function codered.read_agent to authenticated, service_role;

create function codered.describe_model(model codered.models)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', model.id, 'provider', model.provider, 'display_name', model.display_name, 'tier', model.tier,
    'input_cost_per_1k', model.input_cost_per_1k, 'output_cost_per_1k', model.output_cost_per_1k,
    'max_context_tokens', model.max_context_tokens, 'supports_tools', model.supports_tools,
    'supports_streaming', model.supports_streaming, 'supports_structured_output', model.supports_structured_output,
    'is_active', model.is_active, 'updated_at', model.updated_at)
$$;
comment on function codered.describe_model(codered.models) is 'A model as the operations tell it.';
revoke execute on function codered.describe_model from public;
grant execute on function codered.describe_model to authenticated, service_role;

create function codered.list_models(batch integer default 50, after_model text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.check_batch('batch', list_models.batch);
  return (
    select coalesce(jsonb_agg(codered.describe_model(page.model) order by page.id collate "C"), '[]')
    from (
      select m as model, m.id
      from codered.models m
      where list_models.after_model is null or m.id collate "C" > list_models.after_model
      order by m.id collate "C"
      -- One more than asked for tells whether there are more.
      limit list_models.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_models(integer, text) is
  'The models that agents may use with their prices, by id (byte order), after an id: one more than batch when there are more. Everybody who signed in reads the active ones, the operator all. Refuses CR002 (batch 1 to 500).';
revoke execute on function codered.list_models from public;
grant execute on function codered.list_models to authenticated, service_role;

create function codered.set_model(model_id text, model jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.models;
begin
  if codered.is_member_call() and not codered.is_operator() then
    raise exception 'Models and their prices are the operator''s to write.' using errcode = 'CR008';
  end if;
  select m.* into made from codered.models m where m.id = set_model.model_id for no key update;
  -- What is left out stays as it is; a new one needs provider, display_name and tier.
  made := jsonb_populate_record(
    case when found then made else jsonb_populate_record(null::codered.models,
      '{"supports_tools": false, "supports_streaming": true, "supports_structured_output": false, "is_active": true}') end,
    set_model.model);
  insert into codered.models as m (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k, max_context_tokens,
    supports_tools, supports_streaming, supports_structured_output, is_active)
  values (set_model.model_id, made.provider, made.display_name, made.tier, made.input_cost_per_1k, made.output_cost_per_1k,
    made.max_context_tokens, made.supports_tools, made.supports_streaming, made.supports_structured_output, made.is_active)
  on conflict (id) do update set
    provider = excluded.provider, display_name = excluded.display_name, tier = excluded.tier,
    input_cost_per_1k = excluded.input_cost_per_1k, output_cost_per_1k = excluded.output_cost_per_1k,
    max_context_tokens = excluded.max_context_tokens, supports_tools = excluded.supports_tools,
    supports_streaming = excluded.supports_streaming, supports_structured_output = excluded.supports_structured_output,
    is_active = excluded.is_active
  returning m.* into made;
  return codered.describe_model(made);
end
$$;
comment on function codered.set_model(text, jsonb) is
  'Changes what model names of a model, or makes one (then provider, display_name and tier are needed). What was called before keeps the cost that it had. For the operator alone. Refuses CR002 (a value), CR008 (not the operator).';
revoke execute on function codered.set_model from public;
grant execute on function codered.set_model to authenticated, service_role;
