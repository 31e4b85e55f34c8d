-- Which commits were a pull request's head, and when each came: an override lands on one that its author can have seen. Old workers survive it.

create table codered.pull_request_heads (
  repository_id bigint not null,
  pull_request_number integer not null,
  sha text not null,
  came_at timestamptz,
  is_pushed boolean not null default false,
  told_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (repository_id, pull_request_number, sha),
  foreign key (repository_id, pull_request_number) references codered.pull_requests (repository_id, number) on delete cascade
);
alter table codered.pull_request_heads enable row level security;
create policy pull_request_heads_read on codered.pull_request_heads for select to authenticated
  using (repository_id in (select codered.my_repositories()));
grant select on codered.pull_request_heads to authenticated;
grant select, insert, update, delete on codered.pull_request_heads to service_role;
create trigger pull_request_heads_touch before update on codered.pull_request_heads
  for each row execute function codered.touch_updated_at();
comment on table codered.pull_request_heads is 'Every commit that a webhook told to be, or to have been, the head of a pull request.';
comment on column codered.pull_request_heads.came_at is
  'When it became the head, the last time that it did, by GitHub''s clock; null: the event that brought it is late or lost.';
comment on column codered.pull_request_heads.is_pushed is 'Whether it ever came by a push after the pull request was opened.';
comment on column codered.pull_request_heads.told_at is 'GitHub''s time of the last event that names it as the head, or as the head until then.';

create or replace function codered.merge_pull_requests(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.pull_requests as pr (
    repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, state, draft,
    author, opened_at, merged_at, merge_commit_sha, merged_by, source_updated_at, source_delivery
  )
  select distinct on (f.repository_id, f.number)
    f.repository_id, f.number, f.title, f.html_url, f.head_sha, f.head_ref, f.head_repository_id, f.base_ref, f.base_sha,
    f.state, f.draft, f.author, f.opened_at, f.merged_at, f.merge_commit_sha, f.merged_by, f.source_updated_at,
    merge_pull_requests.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, title text, html_url text, head_sha text, head_ref text,
    head_repository_id bigint, base_ref text, base_sha text, state text, draft boolean, author text,
    opened_at timestamptz, merged_at timestamptz, merge_commit_sha text, merged_by text, source_updated_at timestamptz
  )
  order by f.repository_id, f.number, f.source_updated_at desc
  on conflict (repository_id, number) do update
  set
    title = excluded.title,
    html_url = excluded.html_url,
    head_sha = excluded.head_sha,
    head_ref = excluded.head_ref,
    head_repository_id = excluded.head_repository_id,
    base_ref = excluded.base_ref,
    base_sha = excluded.base_sha,
    state = excluded.state,
    draft = excluded.draft,
    author = excluded.author,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    merge_commit_sha = excluded.merge_commit_sha,
    -- Only some payloads name who merged; it never changes.
    merged_by = coalesce(excluded.merged_by, pr.merged_by),
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;

  -- A list that we asked for tells no event: what it says of a head is not kept. Each column only ever grows, so the order can't matter.
  insert into codered.pull_request_heads as h (repository_id, pull_request_number, sha, came_at, is_pushed, told_at)
  select f.repository_id, f.number, s.sha, max(s.came_at), bool_or(s.is_pushed), max(f.source_updated_at)
  from json_to_recordset(facts) as f (
    repository_id bigint, number integer, head_sha text, head_arrival text, former_head_sha text, source_updated_at timestamptz
  )
  cross join lateral (
    values
      (f.head_sha, case when f.head_arrival is not null then f.source_updated_at end, f.head_arrival is not distinct from 'pushed'),
      (f.former_head_sha, null, false)
  ) as s (sha, came_at, is_pushed)
  where s.sha is not null and merge_pull_requests.delivery <> ''
  group by f.repository_id, f.number, s.sha
  on conflict (repository_id, pull_request_number, sha) do update
  set
    came_at = greatest(h.came_at, excluded.came_at),
    is_pushed = h.is_pushed or excluded.is_pushed,
    told_at = greatest(h.told_at, excluded.told_at)
  where (h.came_at, h.is_pushed, h.told_at) is distinct from
    (greatest(h.came_at, excluded.came_at), h.is_pushed or excluded.is_pushed, greatest(h.told_at, excluded.told_at))
$$;
comment on function codered.merge_pull_requests(json, text) is
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so, and so does when its heads came.';

create function codered.read_head_arrival(repository_id bigint, pull_request_number integer, sha_prefix text default null)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'head_sha', pr.head_sha,
    'came_at', case when h.came_at >= coalesce(others.told_at, '-infinity') then h.came_at end,
    'is_only', h.came_at is not null and not h.is_pushed and others.told_at is null,
    'named', case
      when read_head_arrival.sha_prefix is null then '[]'
      else (
        select coalesce(json_agg(n.sha order by n.sha), '[]')
        from (
          select pr.head_sha as sha
          where left(pr.head_sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          union
          select o.sha
          from codered.pull_request_heads o
          where o.repository_id = pr.repository_id and o.pull_request_number = pr.number
            and left(o.sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          union
          select c.sha
          from codered.commits c
          where c.repository_id = pr.repository_id
            and c.sha >= read_head_arrival.sha_prefix and c.sha <= read_head_arrival.sha_prefix || 'g'
            and left(c.sha, length(read_head_arrival.sha_prefix)) = read_head_arrival.sha_prefix
          limit 3
        ) as n
      )
    end)
  from codered.pull_requests pr
  left join codered.pull_request_heads h
    on h.repository_id = pr.repository_id and h.pull_request_number = pr.number and h.sha = pr.head_sha
  cross join lateral (
    select max(o.told_at) as told_at
    from codered.pull_request_heads o
    where o.repository_id = pr.repository_id and o.pull_request_number = pr.number and o.sha <> pr.head_sha
  ) as others
  where pr.repository_id = read_head_arrival.repository_id and pr.number = read_head_arrival.pull_request_number
$$;
comment on function codered.read_head_arrival(bigint, integer, text) is
  'The newest commit of a pull request; came_at: when it came, null when another was the head after its last known arrival, or none is known; is_only: it was opened with this one and no other is known; named: up to three commits of the pull request or the repository that begin with sha_prefix.';

revoke execute on function codered.read_head_arrival(bigint, integer, text) from public;
grant execute on function codered.read_head_arrival(bigint, integer, text) to service_role;
