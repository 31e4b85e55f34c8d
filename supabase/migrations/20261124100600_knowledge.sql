-- What can be looked up: corpora with documents, chunks and embeddings; what a project's agents keep. Old workers survive it.

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
alter table codered.corpora enable row level security;
create policy corpora_read on codered.corpora for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.corpora to authenticated;
create trigger corpora_touch before update on codered.corpora
  for each row execute function codered.touch_updated_at();
comment on table codered.corpora is 'A group of documents that are searched together. project_id null: for every project.';

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
create index documents_project_id_idx on codered.documents (project_id);
alter table codered.documents enable row level security;
create policy documents_read on codered.documents for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.documents to authenticated;
create trigger documents_touch before update on codered.documents
  for each row execute function codered.touch_updated_at();
create trigger documents_same_project before insert or update of project_id, corpus_id on codered.documents
  for each row execute function codered.refuse_foreign_project('corpus_id:corpora');
comment on table codered.documents is 'One document in one version; its text stands in chunks, unless it is legal_critical: then only title and source are kept.';
comment on column codered.documents.source_path is 'Path in the repository, or a URL.';
comment on column codered.documents.is_pinned is 'Always told to agents, whatever they ask.';

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
create index chunks_document_risk_idx on codered.chunks (document_id, risk_level);
create index chunks_project_id_idx on codered.chunks (project_id);
create index chunks_embedding_id_idx on codered.chunks (embedding_id);
alter table codered.chunks enable row level security;
create policy chunks_read on codered.chunks for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.chunks to authenticated;
create trigger chunks_touch before update on codered.chunks
  for each row execute function codered.touch_updated_at();
create trigger chunks_same_project before insert or update of project_id, document_id on codered.chunks
  for each row execute function codered.refuse_foreign_project('document_id:documents');
comment on table codered.chunks is 'A piece of a document''s text, in order.';
comment on column codered.chunks.risk_level is 'The document''s, carried along by the foreign key: a legal_critical document can have no chunk.';

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
create index embeddings_place_idx on codered.embeddings (project_id, document_id, chunk_id);
create index embeddings_document_id_idx on codered.embeddings (document_id);
alter table codered.embeddings enable row level security;
create policy embeddings_read on codered.embeddings for select to authenticated
  using (project_id is null or project_id in (select codered.my_projects()));
grant select on codered.embeddings to authenticated;
create trigger embeddings_touch before update on codered.embeddings
  for each row execute function codered.touch_updated_at();
create trigger embeddings_same_project before insert or update of project_id, document_id, chunk_id on codered.embeddings
  for each row execute function codered.refuse_foreign_project('document_id:documents', 'chunk_id:chunks');
comment on table codered.embeddings is 'The vector of a chunk, by the model that made it.';
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
create index pattern_embeddings_project_type_idx on codered.pattern_embeddings (project_type);
alter table codered.pattern_embeddings enable row level security;
create policy pattern_embeddings_read on codered.pattern_embeddings for select to authenticated using (true);
grant select on codered.pattern_embeddings to authenticated;
create trigger pattern_embeddings_touch before update on codered.pattern_embeddings
  for each row execute function codered.touch_updated_at();
comment on table codered.pattern_embeddings is 'Architectures that worked, to be found by likeness; the same for everybody.';
comment on column codered.pattern_embeddings.project_type is 'Open: saas, ecommerce, social, …';
comment on column codered.pattern_embeddings.success_score is '0 to 1: how well it worked.';

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

create table codered.project_files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  path text not null,
  content text,
  language text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_files_path_key unique (project_id, path),
  constraint project_files_path_check check (
    (char_length(path) between 1 and 1000 and path !~ '(^/|/$|(^|/)\.\.?(/|$)|//|[\\\x01-\x1f])')
    or codered.refuse_value('project_files.path', path, 'a relative path of a file, names joined by / and none of them . or .., at most 1000 characters')),
  constraint project_files_content_bytes
    check (octet_length(content) <= 2097152 or codered.refuse_value('project_files.content', octet_length(content), 'at most 2097152 bytes')),
  constraint project_files_version_check check (version >= 1 or codered.refuse_value('project_files.version', version, '1 or more'))
);
alter table codered.project_files enable row level security;
create policy project_files_read on codered.project_files for select to authenticated using (project_id in (select codered.my_projects()));
create policy project_files_insert on codered.project_files for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy project_files_update on codered.project_files for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy project_files_delete on codered.project_files for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.project_files to authenticated;
create trigger project_files_touch before update on codered.project_files
  for each row execute function codered.touch_updated_at();
