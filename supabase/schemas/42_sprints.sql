-- Sprints: the Definition of Done of a spec.

create function codered.accept_dod(what text, dod jsonb)
returns boolean
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  key text;
  value jsonb;
  allowed text;
begin
  if jsonb_typeof(dod) <> 'object' then
    raise exception '% is %; allowed: an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check.', what, left(dod::text, 80)
      using errcode = 'CR002';
  end if;
  for key, value in select * from jsonb_each(dod) loop
    allowed := case
      when key = 'coverage_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 1 then null
          else 'a share from 0 to 1, so 80 % is 0.80' end
      when key = 'lighthouse_min' then
        case when jsonb_typeof(value) = 'number' and value::text::numeric between 0 and 100 then null
          else 'a score from 0 to 100' end
      when key in ('e2e_pass', 'lint_pass', 'type_check') then
        case when jsonb_typeof(value) = 'boolean' then null else 'true or false' end
      else 'the keys coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check'
    end;
    if allowed is not null then
      raise exception '%.% is %; allowed: %.', what, left(key, 80), left(value::text, 80), allowed
        using errcode = 'CR002';
    end if;
  end loop;
  return true;
end
$$;
comment on function codered.accept_dod(text, jsonb) is
  'True for a Definition of Done as document 001 has it; raises CR002 with key, value and what is allowed otherwise.';
revoke execute on function codered.accept_dod from public;
grant execute on function codered.accept_dod to authenticated, service_role;

create table codered.sprints (
  id uuid primary key default gen_random_uuid(),
  spec_id uuid not null references codered.specs (id) on delete no action,
  project_id uuid references codered.projects (id) on delete cascade,
  label text not null,
  dod_json jsonb not null,
  state text not null default 'PLANNED',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sprints_spec_label_key unique (spec_id, label),
  constraint sprints_label_length check (char_length(label) between 1 and 200 or codered.refuse_value('sprints.label', label, '1 to 200 characters')),
  constraint sprints_dod_json_check check (codered.accept_dod('sprints.dod_json', dod_json)),
  constraint sprints_state_check
    check (state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') or codered.refuse_value('sprints.state', state, 'PLANNED, RUNNING, DONE, FAILED'))
);
comment on table codered.sprints is 'A stretch of work on a spec, with the Definition of Done that ends it.';
comment on column codered.sprints.dod_json is
  'coverage_min 0..1, e2e_pass, lighthouse_min 0..100, lint_pass, type_check; each key that is present is one gate.';
comment on column codered.sprints.state is 'Follows the newest run: PLANNED, RUNNING, then DONE or FAILED; a run again takes it back to RUNNING.';
create index sprints_project_id_idx on codered.sprints (project_id, created_at desc);
alter table codered.sprints enable row level security;
create policy sprints_read on codered.sprints for select to authenticated
  using (project_id in (select codered.my_projects()) and (select true from codered.specs s where s.id = sprints.spec_id));
grant select on codered.sprints to authenticated;
grant select, insert, update, delete on codered.sprints to service_role;
create trigger sprints_touch before update on codered.sprints
  for each row execute function codered.touch_updated_at();
create trigger sprints_same_project before insert or update of project_id, spec_id on codered.sprints
  for each row execute function codered.refuse_foreign_project('spec_id:specs');

create function codered.keep_sprint_state()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  allowed constant text[] := case old.state when 'PLANNED' then '{RUNNING}' when 'RUNNING' then '{DONE,FAILED}' else '{RUNNING}' end;
begin
  if old.state <> 'PLANNED' and (new.spec_id, new.label, new.dod_json) is distinct from (old.spec_id, old.label, old.dod_json) then
    perform codered.refuse_state('sprints.state', old.state, 'PLANNED, to change spec_id, label or dod_json');
  end if;
  -- A word that is no state at all is the CHECK's to refuse.
  if new.state <> old.state and new.state in ('PLANNED', 'RUNNING', 'DONE', 'FAILED') and new.state <> all (allowed) then
    perform codered.refuse_state('sprints.state', new.state, format('%s after %s', array_to_string(allowed, ' or '), old.state));
  end if;
  return new;
end
$$;
comment on function codered.keep_sprint_state() is
  'Lets a sprint go PLANNED, RUNNING, DONE or FAILED, RUNNING again (CR003 otherwise); what it asks for is fixed once it has run.';
revoke execute on function codered.keep_sprint_state from public;

create trigger sprints_state before update on codered.sprints
  for each row execute function codered.keep_sprint_state();

create function codered.plan_sprint(spec_id uuid, label text, dod_json jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  spec codered.specs;
  planned jsonb;
begin
  select s.* into spec from codered.specs s where s.id = plan_sprint.spec_id;
  if not found then
    perform codered.refuse_missing('spec', plan_sprint.spec_id::text);
  end if;
  if spec.project_id is null then
    perform codered.refuse_state('specs.project_id', 'null', 'a spec that belongs to a project');
  end if;
  if plan_sprint.label is null then
    perform codered.refuse_value('sprints.label', 'null'::text, '1 to 200 characters');
  end if;
  if plan_sprint.dod_json is null then
    perform codered.refuse_value(
      'sprints.dod_json', 'null'::text, 'an object of coverage_min, e2e_pass, lighthouse_min, lint_pass, type_check');
  end if;
  insert into codered.sprints as s (spec_id, project_id, label, dod_json)
  values (spec.id, spec.project_id, plan_sprint.label, plan_sprint.dod_json)
  on conflict on constraint sprints_spec_label_key do update
    set dod_json = excluded.dod_json
    where s.dod_json is distinct from excluded.dod_json
  returning to_jsonb(s) || jsonb_build_object('is_new', s.xmax = 0) into planned;
  if planned is null then
    select to_jsonb(s) || '{"is_new": false}' into planned
    from codered.sprints s
    where s.spec_id = plan_sprint.spec_id and s.label = plan_sprint.label;
    return planned;
  end if;
  perform codered.append_status(
    spec.project_id, null, 'PLANNING', 'Sprint ' || plan_sprint.label,
    jsonb_build_object('spec_id', spec.id, 'sprint_id', planned -> 'id', 'label', plan_sprint.label, 'dod_json', plan_sprint.dod_json));
  return planned;
end
$$;
comment on function codered.plan_sprint(uuid, text, jsonb) is
  'Makes the sprint of that label, or changes its Definition of Done while it is PLANNED, with a status event PLANNING; returns its row and is_new. Called again with the same it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.plan_sprint from public;
grant execute on function codered.plan_sprint to service_role;

create function codered.find_sprint(repository_id bigint, branches text[])
returns codered.sprints
language sql
stable
set search_path = ''
as $$
  select s
  from codered.repositories r
  join codered.specs p on p.project_id = r.project_id and p.repo = r.owner || '/' || r.name
  join codered.sprints s on s.spec_id = p.id
  where r.id = find_sprint.repository_id
    and p.branch = any (find_sprint.branches)
    and p.template_id is null
  order by array_position(find_sprint.branches, p.branch), s.created_at desc, s.id
  limit 1
$$;
comment on function codered.find_sprint(bigint, text[]) is
  'The newest sprint of the repository on the first of the branches that has one; null when none has.';
revoke execute on function codered.find_sprint from public;
grant execute on function codered.find_sprint to service_role;
