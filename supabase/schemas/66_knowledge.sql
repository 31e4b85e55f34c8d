-- Documents in pieces, and likeness by vectors.

create table codered.corpora (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  domain_tags text[] not null default '{}',
  risk_level text not null default 'internal',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint corpora_name_key unique nulls not distinct (project_id, name),
  constraint corpora_name_length check (char_length(name) between 1 and 500 or codered.refuse_value('corpora.name', name, '1 to 500 characters')),
  constraint corpora_risk_level_check check (
    risk_level in ('safe', 'internal', 'legal_critical') or codered.refuse_value('corpora.risk_level', risk_level, 'safe, internal, legal_critical'))
);
comment on table codered.corpora is 'A group of documents that are searched together. project_id null: for every project.';
alter table codered.corpora enable row level security;
create policy corpora_read on codered.corpora for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
create policy corpora_insert on codered.corpora for insert to authenticated
  with check (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())));
create policy corpora_update on codered.corpora for update to authenticated
  using (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())))
  with check (project_id in (select codered.my_projects('maintainer')) or (project_id is null and (select codered.is_operator())));
grant select on codered.corpora to authenticated;
grant insert (id, project_id, name, description, domain_tags, risk_level) on codered.corpora to authenticated;
grant update (name, description, domain_tags, risk_level) on codered.corpora to authenticated;
grant select, insert, update, delete on codered.corpora to service_role;
create trigger corpora_touch before update on codered.corpora
  for each row execute function codered.touch_updated_at();
create trigger corpora_events after insert or update or delete on codered.corpora
  for each row execute function codered.append_event('corpus');

create table codered.documents (
  id uuid primary key default gen_random_uuid(),
  corpus_id uuid not null references codered.corpora (id) on delete cascade,
  project_id uuid references codered.projects (id) on delete cascade,
  title text not null,
  source_path text not null,
  version text not null default 'v1',
  domain_tags text[] not null default '{}',
  risk_level text not null default 'internal',
  is_pinned boolean not null default false,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint documents_source_version_key unique (corpus_id, source_path, version),
  constraint documents_title_length check (char_length(title) between 1 and 500 or codered.refuse_value('documents.title', title, '1 to 500 characters')),
  constraint documents_source_path_length
    check (char_length(source_path) between 1 and 2000 or codered.refuse_value('documents.source_path', source_path, '1 to 2000 characters')),
  constraint documents_version_length check (char_length(version) between 1 and 100 or codered.refuse_value('documents.version', version, '1 to 100 characters')),
  constraint documents_risk_level_check check (
    risk_level in ('safe', 'internal', 'legal_critical') or codered.refuse_value('documents.risk_level', risk_level, 'safe, internal, legal_critical')),
  constraint documents_id_risk_key unique (id, risk_level)
);
comment on table codered.documents is 'One document in one version; its text stands in chunks, unless it is legal_critical: then only title and source are kept.';
comment on column codered.documents.source_path is 'Path in the repository, or a URL.';
comment on column codered.documents.is_pinned is 'Always given to agents, whatever they ask.';
create index documents_project_id_idx on codered.documents (project_id);
alter table codered.documents enable row level security;
create policy documents_read on codered.documents for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.documents to authenticated;
grant select, insert, update, delete on codered.documents to service_role;
create trigger documents_touch before update on codered.documents
  for each row execute function codered.touch_updated_at();
create trigger documents_same_project before insert or update of project_id, corpus_id on codered.documents
  for each row execute function codered.refuse_foreign_project('corpus_id:corpora');

create table codered.chunks (
  id uuid primary key default gen_random_uuid(),
  document_id uuid not null,
  project_id uuid references codered.projects (id) on delete cascade,
  risk_level text not null default 'internal',
  chunk_index integer not null,
  content text not null,
  token_count integer,
  embedding_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chunks_document_index_key unique (document_id, chunk_index),
  -- The level comes with the key, so that neither side can change it past the check below.
  constraint chunks_document_id_fkey foreign key (document_id, risk_level)
    references codered.documents (id, risk_level) on delete cascade on update cascade,
  constraint chunks_risk_level_check check (
    risk_level in ('safe', 'internal')
    or codered.refuse_value('chunks.risk_level', risk_level, 'safe, internal; of a legal_critical document only title and source are kept')),
  constraint chunks_chunk_index_check check (chunk_index >= 0 or codered.refuse_value('chunks.chunk_index', chunk_index, '0 or more')),
  constraint chunks_token_count_check check (token_count >= 0 or codered.refuse_value('chunks.token_count', token_count, '0 or more')),
  constraint chunks_content_length check (char_length(content) between 1 and 100000 or codered.refuse_value('chunks.content', left(content, 40), '1 to 100000 characters'))
);
comment on table codered.chunks is 'A piece of a document''s text, in order.';
comment on column codered.chunks.risk_level is 'The document''s, carried along by the foreign key: a legal_critical document can have no chunk.';
create index chunks_document_risk_idx on codered.chunks (document_id, risk_level);
create index chunks_project_id_idx on codered.chunks (project_id);
create index chunks_embedding_id_idx on codered.chunks (embedding_id);
alter table codered.chunks enable row level security;
create policy chunks_read on codered.chunks for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.chunks to authenticated;
grant select, insert, update, delete on codered.chunks to service_role;
create trigger chunks_touch before update on codered.chunks
  for each row execute function codered.touch_updated_at();
