-- Agents that a push to a repository brought: those of the repositories that the operator named.

create function codered.take_agents(repository_id bigint, sha text, agents jsonb, problems jsonb default '[]')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  repository codered.repositories;
  wrong jsonb := coalesce(take_agents.problems, '[]');
  entry jsonb;
  owner_id bigint;
  counts jsonb;
  written integer := 0;
begin
  select r.* into repository from codered.repositories r where r.id = take_agents.repository_id and r.deleted_at is null for no key update;
  if not found then
    perform codered.refuse_missing('repository', take_agents.repository_id::text);
  end if;
  -- A later push of these files is read by itself: what this one left is over.
  if exists (
    select
    from codered.commits c
    join codered.commits later on later.repository_id = c.repository_id and later.ref = c.ref and later.pushed_at > c.pushed_at
    where c.repository_id = repository.id and c.sha = take_agents.sha
      and exists (select from unnest(later.files) as f (path) where f.path ~ '^agents/[^/]+[.]ya?ml$')
  ) then
    return jsonb_build_object('written', 0, 'problems', '[]'::jsonb, 'is_over', true);
  end if;
  for entry in
    select a.entry from jsonb_array_elements(take_agents.agents) as a (entry) order by a.entry ->> 'slug' limit 100
  loop
    begin
      select g.repository_id into owner_id from codered.agents g where g.slug = entry ->> 'slug' for update;
      if owner_id <> repository.id then
        perform codered.refuse_value('agents.slug', entry ->> 'slug', 'a slug that no agent of another repository has');
      end if;
      counts := codered.upsert_agents(jsonb_build_array(entry));
      update codered.agents g set repository_id = repository.id
      where g.slug = entry ->> 'slug' and g.repository_id is distinct from repository.id;
      written := written + (counts ->> 'inserted')::integer + (counts ->> 'updated')::integer;
    exception
      when sqlstate 'CR002' then
        wrong := wrong || jsonb_build_object('file', entry ->> 'config_yaml_path', 'field', null, 'reason', left(sqlerrm, 500));
    end;
  end loop;
  if wrong <> '[]' and not exists (
    select
    from codered.events e
    where e.project_id = repository.project_id and e.event_type = 'status.FAILED' and e.payload -> 'metadata' ->> 'agents_sha' = take_agents.sha
  ) then
    perform codered.append_status(
      repository.project_id, null, 'FAILED',
      left(format('Agents of %s/%s stay as they were: %s', repository.owner, repository.name,
        (select string_agg(distinct w ->> 'file', ', ') from jsonb_array_elements(wrong) as w)), 500),
      jsonb_build_object('agents_sha', take_agents.sha, 'repository_id', repository.id, 'problems', wrong));
  end if;
  return jsonb_build_object('written', written, 'problems', wrong, 'is_over', false);
end
$$;
comment on function codered.take_agents(bigint, text, jsonb, jsonb) is
  'Writes the agents of a commit on the default branch of a repository, each for itself (as upsert_agents); one whose slug is that of another repository''s agent, or whose name is another''s, is refused and stays as it was. What is wrong, also what was found before (problems: [{file, field, reason}]), becomes one status event FAILED. Returns {written, problems, is_over: a later push holds}. Called only for repositories that the operator named. CR004.';
revoke execute on function codered.take_agents from public;
grant execute on function codered.take_agents to service_role;
