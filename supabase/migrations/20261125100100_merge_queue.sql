-- The commits that a merge queue tries are judged by their own runs. Old workers survive it.

create or replace function codered.read_pull_requests_of(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'installation_id', r.installation_id,
    'owner', r.owner,
    'name', r.name,
    'numbers', coalesce(
      (
        select json_agg(pr.number order by pr.state = 'open' desc, pr.number)
        from codered.pull_requests pr
        where pr.repository_id = r.id
          and (pr.head_sha = read_pull_requests_of.sha or pr.merge_commit_sha = read_pull_requests_of.sha)
      ),
      '[]'
    ),
    -- Pull requests whose head it was: a check run that stands on it still wants to be finished.
    'former_numbers', coalesce(
      (
        select json_agg(distinct pr.number)
        from codered.ci_events e
        join codered.pull_requests pr
          on pr.repository_id = e.repository_id
          and pr.head_ref = e.branch
          and pr.head_repository_id is not distinct from e.head_repository_id
        where e.repository_id = r.id
          and e.commit_sha = read_pull_requests_of.sha
          and pr.head_sha <> e.commit_sha
          and pr.merge_commit_sha is distinct from e.commit_sha
          and exists (
            select 1
            from codered.publications p
            where p.repository_id = r.id
              and p.kind = 'check_run'
              and p.target like read_pull_requests_of.sha || ':%'
          )
      ),
      '[]'
    ),
    -- A merge queue tries a commit of its own for the pull request that its branch names.
    'merge_group_numbers', coalesce(
      (
        select json_agg(pr.number)
        from codered.commits c
        join codered.pull_requests pr
          on pr.repository_id = c.repository_id
          and pr.number = substring(c.ref from '/pr-([0-9]{1,9})-[0-9a-f]+$')::integer
        where c.repository_id = r.id
          and c.sha = read_pull_requests_of.sha
          and c.ref ~ '^(refs/heads/)?gh-readonly-queue/'
      ),
      '[]'
    ),
    -- True when a pull request that we do not know of may stand behind the commit's runs.
    'ask_github', exists (
      select 1
      from codered.ci_events e
      where e.repository_id = r.id
        and e.commit_sha = read_pull_requests_of.sha
        and (e.trigger = 'pull_request' or e.pull_request_numbers <> '{}')
    )
  )
  from codered.repositories r
  where r.id = read_pull_requests_of.repository_id and r.deleted_at is null
$$;
