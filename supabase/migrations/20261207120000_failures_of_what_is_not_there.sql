-- A repository or pull request that a project does not have is refused where failures are asked for, instead of read as "nothing failed". Old workers survive it.

create or replace function codered.list_failures(
  project_id uuid, repository text default null, pull_request integer default null, commit_sha text default null,
  batch integer default 50, before_created_at timestamptz default null, before_error uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  runs uuid[];
  rollouts uuid[];
  chosen uuid[];
begin
  perform codered.require_project(list_failures.project_id);
  perform codered.check_batch('batch', list_failures.batch);
  perform codered.check_place('before_error', num_nulls(list_failures.before_created_at, list_failures.before_error), 2);
  -- A name that is mistyped must not read as "nothing failed".
  if list_failures.repository is not null and not exists (
    select
    from codered.repositories r
    where r.project_id = list_failures.project_id and lower(r.owner || '/' || r.name) = lower(list_failures.repository))
  then
    raise exception 'There is no repository of that name in this project.' using errcode = 'CR004';
  end if;
  -- What has few runs is found by these: otherwise each failure of the project would be asked for its own.
  if list_failures.pull_request is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id and c.pull_request_numbers[1] = list_failures.pull_request
      union all
      select c.id
      from codered.ci_events c
      where c.project_id = list_failures.project_id
        and c.pull_request_numbers[2] is not null
        and list_failures.pull_request = any (c.pull_request_numbers[2:])
      union all
      -- What its merge broke, a deployment say, is its own too.
      select c.id
      from codered.pull_requests p
      join codered.ci_events c on c.repository_id = p.repository_id and c.commit_sha = p.merge_commit_sha
      where p.number = list_failures.pull_request and p.repository_id = any (array(select r.id from codered.repositories r)));
    rollouts := array(
      select d.id
      from codered.pull_requests p
      join codered.deployments d on d.repository_id = p.repository_id and d.commit_sha = p.merge_commit_sha
      where p.number = list_failures.pull_request and p.repository_id = any (array(select r.id from codered.repositories r)));
    if cardinality(runs) = 0 and not exists (
      select
      from codered.pull_requests p
      join codered.repositories r on r.id = p.repository_id
      where p.number = list_failures.pull_request and r.project_id = list_failures.project_id)
    then
      perform codered.refuse_missing('pull request', list_failures.pull_request::text);
    end if;
  elsif list_failures.commit_sha is not null then
    runs := array(
      select c.id
      from codered.ci_events c
      where c.commit_sha = list_failures.commit_sha and c.repository_id = any (array(select r.id from codered.repositories r)));
    rollouts := array(
      select d.id
      from codered.deployments d
      where d.commit_sha = list_failures.commit_sha and d.repository_id = any (array(select r.id from codered.repositories r)));
  end if;
  if runs is null then
    chosen := array(
      select e.id
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      left join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
      where e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      -- One more than asked for tells whether there are more.
      limit list_failures.batch + 1);
  else
    chosen := array(
      select e.id
      from codered.errors e
      left join codered.ci_events c on c.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
      where (e.ci_event_id = any (runs) or e.deployment_id = any (rollouts))
        and e.project_id = list_failures.project_id
        and (list_failures.repository is null or lower(r.owner || '/' || r.name) = lower(list_failures.repository))
        and (list_failures.commit_sha is null or coalesce(c.commit_sha, d.commit_sha) = list_failures.commit_sha)
        and (list_failures.before_error is null or (e.created_at, e.id) < (list_failures.before_created_at, list_failures.before_error))
      order by e.created_at desc, e.id desc
      limit list_failures.batch + 1);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', e.id, 'project_id', e.project_id, 'source', e.source, 'severity', e.severity, 'message', e.message,
      'details', e.details, 'verdict', e.verdict, 'occurrences', e.occurrences, 'first_seen_at', e.first_seen_at,
      'created_at', e.created_at, 'excerpt', e.excerpt, 'evidence_why', e.evidence_why, 'line_number', e.line_number,
      'step_name', e.step_name, 'file_path', e.file_path, 'line', e.line,
      'repository', r.owner || '/' || r.name, 'job_name', j.name, 'workflow_name', c.workflow_name,
      'commit_sha', coalesce(c.commit_sha, d.commit_sha), 'branch', coalesce(c.branch, d.ref),
      'pull_requests', coalesce(c.pull_request_numbers, '{}'), 'url', coalesce(j.html_url, c.html_url, d.url),
      'from_fork', c.head_repository_id <> c.repository_id,
      'cause', (
        select jsonb_build_object('name', b.name, 'category', b.category, 'rank', m.rank, 'root_cause', b.root_cause,
          'recommended_fix', b.recommended_fix, 'docs_url', b.docs_url, 'line_text', m.line_text)
        from codered.error_matches m
        join codered.bug_patterns b on b.id = m.bug_pattern_id
        where m.error_id = e.id and m.is_primary
      )) order by e.created_at desc, e.id desc), '[]')
    from codered.errors e
    left join codered.ci_events c on c.id = e.ci_event_id
    left join codered.deployments d on d.id = e.deployment_id
    left join codered.repositories r on r.id = coalesce(c.repository_id, d.repository_id)
    left join codered.ci_jobs j on j.id = e.ci_job_id
    where e.id = any (chosen)
  );
end
$$;

comment on function codered.list_failures(uuid, text, integer, text, integer, timestamptz, uuid) is
  'Failures of a project, or of a repository (owner/name), pull request or commit, newest first, before a place in that order: one more than batch when there are more. Of a pull request also what failed on its merge commit. cause is the primary match, null where no pattern knows it. from_fork is null where it is not known. Text from logs and names is a stranger''s. Refuses CR002 (batch 1 to 500, half a place), CR003 (project retired), CR004 (no such project, or a repository or pull request that it does not have).';

revoke execute on function codered.list_failures from public;

grant execute on function codered.list_failures to authenticated, service_role;
