-- The patterns by which failures are known, and which failure matched which. Old workers survive it.

create table codered.bug_patterns (
  id uuid primary key default gen_random_uuid(),
  project_id uuid references codered.projects (id) on delete cascade,
  name text not null,
  description text,
  kind text not null default 'regex',
  pattern_signature text not null,
  root_cause text not null,
  recommended_fix text not null,
  related_lessons uuid[],
  category text not null default 'other',
  severity text not null default 'error',
  docs_url text,
  priority integer not null default 0,
  position integer not null default 0,
  enabled boolean not null default true,
  source text not null default 'ui',
  hits bigint not null default 0,
  last_hit_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bug_patterns_kind_check check (kind in ('regex', 'literal')),
  constraint bug_patterns_signature_length check (char_length(pattern_signature) between 1 and 1000),
  constraint bug_patterns_name_length check (char_length(name) between 1 and 200),
  constraint bug_patterns_category_check check (category in (
    'infra', 'flaky', 'dependency', 'test', 'lint', 'type', 'build', 'config', 'resource', 'permission', 'deploy', 'other')),
  constraint bug_patterns_severity_check check (severity in ('info', 'warning', 'error', 'critical')),
  constraint bug_patterns_source_check check (source in ('builtin', 'file', 'ui', 'suggested', 'import')),
  constraint bug_patterns_hits_check check (hits >= 0)
);
create index bug_patterns_project_id_idx on codered.bug_patterns (project_id);
create unique index bug_patterns_builtin_key on codered.bug_patterns (name) where source = 'builtin' and project_id is null;
alter table codered.bug_patterns enable row level security;
create trigger bug_patterns_touch before update on codered.bug_patterns
  for each row execute function codered.touch_updated_at();
comment on table codered.bug_patterns is 'One way in which CI breaks: how to know it, its root cause, its fix. project_id null: for every project.';
comment on column codered.bug_patterns.pattern_signature is 'RE2 syntax (kind regex) or a substring (literal), tried against one cleaned line of a log.';
comment on column codered.bug_patterns.priority is 'Higher wins; among equals the lower position.';
comment on column codered.bug_patterns.position is 'Place in the pattern files it came from.';
comment on column codered.bug_patterns.hits is 'Failures it matched, counted once each.';

create table codered.error_matches (
  error_id uuid not null references codered.errors (id) on delete cascade,
  bug_pattern_id uuid not null references codered.bug_patterns (id) on delete cascade,
  line_number integer not null,
  line_text text not null,
  captures text[] not null default '{}',
  is_primary boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (error_id, bug_pattern_id)
);
create index error_matches_bug_pattern_id_idx on codered.error_matches (bug_pattern_id);
create unique index error_matches_primary_key on codered.error_matches (error_id) where is_primary;
alter table codered.error_matches enable row level security;
create trigger error_matches_touch before update on codered.error_matches
  for each row execute function codered.touch_updated_at();
comment on table codered.error_matches is 'Which patterns matched a failure; exactly one at most is the primary one.';
comment on column codered.error_matches.line_text is 'The cleaned, redacted line that matched.';
