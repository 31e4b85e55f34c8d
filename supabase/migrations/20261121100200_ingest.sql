-- What comes in and what goes out: the inbox, commits, pull requests and the outbox to GitHub. Old workers survive it.

create table codered.webhook_deliveries (
  app_id bigint not null,
  guid text not null,
  event text not null,
  action text,
  installation_id bigint,
  repository_id bigint,
  payload json not null,
  received_at timestamptz not null default now(),
  status text not null default 'pending',
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  last_error text,
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (app_id, guid),
  constraint webhook_deliveries_guid_length check (char_length(guid) between 1 and 100),
  constraint webhook_deliveries_event_length check (char_length(event) between 1 and 100),
  constraint webhook_deliveries_status_check
    check (status in ('pending', 'processing', 'done', 'failed', 'dead', 'ignored')),
  constraint webhook_deliveries_attempts_check check (attempts >= 0)
);
create index webhook_deliveries_due_idx on codered.webhook_deliveries (available_at)
  where status in ('pending', 'processing', 'failed');
create index webhook_deliveries_received_at_idx on codered.webhook_deliveries (received_at);
create index webhook_deliveries_dead_idx on codered.webhook_deliveries (received_at) where status = 'dead';
-- Postgres' own compression of a payload costs more time than all else that the inbox does.
do $$
begin
  alter table codered.webhook_deliveries alter column payload set compression lz4;
exception
  when feature_not_supported then
    alter table codered.webhook_deliveries alter column payload set storage external;
end
$$;
alter table codered.webhook_deliveries enable row level security;
create trigger webhook_deliveries_touch before update on codered.webhook_deliveries
  for each row execute function codered.touch_updated_at();
comment on table codered.webhook_deliveries is
  'The inbox: every delivery that was answered 202 stands here, and stays until it is done, ignored with a reason, or dead.';
comment on column codered.webhook_deliveries.guid is
  'X-GitHub-Delivery. Two Apps on one event share it and a redelivery reuses it, hence the key with app_id.';
comment on column codered.webhook_deliveries.payload is
  'json, not jsonb: the body as GitHub sent it; jsonb refuses \u0000 and lone surrogates, which a stranger can put into a commit message.';
comment on column codered.webhook_deliveries.installation_id is
  'As the payload says; no foreign key, because a delivery is stored before anything is known of it.';
comment on column codered.webhook_deliveries.available_at is
  'When it may be claimed; while it is processed, when the lease ends and it may be claimed again.';

create table codered.commits (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  sha text not null,
  ref text,
  message text not null,
  author text,
  authored_at timestamptz,
  pushed_at timestamptz,
  files text[] not null default '{}',
  zones_touched text[],
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, sha),
  constraint commits_sha_check check (sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  constraint commits_message_length check (char_length(message) <= 4000)
);
create index commits_pushed_at_idx on codered.commits (repository_id, pushed_at);
alter table codered.commits enable row level security;
create trigger commits_touch before update on codered.commits
  for each row execute function codered.touch_updated_at();
comment on table codered.commits is 'Commits that a push or a merge group brought; for lead time and zones.';
comment on column codered.commits.ref is 'Where it was pushed first.';
comment on column codered.commits.files is 'Paths added, changed or removed, as far as the push lists them (GitHub cuts at its own limit).';

create table codered.pull_requests (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  number integer not null,
  title text not null,
  html_url text not null,
  head_sha text not null,
  head_ref text not null,
  head_repository_id bigint,
  base_ref text not null,
  base_sha text not null,
  state text not null,
  draft boolean not null,
  author text,
  opened_at timestamptz not null,
  merged_at timestamptz,
  merge_commit_sha text,
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, number),
  constraint pull_requests_state_check check (state in ('open', 'closed', 'merged')),
  constraint pull_requests_number_check check (number > 0)
);
create index pull_requests_head_sha_idx on codered.pull_requests (repository_id, head_sha);
create index pull_requests_head_ref_idx on codered.pull_requests (repository_id, head_ref);
create index pull_requests_merge_commit_sha_idx on codered.pull_requests (repository_id, merge_commit_sha);
alter table codered.pull_requests enable row level security;
create trigger pull_requests_touch before update on codered.pull_requests
  for each row execute function codered.touch_updated_at();
comment on table codered.pull_requests is
  'Our own list of pull requests: GitHub names none in the runs of a fork''s pull request, so they are found by head SHA here.';
comment on column codered.pull_requests.head_repository_id is 'The fork it comes from, else this repository; null when the fork is gone. Not necessarily a repository we know.';

create table codered.publications (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  kind text not null,
  target text not null,
  generation integer not null default 1,
  desired jsonb not null,
  desired_hash text not null,
  published_hash text,
  published_conclusion text,
  github_id bigint,
  published_at timestamptz,
  attempts integer not null default 0,
  available_at timestamptz not null default now(),
  locked_by text,
  locked_at timestamptz,
  locked_until timestamptz,
  last_error text,
  is_due boolean not null generated always as (desired_hash is distinct from published_hash) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint publications_target_key unique (repository_id, kind, target, generation),
  constraint publications_kind_check check (kind in ('comment', 'check_run')),
  constraint publications_generation_check check (generation >= 1)
);
create index publications_due_idx on codered.publications (available_at) where is_due;
create index publications_locked_idx on codered.publications (repository_id, locked_until) where locked_until is not null;
alter table codered.publications enable row level security;
create trigger publications_touch before update on codered.publications
  for each row execute function codered.touch_updated_at();
comment on table codered.publications is
  'The outbox to GitHub: what should stand there (desired) and what does (published). Only differences are written.';
comment on column codered.publications.target is 'The pull request''s number, or "<head sha>:<check name>".';
comment on column codered.publications.generation is
  'A finished check run is never reopened: when its conclusion has to change, a new one of the same name is made.';
comment on column codered.publications.published_conclusion is 'The conclusion that stands on GitHub; null while the check run is open.';
comment on column codered.publications.github_id is 'The comment''s or check run''s id; null until it was made.';
comment on column codered.publications.attempts is 'Tries since something new was desired; 0 while a newer wish waits for the write under way.';
comment on column codered.publications.available_at is 'infinity: given up until something else is desired; last_error says why.';
