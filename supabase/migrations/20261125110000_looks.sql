-- Further reasons to look at a commit: what is told where no policy is, a policy that changes, an override written by hand. Old workers survive it.

create function codered.queue_information(repository_id bigint, ci_event_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with wanted as (
    select e.id, e.project_id, e.repository_id
    from codered.ci_events e
    where e.id = any (queue_information.ci_event_ids)
      and e.repository_id = queue_information.repository_id
      and not exists (
        select from codered.agent_jobs j where j.dedupe_key in ('artifacts:' || e.id, 'information:' || e.id)
      )
  ), queued as (
    select codered.queue_job(
      w.project_id, 'artifacts',
      jsonb_build_object('repository_id', w.repository_id, 'ci_event_id', w.id, 'is_information', true), 'information:' || w.id)
    from wanted w
  )
  select count(*)::integer from queued
$$;
comment on function codered.queue_information(bigint, uuid[]) is
  'Queues the reading of what looks like a report among the artifacts of workflow runs that are over, where no policy asks for any: once for each attempt. A policy that comes later has all of them read. Returns how many were queued.';

create index pull_requests_open_base_idx on codered.pull_requests (repository_id, base_ref) where state = 'open';

create function codered.queue_policy_looks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with pushed as (
    select distinct f.repository_id, regexp_replace(f.ref, '^refs/heads/', '') as branch
    from json_to_recordset(queue_policy_looks.commits) as f (
      repository_id bigint, ref text, files text[], is_ref_reset boolean
    )
    where f.ref like 'refs/heads/%'
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      and ('.github/codered.yml' = any (f.files) or cardinality(f.files) >= 5000 or f.is_ref_reset)
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by pr.repository_id order by pr.source_updated_at desc, pr.number desc) as place
    from pushed p
    join codered.repositories r on r.id = p.repository_id
    join codered.pull_requests pr on pr.repository_id = p.repository_id and pr.base_ref = p.branch and pr.state = 'open'
  ), queued as (
    select codered.queue_job(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place))
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second look is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever comes first looks.
    cross join (values ('report:', 4), ('deadline:', 60)) as l (key, seconds)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;
comment on function codered.queue_policy_looks(json) is
  'Has the open pull requests into a branch, the 500 told of last, judged again when commits of a push to it change the policy file, or it was pushed by force or is new: in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';

create function codered.follow_override()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.look_again(new.repository_id, coalesce(pr.head_sha, new.commit_sha))
  from (select) as once
  left join codered.pull_requests pr on pr.repository_id = new.repository_id and pr.number = new.pull_request_number
  where coalesce(pr.head_sha, new.commit_sha) is not null;
  return null;
end
$$;
comment on function codered.follow_override() is
  'Has the head of the pull request judged again when an override of a criterion is made or revoked, whoever wrote it. Security definer, because members write overrides by hand and may not queue work of the app; nobody can call it, it is a trigger''s.';
create trigger user_overrides_look_insert after insert on codered.user_overrides
  for each row when (new.repository_id is not null and new.criterion is not null)
  execute function codered.follow_override();
create trigger user_overrides_look_update after update of revoked_at, expires_at on codered.user_overrides
  for each row when (
    new.repository_id is not null and new.criterion is not null
    and (old.revoked_at, old.expires_at) is distinct from (new.revoked_at, new.expires_at))
  execute function codered.follow_override();

revoke execute on function codered.queue_information(bigint, uuid[]), codered.queue_policy_looks(json), codered.follow_override()
  from public;
grant execute on function codered.queue_information(bigint, uuid[]), codered.queue_policy_looks(json) to service_role;
