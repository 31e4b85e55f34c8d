-- Patterns say what they know (rank) and which of their lines counts (pick); a diagnosis knows its job's steps. Old workers survive it: both have defaults, and they pass over what is new in the answers.
alter table codered.bug_patterns
  add column rank text not null default 'cause',
  add column pick text not null default 'last',
  add constraint bug_patterns_rank_check check (
    rank in ('cause', 'generic', 'consequence') or codered.refuse_value('bug_patterns.rank', rank, 'cause, generic, consequence')
  ),
  add constraint bug_patterns_pick_check check (pick in ('last', 'first') or codered.refuse_value('bug_patterns.pick', pick, 'last, first'));

comment on column codered.bug_patterns.rank is 'cause: what broke; generic: true, but it says little; consequence: what follows from it. The best rank wins, whatever the priority.';

comment on column codered.bug_patterns.pick is 'Which of its lines counts: the last or the first.';

-- Retired with deleted_at, never deleted: failures point at them. Source and counts are the app's.
grant insert (id, project_id, name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, rank, pick, enabled) on codered.bug_patterns to authenticated;

grant update (name, description, kind, pattern_signature, root_cause, recommended_fix, related_lessons, category, severity,
  docs_url, priority, rank, pick, enabled, deleted_at) on codered.bug_patterns to authenticated;

create or replace function codered.list_patterns(project_id uuid)
returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'id', p.id, 'name', p.name, 'kind', p.kind, 'pattern', p.pattern_signature, 'category', p.category,
        'severity', p.severity, 'root_cause', p.root_cause, 'recommended_fix', p.recommended_fix,
        'docs_url', p.docs_url, 'priority', p.priority, 'rank', p.rank, 'pick', p.pick
      )
      -- A project's own patterns come before everybody's.
      order by p.priority desc, p.project_id is null, p.position, p.created_at, p.id
    ),
    '[]'
  )
  from codered.bug_patterns p
  where p.enabled
    and p.deleted_at is null
    and (p.project_id is null or p.project_id = list_patterns.project_id)
$$;

comment on function codered.list_patterns(uuid) is 'The patterns that failures of a project are matched with, in the order that decides the primary one.';

revoke execute on function codered.list_patterns from public;

grant execute on function codered.list_patterns to service_role;

create or replace function codered.read_diagnosis_subject(input jsonb)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'project_id', r.project_id,
    'installation_id', r.installation_id,
    'repository_id', r.id,
    'owner', r.owner,
    'name', r.name,
    'ci_job', (
      select json_build_object(
        'id', j.id, 'job_id', j.job_id, 'name', j.name, 'status', j.status, 'steps', j.steps,
        'has_failed_step', exists (
          select 1 from jsonb_array_elements(j.steps) as s (step) where s.step ->> 'conclusion' in ('failure', 'timed_out')
        )
      )
      from codered.ci_jobs j
      where j.id = (input ->> 'ci_job_id')::uuid
    ),
    'ci_event', (
      select json_build_object(
        'id', e.id, 'provider', e.provider, 'run_id', e.run_id, 'run_attempt', e.run_attempt,
        'workflow_name', e.workflow_name, 'workflow_path', e.workflow_path,
        'status', e.status, 'conclusion', e.conclusion, 'summary', e.summary,
        'jobs', (select count(*) from codered.ci_jobs j where j.ci_event_id = e.id),
        'has_failed_job', exists (select 1 from codered.ci_jobs j where j.ci_event_id = e.id and j.status = 'failed')
      )
      from codered.ci_events e
      where e.id = (input ->> 'ci_event_id')::uuid
    ),
    'deployment', (
      select json_build_object(
        'id', d.id, 'environment_name', d.environment_name, 'status', d.status,
        'description', (
          select s.description
          from codered.deployment_statuses s
          where s.deployment_id = d.id and s.state in ('failure', 'error')
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      from codered.deployments d
      where d.id = (input ->> 'deployment_id')::uuid
    )
  )
  from codered.repositories r
  where r.id = (input ->> 'repository_id')::bigint
$$;

comment on function codered.read_diagnosis_subject(jsonb) is 'The failed or canceled job, CI event or deployment that a diagnose job is about, with where to reach it; null when its repository is unknown.';

revoke execute on function codered.read_diagnosis_subject from public;

grant execute on function codered.read_diagnosis_subject to service_role;
