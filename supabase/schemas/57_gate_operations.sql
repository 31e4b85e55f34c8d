-- What people ask of the gate: how a commit or a pull request stands, and what holds it.

create function codered.read_gate(project_id uuid, repository text, pull_request integer default null, commit_sha text default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  place codered.repositories;
  pull codered.pull_requests;
  sha text;
  run codered.runs;
  criteria jsonb;
begin
  perform codered.require_project(read_gate.project_id);
  select r.* into place
  from codered.repositories r
  where r.project_id = read_gate.project_id and lower(r.owner || '/' || r.name) = lower(read_gate.repository) and r.deleted_at is null;
  if not found then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  if read_gate.pull_request is not null then
    select p.* into pull from codered.pull_requests p where p.repository_id = place.id and p.number = read_gate.pull_request;
    if not found then
      perform codered.refuse_missing('pull request', read_gate.pull_request::text);
    end if;
  elsif read_gate.commit_sha is null then
    perform codered.refuse_value('commit_sha', 'null'::text, 'a commit_sha or a pull_request');
  end if;
  sha := coalesce(read_gate.commit_sha, pull.head_sha);
  select r.* into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = sha and r.is_apps
  order by r.sprint_id is null, r.updated_at desc, r.created_at desc, r.id
  limit 1;
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', g.gate_id, 'name', g.gate_name, 'status', g.status, 'attempt_number', g.attempt_number, 'fail_codes', g.fail_codes,
      'found', g.validation_results -> 0, 'evaluated_at', g.updated_at)
    order by g.gate_order, g.gate_id), '[]')
  into criteria
  from (
    select distinct on (e.gate_id) e.*
    from codered.gate_executions e
    where e.run_id = run.id and e.phase = 'definition_of_done'
    order by e.gate_id, e.attempt_number desc
  ) as g
  -- What the policy asks for no more counts neither way.
  where g.status <> 'skipped';
  return jsonb_build_object(
    'repository', place.owner || '/' || place.name,
    'commit_sha', sha,
    'pull_request', case when pull.number is not null then jsonb_build_object(
      'number', pull.number, 'title', pull.title, 'state', pull.state, 'head_sha', pull.head_sha, 'base_ref', pull.base_ref,
      'html_url', pull.html_url, 'from_fork', pull.head_repository_id <> pull.repository_id) end,
    'run_id', run.id,
    'run_status', run.status,
    'is_observed', criteria @? '$[*].found ? (@.observed == true)',
    'criteria', criteria,
    'sprint', (select jsonb_build_object('id', s.id, 'label', s.label, 'dod_json', s.dod_json, 'state', s.state)
      from codered.sprints s where s.id = run.sprint_id),
    'overrides', coalesce((
      select jsonb_agg(
        jsonb_build_object('id', o.id, 'criterion', o.criterion, 'user', o."user", 'reason', o.reason, 'expires_at', o.expires_at,
          'created_at', o.created_at)
        order by o.created_at desc, o.id)
      from (
        select u.*
        from codered.user_overrides u
        where u.repository_id = place.id
          and u.criterion is not null
          and u.revoked_at is null
          and (pull.number is null or u.pull_request_number = pull.number)
          and (u.commit_sha = sha or (u.commit_sha is null and u.expires_at > now() and pull.number is not null))
        order by u.created_at desc, u.id
        limit 100
      ) as o
    ), '[]'));
end
$$;
comment on function codered.read_gate(uuid, text, integer, text) is
  'What the gate found last of a commit, or of the head of a pull request: its run, each criterion in its newest attempt with what was found, the sprint that asks for it and the overrides that stand. from_fork null: not known, as the fork is gone. run_id null: nothing was evaluated yet. Refuses CR002 (neither commit nor pull request), CR003 (project retired), CR004.';
revoke execute on function codered.read_gate from public;
grant execute on function codered.read_gate to authenticated, service_role;
