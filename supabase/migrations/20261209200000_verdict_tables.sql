-- Where verdicts on failures are kept with what they rest on, and what GitHub is asked for them once. Old workers survive it.

alter table codered.pull_request_heads
  add column merge_parent_sha text,
  add column merge_base_sha text,
  add column changed_files text[],
  add column sources_asked_at timestamptz;
comment on column codered.pull_request_heads.merge_parent_sha is
  'The commit of the base branch that GitHub''s merge of this head has for its other parent, when it was made before the runs began; null: not known.';
comment on column codered.pull_request_heads.merge_base_sha is 'Where this head left its base branch, as GitHub says; null: not known.';
comment on column codered.pull_request_heads.changed_files is
  'Paths that it changes against its base, former names of renamed files among them; null: the whole list could not be had.';
comment on column codered.pull_request_heads.sources_asked_at is 'When GitHub was asked for these; null: never.';

alter table codered.errors add column runner_lost text;
comment on column codered.errors.runner_lost is 'GitHub''s words on the job''s check run that its runner was lost, where no step says that it ended by itself; null: none.';

create index follow_ups_scheduled_idx on codered.follow_ups (repository_id) where status = 'queued' and is_scheduled;

create type codered.failing_run as (
  run_id text, run_number bigint, provider text, workflow_path text, event text, branch text, head_repository_id bigint,
  started_at timestamptz, html_url text, pull_request_number integer, author text, base_ref text, base_since timestamptz, head_sha text
);

create table codered.verdicts (
  id uuid primary key default gen_random_uuid(),
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  error_id uuid references codered.errors (id) on delete set null,
  verdict text not null,
  rule text not null,
  sentence text not null,
  evidence jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint verdicts_verdict_check check (
    verdict in ('new', 'flaky', 'broken_base', 'infra', 'collateral', 'unknown')
    or codered.refuse_value('verdicts.verdict', verdict, 'new, flaky, broken_base, infra, collateral, unknown')
  ),
  constraint verdicts_rule_length check (char_length(rule) between 1 and 100 or codered.refuse_value('verdicts.rule', rule, '1 to 100 characters')),
  constraint verdicts_sentence_length check (
    char_length(sentence) between 1 and 2000 or codered.refuse_value('verdicts.sentence', left(sentence, 80), '1 to 2000 characters')),
  constraint verdicts_evidence_check check (
    (jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 131072)
    or codered.refuse_value('verdicts.evidence', left(evidence::text, 80), 'a JSON object of at most 131072 bytes'))
);
comment on table codered.verdicts is
  'What was said of a failure, whenever that changed; the newest is what stands in errors. Audit: kept until the repository is erased.';
comment on column codered.verdicts.error_id is 'The failure; null once it was diagnosed as another one.';
comment on column codered.verdicts.rule is 'The rule that held, by its name.';
comment on column codered.verdicts.evidence is 'What it rests on: verdictEvidence of src/verdicts/evidence.ts.';
create index verdicts_error_id_idx on codered.verdicts (error_id, created_at desc);
create index verdicts_repository_id_idx on codered.verdicts (repository_id, created_at desc);
alter table codered.verdicts enable row level security;
create policy verdicts_read on codered.verdicts for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.verdicts to authenticated;
grant select, insert, update, delete on codered.verdicts to service_role;
create trigger verdicts_touch before update on codered.verdicts
  for each row execute function codered.touch_updated_at();
