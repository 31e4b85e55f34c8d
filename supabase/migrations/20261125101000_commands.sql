-- Commands in comments: queued from a delivery, followed once, kept as overrides. Old workers survive it.

alter table codered.user_overrides
  add column github_comment_id bigint,
  add column revoked_comment_id bigint,
  add constraint user_overrides_comment_key unique (repository_id, github_comment_id);
comment on column codered.user_overrides.github_comment_id is
  'The comment that commanded it, by which it is known when the command is followed again; null: it came another way.';
comment on column codered.user_overrides.revoked_comment_id is 'The comment that took it back; null: nobody has, or it was done another way.';

create function codered.queue_commands(facts json)
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select distinct on (f.comment_id)
      r.project_id,
      'command:' || f.comment_id as dedupe_key,
      jsonb_build_object(
        'kind', 'command', 'repository_id', f.repository_id, 'pull_request_number', f.pull_request_number, 'comment_id', f.comment_id,
        'author', f.author, 'author_id', f.author_id, 'author_type', f.author_type, 'text', f.text, 'created_at', f.created_at,
        -- What the author had before them, as far as we know.
        'head_sha', pr.head_sha) as input
    from json_to_recordset(queue_commands.facts) as f (
      repository_id bigint, pull_request_number integer, comment_id bigint, author text, author_id bigint, author_type text, text text,
      created_at text
    )
    join codered.repositories r on r.id = f.repository_id
    left join codered.pull_requests pr on pr.repository_id = r.id and pr.number = f.pull_request_number
    where not exists (select from codered.agent_jobs j where j.dedupe_key = 'command:' || f.comment_id)
    order by f.comment_id
  )
  select count(*)::integer
  from wanted w
  cross join lateral (select codered.queue_job(w.project_id, 'pipeline', w.input, w.dedupe_key)) as done
$$;
comment on function codered.queue_commands(json) is
  'Queues commands of comments to be followed, each comment''s once, with the pull request''s head of this moment; returns how many are new.';

create or replace function codered.record_facts(facts json, app_id bigint default null, guid text default null)
returns json
language plpgsql
set search_path = ''
as $$
declare
  delivery constant text := coalesce(record_facts.guid, '');
  nothing constant json := '[]';
  installations constant json := codered.facts_of(facts, 'installations');
  repositories constant json := codered.facts_of(facts, 'repositories');
  commits constant json := codered.facts_of(facts, 'commits');
  pull_requests constant json := codered.facts_of(facts, 'pull_requests');
  ci_events constant json := codered.facts_of(facts, 'ci_events');
  ci_jobs constant json := codered.facts_of(facts, 'ci_jobs');
  deployments constant json := codered.facts_of(facts, 'deployments');
  commands constant json := codered.facts_of(facts, 'commands');
  ci_event_ids uuid[] := '{}';
  ci_job_ids uuid[] := '{}';
  deployment_ids uuid[] := '{}';
  queued integer;
begin
  -- A delivery is about one or two kinds: what it does not tell of costs nothing.
  if installations is not null then
    perform codered.merge_installations(installations, delivery);
  end if;
  if repositories is not null then
    perform codered.merge_repositories(repositories, delivery);
  end if;
  if commits is not null then
    perform codered.merge_commits(commits, delivery);
  end if;
  if pull_requests is not null then
    perform codered.merge_pull_requests(pull_requests, delivery);
  end if;
  if ci_events is not null then
    ci_event_ids := array(select codered.merge_ci_events(ci_events, delivery));
  end if;
  if ci_jobs is not null then
    ci_job_ids := array(select codered.merge_ci_jobs(ci_jobs, delivery));
  end if;
  if deployments is not null then
    deployment_ids := array(
      select codered.merge_deployments(deployments, coalesce(facts -> 'deployment_statuses', nothing), delivery)
    );
  end if;
  if ci_events is not null or commits is not null then
    perform codered.settle_zones(ci_event_ids, coalesce(commits, nothing));
  end if;
  if ci_events is not null or deployments is not null then
    perform codered.settle_deployment_runs(ci_event_ids, deployment_ids);
  end if;
  queued := codered.queue_follow_ups(
    ci_event_ids, ci_job_ids, deployment_ids,
    coalesce(pull_requests, nothing), coalesce(facts -> 'rechecks', nothing)
  );
  if commands is not null then
    queued := queued + codered.queue_commands(commands);
  end if;
  update codered.webhook_deliveries w
  set status = 'done', processed_at = now(), last_error = null, locked_by = null, locked_until = null
  where w.app_id = record_facts.app_id and w.guid = record_facts.guid;
  return json_build_object('queued', queued);
end
$$;

