-- Which patterns matched in the organisation of a repository, also where the log of a job that passed says the same. Old workers survive it: they do not ask.

create or replace function codered.list_pattern_use(repository_id bigint)
returns json
language sql
stable
set search_path = ''
as $$
  with place as (
    select p.id, p.org_id
    from codered.repositories r
    join codered.projects p on p.id = r.project_id
    where r.id = list_pattern_use.repository_id
  ),
  used as (
    select m.bug_pattern_id, count(*) as matched, count(*) filter (where m.is_primary) as told,
      count(*) filter (where m.demoted = 'in-green-log') as in_green_logs, max(m.created_at) as last_matched_at
    from place
    join codered.projects p on p.id = place.id or p.org_id = place.org_id
    join codered.errors e on e.project_id = p.id
    join codered.error_matches m on m.error_id = e.id
    group by m.bug_pattern_id
  )
  select coalesce(
    json_agg(
      json_build_object(
        'name', b.name, 'category', b.category, 'rank', b.rank, 'is_own', b.project_id is not null, 'is_enabled', b.enabled,
        'matched', coalesce(u.matched, 0), 'told', coalesce(u.told, 0), 'in_green_logs', coalesce(u.in_green_logs, 0),
        'last_matched_at', u.last_matched_at
      )
      order by coalesce(u.in_green_logs, 0) desc, coalesce(u.matched, 0) desc, b.name, b.id
    ),
    '[]'
  )
  from place
  join codered.bug_patterns b on b.project_id is null or b.project_id = place.id
  left join used u on u.bug_pattern_id = b.id
  where b.deleted_at is null
$$;

comment on function codered.list_pattern_use(bigint) is
  'The patterns of a repository''s project with everybody''s: in how many failures of its organisation each matched, was told as the cause, and stood in the green log too; the last first, as they may be worded too widely. What happens in other organisations never counts.';

revoke execute on function codered.list_pattern_use from public;

grant execute on function codered.list_pattern_use to service_role;