comment on table codered.project_files is 'The files of a project that agents write; one row a path.';
comment on column codered.project_files.version is 'Counted by trigger: one more whenever content changes.';
comment on column codered.project_files.language is 'Open: typescript, python, css, …';

create table codered.learning_roadmaps (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  title text,
  description text,
  skill_level text,
  total_estimated_hours numeric(6, 2),
  modules jsonb not null,
  current_step_index integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint learning_roadmaps_title_length
    check (char_length(title) between 1 and 200 or codered.refuse_value('learning_roadmaps.title', title, '1 to 200 characters')),
  constraint learning_roadmaps_skill_level_check check (
    skill_level in ('beginner', 'intermediate', 'advanced')
    or codered.refuse_value('learning_roadmaps.skill_level', skill_level, 'beginner, intermediate, advanced')),
  constraint learning_roadmaps_hours_check check (
    (total_estimated_hours > 0 and total_estimated_hours <= 500)
    or codered.refuse_value('learning_roadmaps.total_estimated_hours', total_estimated_hours, 'more than 0, at most 500')),
  constraint learning_roadmaps_modules_check
    check (jsonb_typeof(modules) = 'array' or codered.refuse_value('learning_roadmaps.modules', modules, 'a JSON array')),
  constraint learning_roadmaps_step_check
    check (current_step_index >= 0 or codered.refuse_value('learning_roadmaps.current_step_index', current_step_index, '0 or more'))
);
create index learning_roadmaps_project_id_idx on codered.learning_roadmaps (project_id);
alter table codered.learning_roadmaps enable row level security;
create policy learning_roadmaps_read on codered.learning_roadmaps for select to authenticated using (project_id in (select codered.my_projects()));
create policy learning_roadmaps_insert on codered.learning_roadmaps for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_update on codered.learning_roadmaps for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy learning_roadmaps_delete on codered.learning_roadmaps for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.learning_roadmaps to authenticated;
create trigger learning_roadmaps_touch before update on codered.learning_roadmaps
  for each row execute function codered.touch_updated_at();
comment on table codered.learning_roadmaps is 'What somebody learns while building a project, step by step.';
comment on column codered.learning_roadmaps.modules is '[{"title", "description", "steps", "estimated_hours", "prerequisites", "is_locked"}].';

create table codered.daily_sessions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references codered.projects (id) on delete cascade,
  transcript jsonb not null default '[]',
  concepts_covered text[] not null default '{}',
  duration_minutes integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint daily_sessions_transcript_check
    check (jsonb_typeof(transcript) = 'array' or codered.refuse_value('daily_sessions.transcript', transcript, 'a JSON array')),
  constraint daily_sessions_duration_check
    check (duration_minutes between 0 and 1440 or codered.refuse_value('daily_sessions.duration_minutes', duration_minutes, '0 to 1440'))
);
create index daily_sessions_project_id_idx on codered.daily_sessions (project_id, created_at desc);
alter table codered.daily_sessions enable row level security;
create policy daily_sessions_read on codered.daily_sessions for select to authenticated using (project_id in (select codered.my_projects()));
create policy daily_sessions_insert on codered.daily_sessions for insert to authenticated with check (project_id in (select codered.my_projects()));
create policy daily_sessions_update on codered.daily_sessions for update to authenticated
  using (project_id in (select codered.my_projects())) with check (project_id in (select codered.my_projects()));
create policy daily_sessions_delete on codered.daily_sessions for delete to authenticated using (project_id in (select codered.my_projects()));
grant select, insert, update, delete on codered.daily_sessions to authenticated;
create trigger daily_sessions_touch before update on codered.daily_sessions
  for each row execute function codered.touch_updated_at();
comment on table codered.daily_sessions is 'A talk between learner and mentor.';
comment on column codered.daily_sessions.transcript is '[{"role": "user" | "mentor", "content"}].';
