-- The gate knows the steps of the jobs that it finds by their names. Old workers survive it: they do not ask.

create function codered.steps_of_jobs(repository_id bigint, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  -- What the runner puts around a job's own steps says nothing of it. A policy looks at few jobs, but nobody knows at which.
  select coalesce(json_agg(json_build_object('url', t.html_url, 'steps', t.steps) order by t.html_url), '[]')
  from (
    select
      j.html_url,
      (
        select json_agg(json_build_object('name', left(s.value ->> 'name', 200), 'conclusion', s.value ->> 'conclusion') order by s.place)
        from jsonb_array_elements(j.steps) with ordinality as s (value, place)
        where s.place <= 60
          and s.value ->> 'name' not in ('Set up job', 'Complete job')
          and s.value ->> 'name' not like 'Post %'
      ) as steps
    from codered.current_runs(steps_of_jobs.repository_id, steps_of_jobs.sha) as r
    cross join lateral codered.jobs_of_run(r.repository_id, r.run_id) as o
    join codered.ci_jobs j on j.id = o.id
    where r.provider = 'github-actions' and o.covered_by is null and j.html_url is not null and j.steps <> '[]'
    order by j.html_url
    limit 2000
  ) as t
  where t.steps is not null
$$;
comment on function codered.steps_of_jobs(bigint, text) is
  'The own steps of the jobs that count for a commit, each in its newest attempt: [{url, steps: [{name, conclusion}]}], by the job''s address.';

create function codered.read_gate_commit(repository_id bigint, pull_request_number integer, sha text)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'subject', codered.read_gate_subject(
      read_gate_commit.repository_id, read_gate_commit.pull_request_number, read_gate_commit.sha),
    'jobs', codered.steps_of_jobs(read_gate_commit.repository_id, read_gate_commit.sha))
$$;
comment on function codered.read_gate_commit(bigint, integer, text) is
  'What read_gate_subject says (subject, null when it is unknown), and the steps of the jobs (steps_of_jobs), of one moment.';

revoke execute on function codered.steps_of_jobs(bigint, text), codered.read_gate_commit(bigint, integer, text) from public;
grant execute on function codered.steps_of_jobs(bigint, text), codered.read_gate_commit(bigint, integer, text) to service_role;