create function codered.record_override(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, reason text,
  head_sha text, expires_at timestamptz default null
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  place codered.repositories;
  run uuid;
  made uuid;
begin
  -- A verdict is written under the same lock: none is that has not seen this.
  select r.* into place
  from codered.repositories r
  where r.id = record_override.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', record_override.repository_id::text);
  end if;
  insert into codered.user_overrides (
    project_id, user_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason, expires_at,
    github_comment_id
  )
  values (
    place.project_id,
    (
      select p.id
      from codered.profiles p
      where lower(p.github_login) = lower(record_override.login)
      order by p.created_at, p.id
      limit 1
    ),
    record_override.login, 'deploy_anyway', place.id, record_override.pull_request_number,
    case when record_override.expires_at is null then record_override.head_sha end,
    record_override.criterion, record_override.reason, record_override.expires_at, record_override.comment_id
  )
  on conflict on constraint user_overrides_comment_key do nothing
  returning user_overrides.id into made;
  if made is null then
    return json_build_object('recorded', false);
  end if;
  select r.id into run
  from codered.runs r
  where r.repository_id = place.id and r.commit_sha = record_override.head_sha
  order by r.created_at desc, r.id
  limit 1;
  perform codered.append_status(
    place.project_id, run, 'OVERRIDDEN', format('%s: %s', record_override.criterion, record_override.reason),
    jsonb_build_object(
      'override_id', made, 'criterion', record_override.criterion, 'user', record_override.login, 'reason', record_override.reason,
      'expires_at', record_override.expires_at, 'commit_sha', record_override.head_sha,
      'pull_request_number', record_override.pull_request_number));
  perform codered.queue_job(
    place.project_id, 'report', jsonb_build_object('repository_id', place.id, 'head_sha', record_override.head_sha),
    'report:' || place.id || ':' || record_override.head_sha);
  return json_build_object('recorded', true);
end
$$;
comment on function codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz) is
  'Keeps an override that a comment commanded, with its status event, and queues the report; a comment''s second time changes nothing. Without expires_at it covers the head alone, else every commit of the pull request until then. CR002, CR004.';

create function codered.revoke_overrides(
  repository_id bigint, pull_request_number integer, comment_id bigint, login text, criterion text, head_sha text
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  place codered.repositories;
begin
  select r.* into place
  from codered.repositories r
  where r.id = revoke_overrides.repository_id
  for no key update;
  if not found then
    perform codered.refuse_missing('repository', revoke_overrides.repository_id::text);
  end if;
  update codered.user_overrides o
  set revoked_at = now(), revoked_by = revoke_overrides.login, revoked_comment_id = revoke_overrides.comment_id
  where o.repository_id = place.id
    and o.pull_request_number = revoke_overrides.pull_request_number
    and o.criterion is not null
    and o.revoked_at is null
    and (o.expires_at is null or o.expires_at > now())
    and (revoke_overrides.criterion = 'all' or o.criterion = revoke_overrides.criterion)
    -- What was commanded later stands: this may be its second time.
    and (o.github_comment_id is null or o.github_comment_id < revoke_overrides.comment_id);
  if found then
    perform codered.queue_job(
      place.project_id, 'report', jsonb_build_object('repository_id', place.id, 'head_sha', revoke_overrides.head_sha),
      'report:' || place.id || ':' || revoke_overrides.head_sha);
  end if;
  return (
    select count(*)
    from codered.user_overrides o
    where o.repository_id = place.id and o.revoked_comment_id = revoke_overrides.comment_id
  );
end
$$;
comment on function codered.revoke_overrides(bigint, integer, bigint, text, text, text) is
  'Takes the overrides of one criterion (all: of every one) back that stand on a pull request, as a comment commanded, and queues the report; returns how many the comment took back, the second time too. CR004.';

create function codered.recheck_commit(repository_id bigint, head_sha text)
returns integer
language sql
set search_path = ''
as $$
  with place as (
    select r.id, r.project_id from codered.repositories r where r.id = recheck_commit.repository_id
  ), wanted as (
    select p.project_id, 'artifacts' as agent_type, jsonb_build_object('repository_id', p.id, 'ci_event_id', e.id) as input,
      'artifacts:' || e.id as dedupe_key
    from place p
    cross join lateral codered.current_runs(p.id, recheck_commit.head_sha) as e
    where e.provider = 'github-actions' and e.status not in ('queued', 'running')
    union all
    select p.project_id, 'report', jsonb_build_object('repository_id', p.id, 'head_sha', recheck_commit.head_sha, 'recheck', true),
      'report:' || p.id || ':' || recheck_commit.head_sha
    from place p
  )
  select count(*)::integer
  from wanted w
  cross join lateral (select codered.queue_job(w.project_id, w.agent_type, w.input, w.dedupe_key)) as done
$$;
comment on function codered.recheck_commit(bigint, text) is
  'Has a commit looked at again: its finished runs'' artifacts are read anew and its check run is made anew. Returns how many jobs that takes.';

create function codered.reserve_write(installation_id bigint, spacing_ms integer default 1000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  slot timestamptz;
begin
  select greatest(i.next_write_at, now()) into slot
  from codered.installations i
  where i.id = reserve_write.installation_id
  for update;
  if slot <= now() + interval '10 seconds' then
    update codered.installations i
    set next_write_at = slot + make_interval(secs => reserve_write.spacing_ms / 1000.0)
    where i.id = reserve_write.installation_id;
  end if;
  return coalesce(ceil(least(extract(epoch from slot - now()), 86400) * 1000), 0)::integer;
end
$$;
comment on function codered.reserve_write(bigint, integer) is
  'In how many milliseconds an installation may be written to, out of the publications'' turn but at their pace. Up to 10,000 the turn is taken; more is for asking again.';

revoke execute on function codered.queue_commands(json),
  codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz),
  codered.revoke_overrides(bigint, integer, bigint, text, text, text), codered.recheck_commit(bigint, text),
  codered.reserve_write(bigint, integer) from public;
grant execute on function codered.queue_commands(json),
  codered.record_override(bigint, integer, bigint, text, text, text, text, timestamptz),
  codered.revoke_overrides(bigint, integer, bigint, text, text, text), codered.recheck_commit(bigint, text),
  codered.reserve_write(bigint, integer) to service_role;
