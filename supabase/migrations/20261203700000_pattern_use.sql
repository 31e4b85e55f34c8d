-- Which patterns matched in the organisation of a repository, also where the log of a job that passed says the same; a comment. Old workers survive it: they do not ask.

comment on table codered.error_matches is 'Which patterns matched a failure; exactly one at most is the primary one.';

comment on column codered.error_matches.line_text is 'The cleaned, redacted line that matched.';

comment on column codered.error_matches.cause_position is
  'Of the causes that do not follow from each other, the how manieth this is; 1 is the primary one. Null for what is none.';

comment on column codered.error_matches.rank is 'The pattern''s rank when it matched.';

comment on column codered.error_matches.demoted is 'Why it comes after all others; null where it counts in full.';

comment on column codered.error_matches.step_name is 'The step that it stands in, as the log calls it, redacted.';

comment on column codered.error_matches.others is 'How many other lines the pattern matched there.';

comment on column codered.error_matches.other_lines is 'The first three of them: line_number and text, redacted, and where in the repository they point (file_path, line), which older rows lack.';

comment on column codered.error_matches.line is '1-based line of file_path in the repository, as the matched line names it.';

grant select on codered.error_matches to authenticated;

grant select, insert, update, delete on codered.error_matches to service_role;

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