create trigger chunks_same_project before insert or update of project_id, document_id on codered.chunks
  for each row execute function codered.refuse_foreign_project('document_id:documents');

create table codered.embeddings (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  document_id uuid not null references codered.documents (id) on delete cascade,
  chunk_id uuid not null references codered.chunks (id) on delete cascade,
  model text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint embeddings_chunk_model_key unique (chunk_id, model)
);
comment on table codered.embeddings is 'The vector of a chunk, by the model that made it.';
create index embeddings_place_idx on codered.embeddings (project_id, document_id, chunk_id);
create index embeddings_document_id_idx on codered.embeddings (document_id);
alter table codered.embeddings enable row level security;
create policy embeddings_read on codered.embeddings for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.embeddings to authenticated;
grant select, insert, update, delete on codered.embeddings to service_role;
create trigger embeddings_touch before update on codered.embeddings
  for each row execute function codered.touch_updated_at();
create trigger embeddings_same_project before insert or update of project_id, document_id, chunk_id on codered.embeddings
  for each row execute function codered.refuse_foreign_project('document_id:documents', 'chunk_id:chunks');

alter table codered.chunks
  add constraint chunks_embedding_id_fkey foreign key (embedding_id) references codered.embeddings (id) on delete set null;

create table codered.pattern_embeddings (
  id uuid primary key default gen_random_uuid(),
  project_type text not null,
  metadata jsonb not null default '{}',
  success_score double precision,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pattern_embeddings_project_type_length check (
    char_length(project_type) between 1 and 100 or codered.refuse_value('pattern_embeddings.project_type', project_type, '1 to 100 characters')),
  constraint pattern_embeddings_success_score_check
    check (success_score between 0 and 1 or codered.refuse_value('pattern_embeddings.success_score', success_score, '0 to 1'))
);
comment on table codered.pattern_embeddings is 'Architectures that worked, to be found by likeness; the same for everybody.';
comment on column codered.pattern_embeddings.project_type is 'Open: saas, ecommerce, social, …';
comment on column codered.pattern_embeddings.success_score is '0 to 1: how well it worked.';
create index pattern_embeddings_project_type_idx on codered.pattern_embeddings (project_type);
alter table codered.pattern_embeddings enable row level security;
create policy pattern_embeddings_read on codered.pattern_embeddings for select to authenticated using (true);
grant select on codered.pattern_embeddings to authenticated;
grant select, insert, update, delete on codered.pattern_embeddings to service_role;
create trigger pattern_embeddings_touch before update on codered.pattern_embeddings
  for each row execute function codered.touch_updated_at();

-- A bare Postgres may lack pgvector: then only these two columns and what rests on them are left out.
do $$
declare
  path_before constant text := current_setting('search_path');
