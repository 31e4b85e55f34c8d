-- What agents write down: files, curricula, documents, lessons, and themselves from their YAML. Old workers survive it.

create function codered.count_file_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.version := 1;
  else
    new.version := old.version + case when new.content is distinct from old.content then 1 else 0 end;
  end if;
  return new;
end
$$;
comment on function codered.count_file_version() is 'Counts project_files.version: 1 at first, one more whenever content changes, whatever is written there.';
revoke execute on function codered.count_file_version() from public;
create trigger project_files_version before insert or update on codered.project_files
  for each row execute function codered.count_file_version();
alter table codered.project_files
  add constraint project_files_language_length
    check (char_length(language) between 1 and 50 or codered.refuse_value('project_files.language', language, '1 to 50 characters'));

create function codered.write_project_file(project_id uuid, path text, content text, language text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  written codered.project_files;
begin
  perform codered.require_project(write_project_file.project_id);
  insert into codered.project_files as f (project_id, path, content, language)
  values (write_project_file.project_id, write_project_file.path, write_project_file.content, write_project_file.language)
  on conflict on constraint project_files_path_key do update
    set content = excluded.content, language = coalesce(excluded.language, f.language)
  returning f.* into written;
  return jsonb_build_object('id', written.id, 'path', written.path, 'version', written.version);
end
$$;
comment on function codered.write_project_file(uuid, text, text, text) is
  'Writes a file of a project and returns {id, path, version}; version grows only when content changed, language stays when left out. Refuses CR002 (path, over 2 MB), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.write_project_file(uuid, text, text, text) from public;
grant execute on function codered.write_project_file(uuid, text, text, text) to authenticated, service_role;

create function codered.accept_modules(what text, modules jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_modules.what, accept_modules.modules, '{
    "is": "list", "from": 1, "of": {
      "is": "object", "optional": ["description", "estimated_hours", "prerequisites", "is_locked"], "keys": {
        "title": {"is": "text", "from": 1, "to": 200},
        "description": {"is": "text"},
        "steps": {"is": "list", "of": {"is": "text"}},
        "estimated_hours": {"is": "number", "from": 0, "to": 100, "open": true},
        "prerequisites": {"is": "list", "of": {"is": "text"}},
        "is_locked": {"is": "boolean"}
      }
    }
  }')
$$;
comment on function codered.accept_modules(text, jsonb) is
  'True for the modules of a roadmap as document 002 has them (one or more; title and steps required); raises CR002 with index and key otherwise.';

create function codered.accept_transcript(what text, transcript jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_transcript.what, accept_transcript.transcript, '{
    "is": "list", "of": {"is": "object", "keys": {"role": {"is": "word", "of": ["user", "mentor"]}, "content": {"is": "text"}}}
  }')
$$;
comment on function codered.accept_transcript(text, jsonb) is
  'True for [{"role": "user" | "mentor", "content"}]; raises CR002 with index and key otherwise.';

create function codered.accept_requirements(what text, spec jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_requirements.what, accept_requirements.spec, '{
    "is": "object", "optional": ["technical_constraints"], "keys": {
      "app_name": {"is": "text", "from": 1, "to": 100},
      "elevator_pitch": {"is": "text", "from": 20, "to": 500},
      "target_audience": {"is": "list", "of": {"is": "object", "keys": {
        "role": {"is": "text", "from": 1, "to": 100},
        "goal": {"is": "text", "from": 1, "to": 200},
        "pain_point": {"is": "text", "from": 1, "to": 200}
      }}},
      "core_features": {"is": "list", "of": {"is": "object", "keys": {
        "name": {"is": "text", "from": 1, "to": 100},
        "description": {"is": "text", "from": 1, "to": 500},
        "priority": {"is": "word", "of": ["must-have", "should-have", "nice-to-have"]}
      }}},
      "recommended_stack": {"is": "list", "of": {"is": "text"}},
      "technical_constraints": {"is": "text"}
    }
  }')
$$;
comment on function codered.accept_requirements(text, jsonb) is
  'True for what document 002''s research agent writes; raises CR002 with the way to what is wrong otherwise, unknown keys among it.';

create function codered.accept_architecture(what text, spec jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select codered.accept_shape(accept_architecture.what, accept_architecture.spec, '{
    "is": "object", "keys": {
      "site_map": {"is": "list", "of": {"is": "object", "keys": {
        "path": {"is": "text", "from": 1, "to": 200},
        "description": {"is": "text"},
        "components": {"is": "list", "of": {"is": "object", "keys": {
          "name": {"is": "text", "from": 1, "to": 100},
          "props": {"is": "list", "of": {"is": "text"}},
          "children": {"is": "list", "of": {"is": "text"}}
        }}}
      }}},
      "global_state_needs": {"is": "list", "of": {"is": "text"}},
      "theme_colors": {"is": "list", "of": {"is": "text"}}
    }
  }')
$$;
comment on function codered.accept_architecture(text, jsonb) is
  'True for what document 002''s wireframe agent writes; raises CR002 with the way to what is wrong otherwise, unknown keys among it.';
revoke execute on function codered.accept_modules(text, jsonb), codered.accept_transcript(text, jsonb),
  codered.accept_requirements(text, jsonb), codered.accept_architecture(text, jsonb) from public;
grant execute on function codered.accept_modules(text, jsonb), codered.accept_transcript(text, jsonb),
  codered.accept_requirements(text, jsonb), codered.accept_architecture(text, jsonb) to authenticated, service_role;

alter table codered.learning_roadmaps
  drop constraint learning_roadmaps_modules_check,
  add constraint learning_roadmaps_modules_check check (codered.accept_modules('learning_roadmaps.modules', modules)),
  add constraint learning_roadmaps_modules_bytes check (
    octet_length(modules::text) <= 1048576 or codered.refuse_value('learning_roadmaps.modules', octet_length(modules::text), 'at most 1048576 bytes')),
  add constraint learning_roadmaps_description_length check (
    char_length(description) <= 20000 or codered.refuse_value('learning_roadmaps.description', description, 'at most 20000 characters'));
alter table codered.daily_sessions
  drop constraint daily_sessions_transcript_check,
  add constraint daily_sessions_transcript_check check (codered.accept_transcript('daily_sessions.transcript', transcript)),
  add constraint daily_sessions_transcript_bytes check (
    octet_length(transcript::text) <= 8388608
    or codered.refuse_value('daily_sessions.transcript', octet_length(transcript::text), 'at most 8388608 bytes'));
alter table codered.projects
  add constraint projects_requirements_spec_check check (codered.accept_requirements('projects.requirements_spec', requirements_spec)),
  add constraint projects_requirements_spec_bytes check (
    octet_length(requirements_spec::text) <= 1048576
    or codered.refuse_value('projects.requirements_spec', octet_length(requirements_spec::text), 'at most 1048576 bytes')),
  add constraint projects_architecture_spec_check check (codered.accept_architecture('projects.architecture_spec', architecture_spec)),
  add constraint projects_architecture_spec_bytes check (
    octet_length(architecture_spec::text) <= 1048576
    or codered.refuse_value('projects.architecture_spec', octet_length(architecture_spec::text), 'at most 1048576 bytes'));

create function codered.check_lesson_source()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  source_table constant text := case new.source_type when 'agent_run' then 'agent_runs' when 'ci_event' then 'ci_events' end;
  is_there boolean;
begin
  -- The lesson outlives its source: only a new claim is checked.
  if source_table is null or new.source_id is null
    or (tg_op = 'UPDATE' and (new.project_id, new.source_type, new.source_id) = (old.project_id, old.source_type, old.source_id)) then
    return new;
  end if;
  execute format('select exists (select from codered.%I t where t.id = $1 and t.project_id = $2)', source_table)
    into is_there using new.source_id, new.project_id;
  if not is_there then
    raise exception 'lessons.source_id is "%": there is no such row of % in this project.', new.source_id, source_table
      using errcode = 'CR007', table = 'lessons', column = 'source_id', hint = 'Allowed: an id of the project that project_id names.';
  end if;
  return new;
end
$$;
comment on function codered.check_lesson_source() is
  'Refuses (CR007) a lesson whose agent run or CI event is not there or belongs to another project. Security definer, because what the caller may not see has to be refused in the same words as what is not there.';
revoke execute on function codered.check_lesson_source() from public;
create trigger lessons_source before insert or update of project_id, source_type, source_id on codered.lessons
  for each row execute function codered.check_lesson_source();

create function codered.store_document(document jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  found_corpus codered.corpora;
  stored uuid;
  given_level text;
  wanted_version constant text := coalesce(document ->> 'version', 'v1');
  new_chunks jsonb;
  tags text[];
  written integer;
  removed integer;
begin
  perform codered.accept_shape('document', coalesce(document, 'null'), '{
    "is": "object",
    "optional": ["corpus_id", "corpus", "project_id", "version", "domain_tags", "risk_level", "is_pinned", "chunks"],
    "keys": {
      "corpus_id": {"is": "text", "from": 36, "to": 36}, "corpus": {"is": "text", "from": 1, "to": 500},
      "project_id": {"is": "text", "from": 36, "to": 36},
      "title": {"is": "text", "from": 1, "to": 500}, "source_path": {"is": "text", "from": 1, "to": 2000},
      "version": {"is": "text", "from": 1, "to": 100},
      "domain_tags": {"is": "list", "to": 100, "of": {"is": "text", "from": 1, "to": 200}},
      "risk_level": {"is": "word", "of": ["safe", "internal", "legal_critical"]},
      "is_pinned": {"is": "boolean"},
      "chunks": {"is": "list", "to": 10000, "of": {"is": "object", "optional": ["token_count"], "keys": {
        "content": {"is": "text", "from": 1, "to": 100000}, "token_count": {"is": "whole", "from": 0, "to": 2147483647}
      }}}
    }
  }');
  if (document ->> 'corpus_id' is null) = (document ->> 'corpus' is null) then
    raise exception 'document has corpus_id % and corpus %; allowed: one of the two.',
      coalesce(document ->> 'corpus_id', 'null'), coalesce(document ->> 'corpus', 'null') using errcode = 'CR002';
  end if;
  select c.* into found_corpus
  from codered.corpora c
  where case when document ->> 'corpus_id' is not null
      then c.id::text = lower(document ->> 'corpus_id') and (document ->> 'project_id' is null or c.project_id::text = lower(document ->> 'project_id'))
      else c.name = document ->> 'corpus' and c.project_id::text is not distinct from lower(document ->> 'project_id') end;
  if not found then
    raise exception 'There is no corpus "%"%.', coalesce(document ->> 'corpus_id', document ->> 'corpus'),
      case when document ->> 'project_id' is null then '' else format(' in project "%s"', document ->> 'project_id') end
      using errcode = 'CR004';
  end if;
  given_level := coalesce(document ->> 'risk_level', found_corpus.risk_level);
  new_chunks := coalesce(nullif(document -> 'chunks', 'null'), '[]');
  if given_level = 'legal_critical' and jsonb_array_length(new_chunks) > 0 then
    raise exception 'document.chunks has % entries; allowed: none, of a legal_critical document only title and source are kept.',
      jsonb_array_length(new_chunks) using errcode = 'CR002', table = 'documents';
  end if;
  tags := case when jsonb_typeof(document -> 'domain_tags') = 'array'
    then array(select jsonb_array_elements_text(document -> 'domain_tags')) else found_corpus.domain_tags end;
  insert into codered.documents (corpus_id, project_id, title, source_path, version, domain_tags, risk_level, is_pinned)
  values (
    found_corpus.id, found_corpus.project_id, document ->> 'title', document ->> 'source_path', wanted_version, tags, given_level,
    coalesce((document ->> 'is_pinned')::boolean, false)
  )
  on conflict on constraint documents_source_version_key do nothing;
  -- Two who store the same document do it one after the other.
  select d.id into strict stored
  from codered.documents d
  where d.corpus_id = found_corpus.id and d.source_path = document ->> 'source_path' and d.version = wanted_version
  for update;
  -- Deleted and not changed, as the vectors of what a chunk said before go with it; and before the level is raised, which
  -- chunks would stand in the way of.
  delete from codered.chunks ch
  where ch.document_id = stored
    and ch.content is distinct from new_chunks -> ch.chunk_index ->> 'content';
  get diagnostics removed = row_count;
  update codered.documents d
  set title = document ->> 'title', domain_tags = tags, risk_level = given_level,
    is_pinned = coalesce((document ->> 'is_pinned')::boolean, false), deleted_at = null
  where d.id = stored
    and (d.title, d.domain_tags, d.risk_level, d.is_pinned, d.deleted_at)
      is distinct from (document ->> 'title', tags, given_level, coalesce((document ->> 'is_pinned')::boolean, false), null::timestamptz);
  insert into codered.chunks as ch (document_id, project_id, risk_level, chunk_index, content, token_count)
  select stored, found_corpus.project_id, given_level, n.place - 1, n.entry ->> 'content', (n.entry ->> 'token_count')::integer
  from jsonb_array_elements(new_chunks) with ordinality as n (entry, place)
  on conflict on constraint chunks_document_index_key do update set token_count = excluded.token_count
    where ch.token_count is distinct from excluded.token_count;
  get diagnostics written = row_count;
  return jsonb_build_object(
    'id', stored, 'version', wanted_version, 'chunks', jsonb_array_length(new_chunks), 'written', written, 'removed', removed
  );
end
$$;
comment on function codered.store_document(jsonb) is
  'Stores {corpus_id or corpus (name; with project_id unless it is everybody''s), title, source_path, version (v1), domain_tags and risk_level (the corpus''s), is_pinned, chunks: [{content, token_count}]} in place of what has the same corpus, source_path and version, and brings it back if it was retired. Chunks that say the same stay with their vectors, all others are replaced. Returns {id, version, chunks, written, removed}; the same again writes nothing. Refuses CR002 (shape, text in a legal_critical document), CR004 (no such corpus).';
revoke execute on function codered.store_document(jsonb) from public;
grant execute on function codered.store_document(jsonb) to service_role;

create function codered.retire_document(id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  retired timestamptz;
begin
  update codered.documents d set deleted_at = coalesce(d.deleted_at, now()) where d.id = retire_document.id returning d.deleted_at into retired;
  if not found then
    raise exception 'There is no document "%".', retire_document.id using errcode = 'CR004';
  end if;
  return jsonb_build_object('id', retire_document.id, 'deleted_at', retired);
end
$$;
comment on function codered.retire_document(uuid) is
  'Takes a document out of use and keeps it, chunks and all; returns {id, deleted_at}, twice the same. store_document brings it back. CR004 when there is none.';
revoke execute on function codered.retire_document(uuid) from public;
grant execute on function codered.retire_document(uuid) to service_role;

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
revoke execute on function codered.upsert_agents(jsonb) from public;
grant execute on function codered.upsert_agents(jsonb) to service_role;

-- A bare Postgres may lack pgvector: then there is nothing to search by likeness, and no function for it.
do $do$
declare
  place constant text := (
    select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
  );
begin
  if place is null then
    return;
  end if;
  execute format($create$
    create function codered.match_patterns(query_embedding %1$I.vector, match_count integer, filter_type text default null)
    returns table (id uuid, project_type text, metadata jsonb, success_score double precision, similarity double precision)
    language plpgsql
    stable
    set search_path = ''
    as $$
    begin
      if coalesce(match_patterns.match_count, 0) not between 1 and 200 then
        perform codered.refuse_value('match_count', coalesce(match_patterns.match_count::text, 'null'), '1 to 200');
      end if;
      if %1$I.vector_dims(match_patterns.query_embedding) <> 1536 then
        perform codered.refuse_value('query_embedding', %1$I.vector_dims(match_patterns.query_embedding), '1536 dimensions');
      end if;
      -- The index gives no more rows than this, and pgvector's 40 would be fewer than were asked for.
      perform set_config('hnsw.ef_search', '200', true);
      -- Where pgvector can (0.8), it looks on until enough rows have the type that is wanted.
      if current_setting('hnsw.iterative_scan', true) is not null then
        perform set_config('hnsw.iterative_scan', 'strict_order', true);
      end if;
      return query
        select p.id, p.project_type, p.metadata, p.success_score, 1 - (p.embedding operator(%1$I.<=>) match_patterns.query_embedding)
        from codered.pattern_embeddings p
        where p.embedding is not null
          and (match_patterns.filter_type is null or p.project_type = match_patterns.filter_type)
        order by p.embedding operator(%1$I.<=>) match_patterns.query_embedding
        limit match_patterns.match_count;
    end
    $$
  $create$, place);
  comment on function codered.match_patterns is
    'The patterns most like the vector, by cosine (similarity: 1 the same direction, 0 nothing in common, -1 opposite), best first, of one project_type or of all. Approximate: by the HNSW index. CR002 for a match_count outside 1 to 200 or other than 1,536 dimensions.';
  revoke execute on function codered.match_patterns from public;
  grant execute on function codered.match_patterns to authenticated, service_role;
end
$do$;
