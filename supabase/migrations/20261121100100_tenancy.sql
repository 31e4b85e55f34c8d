-- Who owns what: organisations, people, installations, projects and repositories. Old workers survive it.

create table codered.orgs (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  login text not null,
  github_account_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint orgs_login_key unique (login),
  constraint orgs_github_account_id_key unique (github_account_id),
  constraint orgs_name_length check (char_length(name) between 1 and 500),
  constraint orgs_login_length check (char_length(login) between 1 and 500)
);
alter table codered.orgs enable row level security;
create trigger orgs_touch before update on codered.orgs
  for each row execute function codered.touch_updated_at();
comment on table codered.orgs is 'A tenant: one GitHub account (organisation or user) that installed the App.';
comment on column codered.orgs.login is 'The account''s name at GitHub; it can change, github_account_id cannot.';

create table codered.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  username text,
  display_name text,
  avatar_url text,
  role text not null default 'user',
  skill_level text,
  github_login text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint profiles_username_key unique (username),
  constraint profiles_role_check check (role in ('user', 'admin')),
  constraint profiles_skill_level_check check (skill_level in ('beginner', 'intermediate', 'advanced'))
);
alter table codered.profiles enable row level security;
create trigger profiles_touch before update on codered.profiles
  for each row execute function codered.touch_updated_at();
comment on table codered.profiles is 'A person who signs in; the row of auth.users holds the credentials.';
comment on column codered.profiles.email is 'Null for people who signed up through GitHub and keep their address private.';
comment on column codered.profiles.role is 'admin is the operator of this deployment, not of an organisation.';

create table codered.memberships (
  org_id uuid not null references codered.orgs (id) on delete cascade,
  user_id uuid not null references codered.profiles (id) on delete cascade,
  role text not null default 'member',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, user_id),
  constraint memberships_role_check check (role in ('member', 'maintainer', 'admin'))
);
create index memberships_user_id_idx on codered.memberships (user_id);
alter table codered.memberships enable row level security;
create trigger memberships_touch before update on codered.memberships
  for each row execute function codered.touch_updated_at();
comment on table codered.memberships is 'Who belongs to which organisation, and as what.';

create table codered.installations (
  id bigint primary key,
  org_id uuid not null references codered.orgs (id) on delete restrict,
  account_login text not null,
  account_type text,
  repository_selection text,
  permissions jsonb,
  suspended_at timestamptz,
  deleted_at timestamptz,
  next_write_at timestamptz not null default now(),
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index installations_org_id_idx on codered.installations (org_id);
comment on column codered.installations.details_updated_at is
  'As source_updated_at, for repository_selection, permissions and suspended_at alone: a payload about a new name leaves them out.';
alter table codered.installations enable row level security;
create trigger installations_touch before update on codered.installations
  for each row execute function codered.touch_updated_at();
comment on table codered.installations is 'One installation of the App on one account; id is GitHub''s and never used again.';
comment on column codered.installations.next_write_at is
  'No request that changes something at GitHub leaves for this installation before: keeps the pace and obeys rate limits, across processes.';
comment on column codered.installations.source_updated_at is
  'GitHub''s own time of the state told here; -infinity for a row that was only mentioned.';

create table codered.projects (
  id uuid primary key default gen_random_uuid(),
  org_id uuid references codered.orgs (id) on delete restrict,
  slug text not null,
  name text not null,
  description text,
  status text not null default 'active',
  owner_user_id uuid references codered.profiles (id) on delete set null,
  rules jsonb not null default '{}',
  mode text not null default 'builder',
  phase text not null default 'planning',
  requirements_spec jsonb,
  architecture_spec jsonb,
  tech_stack text[],
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint projects_slug_key unique (slug),
  constraint projects_slug_check check (slug ~ '^[a-z0-9_]+$' and char_length(slug) <= 1100),
  constraint projects_name_length check (char_length(name) between 1 and 1000),
  constraint projects_status_check check (status in ('active', 'paused', 'archived')),
  constraint projects_mode_check check (mode in ('builder', 'student')),
  constraint projects_phase_check check (phase in ('planning', 'in-progress', 'building', 'completed', 'archived')),
  constraint projects_rules_check check (jsonb_typeof(rules) = 'object')
);
create index projects_org_id_idx on codered.projects (org_id);
create index projects_owner_user_id_idx on codered.projects (owner_user_id);
alter table codered.projects enable row level security;
create trigger projects_touch before update on codered.projects
  for each row execute function codered.touch_updated_at();
comment on table codered.projects is 'What everything belongs to; a repository without a project gets one when it is first seen.';
comment on column codered.projects.rules is
  'Zones ({"zones": {"red": ["src/billing/**"]}}), environments ({"environments": {"eu-live": "prod"}}), scope rules, gates, triggers.';

create table codered.repositories (
  id bigint primary key,
  installation_id bigint references codered.installations (id) on delete set null,
  project_id uuid references codered.projects (id) on delete set null,
  owner text not null,
  name text not null,
  default_branch text,
  private boolean,
  archived boolean,
  deleted_at timestamptz,
  source_updated_at timestamptz not null default '-infinity',
  source_delivery text not null default '',
  details_updated_at timestamptz not null default '-infinity',
  details_delivery text not null default '',
  presence_updated_at timestamptz not null default '-infinity',
  presence_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index repositories_installation_id_idx on codered.repositories (installation_id);
create index repositories_project_id_idx on codered.repositories (project_id);
create index repositories_owner_name_idx on codered.repositories (owner, name);
alter table codered.repositories enable row level security;
create trigger repositories_touch before update on codered.repositories
  for each row execute function codered.touch_updated_at();
comment on table codered.repositories is
  'A repository by GitHub''s id: a rename or a transfer changes owner and name, never makes a second row.';
comment on column codered.repositories.deleted_at is 'Deleted at GitHub, or taken from the installation.';
comment on column codered.repositories.presence_updated_at is
  'As source_updated_at, for deleted_at alone: only what tells that a repository is there or gone changes it.';
comment on column codered.repositories.details_updated_at is
  'As source_updated_at, for default_branch and archived alone: GitHub''s minimal repository leaves them out.';