begin
  if exists (select from pg_catalog.pg_extension where extname = 'vector') then
    -- Wherever the extension was put: Supabase and bootstrap.sql use the schema extensions.
    perform set_config('search_path',
      (select n.nspname::text from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'), true);
    alter table codered.embeddings add column embedding vector(1536);
    create index embeddings_embedding_idx on codered.embeddings using hnsw (embedding vector_cosine_ops);
    comment on column codered.embeddings.embedding is '1,536 dimensions, as the common models make them; compared by cosine.';
    alter table codered.pattern_embeddings add column embedding vector(1536);
    create index pattern_embeddings_embedding_idx on codered.pattern_embeddings using hnsw (embedding vector_cosine_ops);
    comment on column codered.pattern_embeddings.embedding is '1,536 dimensions; compared by cosine.';
    perform set_config('search_path', path_before, true);
  end if;
end
$$;

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
revoke execute on function codered.store_document from public;
grant execute on function codered.store_document to service_role;

create function codered.describe_corpus(corpus codered.corpora)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', corpus.id, 'project_id', corpus.project_id, 'name', corpus.name, 'description', corpus.description,
    'domain_tags', corpus.domain_tags, 'risk_level', corpus.risk_level, 'created_at', corpus.created_at, 'updated_at', corpus.updated_at)
$$;
comment on function codered.describe_corpus(codered.corpora) is 'A corpus as the operations tell it.';
revoke execute on function codered.describe_corpus from public;
grant execute on function codered.describe_corpus to authenticated, service_role;

create function codered.list_corpora(
  project_id uuid, batch integer default 50, after_name text default null, after_corpus uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_corpora.project_id);
  perform codered.check_batch('batch', list_corpora.batch);
  perform codered.check_place('after_corpus', num_nulls(list_corpora.after_name, list_corpora.after_corpus), 2);
  return (
    select coalesce(jsonb_agg(codered.describe_corpus(page.corpus) order by page.name collate "C", page.id), '[]')
    from (
      select c as corpus, c.name, c.id
      from codered.corpora c
      where (c.project_id = list_corpora.project_id or c.project_id is null)
        and (
          list_corpora.after_corpus is null
          or (c.name collate "C", c.id) > (list_corpora.after_name collate "C", list_corpora.after_corpus)
        )
      order by c.name collate "C", c.id
      -- One more than asked for tells whether there are more.
      limit list_corpora.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_corpora(uuid, integer, text, uuid) is
  'The groups of documents that a project has, and those of everybody (project_id null), by name (byte order), after a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project).';
revoke execute on function codered.list_corpora from public;
grant execute on function codered.list_corpora to authenticated, service_role;

create function codered.create_corpus(project_id uuid, corpus jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.corpora;
begin
  perform codered.require_project(create_corpus.project_id);
  if codered.is_member_call() and create_corpus.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'A corpus is a maintainer''s to make.' using errcode = 'CR008';
  end if;
  insert into codered.corpora (project_id, name, description, domain_tags, risk_level)
  select create_corpus.project_id, w.name, w.description, coalesce(w.domain_tags, '{}'), coalesce(w.risk_level, 'internal')
  from jsonb_populate_record(null::codered.corpora, create_corpus.corpus) as w
  returning * into made;
  return codered.describe_corpus(made);
end
$$;
comment on function codered.create_corpus(uuid, jsonb) is
  'Makes a group of documents in a project: {name, description, domain_tags, risk_level (internal)}; returns it. For maintainers. Refuses CR002 (a value), CR003 (project retired), CR004 (no such project), CR008 (no maintainer), 23505 (there is one of that name).';
revoke execute on function codered.create_corpus from public;
grant execute on function codered.create_corpus to authenticated, service_role;

create function codered.update_corpus(project_id uuid, corpus_id uuid, corpus jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  made codered.corpora;
begin
  perform codered.require_project(update_corpus.project_id);
  if codered.is_member_call() and update_corpus.project_id not in (select codered.my_projects('maintainer')) then
    raise exception 'A corpus is a maintainer''s to change.' using errcode = 'CR008';
  end if;
  select c.* into made
  from codered.corpora c
  where c.id = update_corpus.corpus_id and c.project_id = update_corpus.project_id
  for no key update;
  if not found then
    perform codered.refuse_missing('corpus', update_corpus.corpus_id::text);
  end if;
  made := jsonb_populate_record(made, update_corpus.corpus);
  update codered.corpora c
  set name = made.name, description = made.description, domain_tags = made.domain_tags, risk_level = made.risk_level
  where c.id = update_corpus.corpus_id
  returning c.* into made;
  return codered.describe_corpus(made);
end
$$;
comment on function codered.update_corpus(uuid, uuid, jsonb) is
  'Changes what corpus names of a group of documents of the project, and nothing else; its documents keep their own tags and risk level. Returns it. For maintainers. Refuses CR002 (a value), CR003 (project retired), CR004, CR008 (no maintainer).';
revoke execute on function codered.update_corpus from public;
grant execute on function codered.update_corpus to authenticated, service_role;

create function codered.list_documents(
  project_id uuid, corpus_id uuid, batch integer default 50, after_source text default null, after_version text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  perform codered.require_project(list_documents.project_id);
  perform codered.check_batch('batch', list_documents.batch);
  perform codered.check_place('after_version', num_nulls(list_documents.after_source, list_documents.after_version), 2);
  if not exists (
    select from codered.corpora c
    where c.id = list_documents.corpus_id and (c.project_id = list_documents.project_id or c.project_id is null)
  ) then
    perform codered.refuse_missing('corpus', list_documents.corpus_id::text);
  end if;
  return (
    select coalesce(jsonb_agg(page.item order by page.source_path, page.version), '[]')
    from (
      select d.source_path, d.version, jsonb_build_object(
        'id', d.id, 'corpus_id', d.corpus_id, 'title', d.title, 'source_path', d.source_path, 'version', d.version,
        'domain_tags', d.domain_tags, 'risk_level', d.risk_level, 'is_pinned', d.is_pinned, 'created_at', d.created_at,
        'updated_at', d.updated_at) as item
      from codered.documents d
      where d.corpus_id = list_documents.corpus_id
        and d.deleted_at is null
        and (
          list_documents.after_version is null
          or (d.source_path, d.version) > (list_documents.after_source, list_documents.after_version)
        )
      order by d.source_path, d.version
      -- One more than asked for tells whether there are more.
      limit list_documents.batch + 1
    ) as page
  );
end
$$;
comment on function codered.list_documents(uuid, uuid, integer, text, text) is
  'The documents of a corpus of the project, or of everybody, by source and version, without their text, after a place in that order: one more than batch when there are more. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004.';
revoke execute on function codered.list_documents from public;
grant execute on function codered.list_documents to authenticated, service_role;

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
revoke execute on function codered.retire_document from public;
grant execute on function codered.retire_document to service_role;

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
