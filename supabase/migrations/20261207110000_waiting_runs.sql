-- Who has thousands of runs that wait takes no claim's time from others, and a token for no resource is good at none. Workers of before survive it.

create or replace function codered.read_token(token_hash text, audience text default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  found_token codered.oauth_tokens;
begin
  select t.* into found_token from codered.oauth_tokens t where t.access_token_hash = read_token.token_hash;
  if not found then
    return null;
  end if;
  if found_token.revoked_at is not null or found_token.expires_at <= now() then
    return json_build_object('state', case when found_token.revoked_at is not null then 'revoked' else 'expired' end);
  end if;
  -- Given for another resource it lets nobody in here, whoever brings it. Of what is not known to be for any, a personal token alone is good.
  if (found_token.audience = coalesce(read_token.audience, '')
    or found_token.audience is null and found_token.client_id = 'personal') is not true then
    return json_build_object('state', 'for another audience');
  end if;
  -- Once a minute: a script that asks a thousand times writes sixty rows an hour.
  update codered.oauth_tokens t
  set last_used_at = now()
  where t.id = found_token.id and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  perform codered.note_seen(found_token.user_id);
  return json_build_object(
    'state', 'live', 'id', found_token.id, 'user_id', found_token.user_id, 'client_id', found_token.client_id,
    'scope', found_token.scope, 'expires_at', found_token.expires_at);
end
$$;

comment on function codered.read_token(text, text) is
  'Whom a token lets in to a resource (audience; null: one that only personal tokens are good for), by its SHA-256: {state: live, id, user_id, client_id, scope, expires_at}, {state: expired, revoked or for another audience} without more, or null for one that was never given. Notes its last use, to the minute.';

revoke execute on function codered.read_token from public;

grant execute on function codered.read_token to service_role;

create or replace function codered.start_workflow_run(spec_id uuid, intent jsonb, project_id uuid default null, display_name text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  new_id constant uuid := gen_random_uuid();
begin
  if start_workflow_run.project_id is not null
    and not exists (select from codered.projects p where p.id = start_workflow_run.project_id)
  then
    perform codered.refuse_missing('project', start_workflow_run.project_id::text);
  end if;
  if start_workflow_run.spec_id is null then
    perform codered.refuse_missing('spec', null);
  end if;
  if auth.uid() is null and start_workflow_run.project_id is null
    and not exists (select from codered.specs s where s.id = start_workflow_run.spec_id and s.project_id is not null)
  then
    perform codered.refuse_value('runs.project_id', 'null'::text, 'a project, when nobody is signed in whose run it could be');
  end if;
  -- Whoever claims for them has all of these looked at.
  if auth.uid() is not null and (
    select count(*) from (
      select from codered.runs r
      where r.user_id = auth.uid() and r.status in ('pending', 'running', 'paused') and r.sprint_id is null
      limit 1000) as mine) >= 1000
  then
    raise exception 'You have 1000 runs that are not over: cancel those that nobody needs.' using errcode = 'CR003';
  end if;
  insert into codered.runs (id, spec_id, project_id, user_id, intent, display_name)
  values (
    new_id, start_workflow_run.spec_id, start_workflow_run.project_id, auth.uid(), start_workflow_run.intent,
    start_workflow_run.display_name);
  -- Read again: its gates have been made and counted since.
  return (select to_jsonb(r) from codered.runs r where r.id = new_id);
end
$$;

comment on function codered.start_workflow_run(uuid, jsonb, uuid, text) is
  'Makes a pending run of a published, active spec under the caller''s name, with one pending gate for each stage, and returns its row. CR002: a field of the intent; CR003: the spec cannot be run, or the caller has 1000 runs that are not over; CR004: no such spec or project; CR007: the spec of another project.';

revoke execute on function codered.start_workflow_run from public;

grant execute on function codered.start_workflow_run to authenticated, service_role;

create or replace function codered.claim_stages(worker text, batch integer default 1, lease_seconds integer default 300, project_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  is_member constant boolean := codered.is_member_call();
  -- Once, and not for each run.
  mine constant uuid[] := array(select codered.my_projects());
  maintained constant uuid[] := array(select codered.my_projects('maintainer'));
  ready uuid;
  packets jsonb := '[]';
  run codered.runs;
  gate codered.gate_executions;
begin
  perform codered.check_worker(claim_stages.worker, claim_stages.lease_seconds);
  if claim_stages.lease_seconds not between 10 and 3600 then
    perform codered.refuse_value('lease_seconds', claim_stages.lease_seconds, '10 to 3600');
  end if;
  if coalesce(claim_stages.batch, 0) not between 1 and 10 then
    perform codered.refuse_value('batch', coalesce(claim_stages.batch::text, 'null'), '1 to 10');
  end if;
  if claim_stages.project_id is not null then
    perform codered.require_project(claim_stages.project_id);
  end if;
  -- A run after the other, the oldest first; one that another worker is just being handed something of is passed over. Which have
  -- something ready is found once: to look at thousands that wait for somebody again for each would take the database from all others.
  for ready in
    select r.id
    from codered.runs r
    where r.status in ('pending', 'running')
      and r.sprint_id is null and r.repository_id is null
      and (not is_member
        or r.user_id = me and (r.project_id is null or r.project_id = any (mine))
        or r.is_apps and r.project_id = any (maintained))
      and (claim_stages.project_id is null or r.project_id = claim_stages.project_id)
      and exists (select from codered.ready_stages(r.id))
    order by r.created_at, r.id
    limit 50
  loop
    exit when jsonb_array_length(packets) >= claim_stages.batch;
    select r.* into run
    from codered.runs r
    where r.id = ready and r.status in ('pending', 'running')
    for no key update skip locked;
    continue when not found;
    continue when not codered.may_work_run(run);
    perform codered.end_lapsed_stages(run.id);
    -- Read again: the totals and the status may be others now.
    select r.* into run from codered.runs r where r.id = run.id;
    continue when run.status not in ('pending', 'running') or codered.pause_over_ceiling(run);
    for gate in
      select s.* from codered.ready_stages(run.id) s where s.status = 'pending' limit claim_stages.batch - jsonb_array_length(packets)
    loop
      packets := packets || codered.take_stage(run, gate, claim_stages.worker, claim_stages.lease_seconds);
    end loop;
  end loop;
  return packets;
end
$$;

comment on function codered.claim_stages(text, integer, integer, uuid) is
  'Hands out up to batch (1 to 10) stages of runs that the caller may work on (may_work_run), the oldest run first, for a lease of 10 to 3600 seconds: a list of packets, empty when nothing is ready. An attempt whose lease lapsed ends here, and a run that has spent more than its spec allows is paused instead. Refuses CR002, CR003 (project retired), CR004. Security definer, because gates are nobody''s to write freely; whose run it is is checked here.';

revoke execute on function codered.claim_stages from public;

grant execute on function codered.claim_stages to authenticated, service_role;
