-- Whose failure it is: what was judged, by which rule, on what.

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

create function codered.record_verdicts(repository_id bigint, verdicts jsonb)
returns uuid[]
language plpgsql
set search_path = ''
as $$
declare
  changed uuid[];
begin
  with given as materialized (
    select g.error_id, g.verdict, g.rule, g.sentence, g.evidence
    from jsonb_to_recordset(record_verdicts.verdicts) as g (error_id uuid, verdict text, rule text, sentence text, evidence jsonb)
  ), told as (
    -- One after the other, so that two reports of a commit leave one row.
    select g.*, e.project_id
    from given g
    join codered.errors e on e.id = g.error_id
    join codered.ci_events c on c.id = e.ci_event_id and c.repository_id = record_verdicts.repository_id
    order by e.id
    for no key update of e
  ), wanted as (
    select t.*
    from told t
    left join lateral (
      select v.verdict, v.rule, v.sentence
      from codered.verdicts v
      where v.error_id = t.error_id
      order by v.created_at desc
      limit 1
    ) as last on true
    where (t.verdict, t.rule, t.sentence) is distinct from (last.verdict, last.rule, last.sentence)
  ), kept as (
    insert into codered.verdicts (repository_id, error_id, verdict, rule, sentence, evidence, created_at)
    select record_verdicts.repository_id, w.error_id, w.verdict, w.rule, w.sentence, w.evidence, clock_timestamp()
    from wanted w
    returning error_id
  )
  select array_agg(k.error_id order by k.error_id) into changed from kept k;

  update codered.errors e
  set verdict = g.verdict, verdict_reason = g.sentence
  from jsonb_to_recordset(record_verdicts.verdicts) as g (error_id uuid, verdict text, sentence text), codered.ci_events c
  where e.id = g.error_id and c.id = e.ci_event_id and c.repository_id = record_verdicts.repository_id
    and (e.verdict, e.verdict_reason) is distinct from (g.verdict, g.sentence);
  return coalesce(changed, '{}');
end
$$;
comment on function codered.record_verdicts(bigint, jsonb) is
  'Writes what was judged of failures of a repository ([{error_id, verdict, rule, sentence, evidence}]): into errors, and a row of verdicts where verdict, rule or sentence changed. Failures that are gone are left out. Returns those that changed.';
revoke execute on function codered.record_verdicts from public;
grant execute on function codered.record_verdicts to service_role;

create function codered.read_verdict(error_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  found_verdict jsonb;
begin
  select jsonb_build_object(
    'error_id', e.id, 'verdict', e.verdict, 'rule', v.rule, 'sentence', coalesce(e.verdict_reason, ''), 'evidence', v.evidence,
    'judged_at', v.created_at)
  into found_verdict
  from codered.errors e
  left join lateral (
    select x.rule, x.evidence, x.created_at
    from codered.verdicts x
    where x.error_id = e.id
    order by x.created_at desc
    limit 1
  ) as v on true
  where e.id = read_verdict.error_id;
  if not found then
    perform codered.refuse_missing('failure', read_verdict.error_id::text);
  end if;
  return found_verdict;
end
$$;
comment on function codered.read_verdict(uuid) is
  'What was judged of a failure last, by which rule (null: nothing was yet), and on what evidence. Refuses CR004 (no such failure, or not yours).';
revoke execute on function codered.read_verdict from public;
grant execute on function codered.read_verdict to authenticated, service_role;
