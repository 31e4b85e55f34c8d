-- Commits, pull requests and the heads that they had.

create table codered.commits (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  sha text not null,
  ref text,
  message text not null,
  author text,
  authored_at timestamptz,
  pushed_at timestamptz,
  files text[] not null default '{}',
  zones_touched text[],
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  merge_group_ref text,
  merge_group_end text,
  primary key (repository_id, sha),
  constraint commits_sha_check check (
    sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'
    or codered.refuse_value('commits.sha', sha, '40 or 64 hexadecimal digits')
  ),
  constraint commits_message_length check (
    char_length(message) <= 4000
    or codered.refuse_value('commits.message', message, 'at most 4000 characters')
  ),
  constraint commits_merge_group_end_length check (char_length(merge_group_end) between 1 and 100)
);
comment on table codered.commits is 'Commits that a push or a merge group brought; for lead time and zones.';
comment on column codered.commits.ref is 'Where it was pushed first.';
comment on column codered.commits.files is 'Paths added, changed or removed, as far as the push lists them (GitHub cuts at its own limit).';
comment on column codered.commits.merge_group_ref is
  'The branch of a merge queue that asked for checks on the commit; null: none did. A push never sets it: whoever may push can name a branch like a queue''s.';
comment on column codered.commits.merge_group_end is
  'Why GitHub took away the merge group whose commit it is, in its own word: merged, invalidated, dequeued; null while it has not.';
create index commits_pushed_at_idx on codered.commits (repository_id, pushed_at);
create index commits_merge_group_idx on codered.commits (repository_id) where merge_group_ref is not null;
alter table codered.commits enable row level security;
create policy commits_read on codered.commits for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.commits to authenticated;
grant select, insert, update, delete on codered.commits to service_role;
create trigger commits_touch before update on codered.commits
  for each row execute function codered.touch_updated_at();

create table codered.pull_requests (
  repository_id bigint not null references codered.repositories (id) on delete cascade,
  number integer not null,
  title text not null,
  html_url text not null,
  head_sha text not null,
  head_ref text not null,
  head_repository_id bigint,
  base_ref text not null,
  base_sha text not null,
  state text not null,
  draft boolean not null,
  author text,
  opened_at timestamptz not null,
  merged_at timestamptz,
  merge_commit_sha text,
  source_updated_at timestamptz not null,
  source_delivery text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  merged_by text,
  based_at timestamptz,
  primary key (repository_id, number),
  constraint pull_requests_state_check check (
    state in ('open', 'closed', 'merged')
    or codered.refuse_value('pull_requests.state', state, 'open, closed, merged')
  ),
  constraint pull_requests_number_check check (number > 0 or codered.refuse_value('pull_requests.number', number, '1 or more'))
);
comment on table codered.pull_requests is
  'Our own list of pull requests: GitHub names none in the runs of a fork''s pull request, so they are found by head SHA here.';
comment on column codered.pull_requests.head_repository_id is 'The fork it comes from, else this repository; null when the fork is gone. Not necessarily a repository we know.';
comment on column codered.pull_requests.merged_by is
  'GitHub''s login of who merged it, a bot''s too; null until somebody did, and as long as only lists, which leave it out, named the merge.';
comment on column codered.pull_requests.based_at is
  'When its base became another branch than the one it was known with; null: it never did. Runs of before merged it into another branch.';
create index pull_requests_head_sha_idx on codered.pull_requests (repository_id, head_sha);
create index pull_requests_head_ref_idx on codered.pull_requests (repository_id, head_ref);
create index pull_requests_merge_commit_sha_idx on codered.pull_requests (repository_id, merge_commit_sha);
create index pull_requests_open_base_idx on codered.pull_requests (repository_id, base_ref) where state = 'open';
create index pull_requests_merged_idx on codered.pull_requests (repository_id, base_ref, merged_at) where state = 'merged';
alter table codered.pull_requests enable row level security;
create policy pull_requests_read on codered.pull_requests for select to authenticated using (repository_id in (select codered.my_repositories()));
grant select on codered.pull_requests to authenticated;
grant select, insert, update, delete on codered.pull_requests to service_role;
create trigger pull_requests_touch before update on codered.pull_requests
  for each row execute function codered.touch_updated_at();

create table codered.pull_request_heads (
  repository_id bigint not null,
  pull_request_number integer not null,
  sha text not null,
  came_at timestamptz,
  is_pushed boolean not null default false,
  told_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  silence_cause text,
  merge_parent_sha text,
  merge_base_sha text,
  changed_files text[],
  sources_asked_at timestamptz,
  primary key (repository_id, pull_request_number, sha),
  foreign key (repository_id, pull_request_number) references codered.pull_requests (repository_id, number) on delete cascade,
  constraint pull_request_heads_silence_cause_check check (
    silence_cause in ('merge_conflict', 'approval', 'unknown')
    or codered.refuse_value('pull_request_heads.silence_cause', silence_cause, 'merge_conflict, approval, unknown')
  )
);
comment on table codered.pull_request_heads is 'Every commit that a webhook named as the head of a pull request, or as the head until then.';
comment on column codered.pull_request_heads.came_at is
  'When it became the head, the last time that it did, by GitHub''s clock; null: the event that brought it is late or lost.';
comment on column codered.pull_request_heads.is_pushed is 'Whether it ever came by a push after the pull request was opened.';
comment on column codered.pull_request_heads.told_at is 'GitHub''s time of the last event that names it as the head, or as the head until then.';
comment on column codered.pull_request_heads.silence_cause is
  'Why no workflow ran on it, as GitHub was asked once: it conflicts with its base, or somebody has to let its workflows run; unknown: neither; null: not asked.';
comment on column codered.pull_request_heads.merge_parent_sha is
  'The commit of the base branch that GitHub''s merge of this head has for its other parent, when it was made before the runs began; null: not known.';
comment on column codered.pull_request_heads.merge_base_sha is 'Where this head left its base branch, as GitHub says; null: not known.';
comment on column codered.pull_request_heads.changed_files is
  'Paths that it changes against its base, former names of renamed files among them; null: the whole list could not be had.';
comment on column codered.pull_request_heads.sources_asked_at is 'When GitHub was asked for these; null: never.';
alter table codered.pull_request_heads enable row level security;
create policy pull_request_heads_read on codered.pull_request_heads for select to authenticated
  using (repository_id in (select codered.my_repositories()));
grant select on codered.pull_request_heads to authenticated;
grant select, insert, update, delete on codered.pull_request_heads to service_role;
create trigger pull_request_heads_touch before update on codered.pull_request_heads
  for each row execute function codered.touch_updated_at();

create function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery);

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  -- Nothing comes after the end of a group, whichever of the two is told first.
  update codered.commits c
  set merge_group_end = g.merge_group_end
  from (
    select f.repository_id, f.sha, max(f.merge_group_end) as merge_group_end
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
    where f.merge_group_end is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha and c.merge_group_end is distinct from g.merge_group_end;

  -- What became of it stands in the comment of the pull request.
  select codered.queue_recheck(f.repository_id, h.head_sha)
  from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
  cross join lateral codered.merge_group_head(f.repository_id, f.sha) h
  where f.merge_group_end is not null;

  -- A list of commits that we asked for tells no push: a spec in it may be long done.
  select
    case when not codered.is_asked(merge_commits.delivery) then codered.queue_specs(merge_commits.facts) end,
    codered.queue_policy_rechecks(merge_commits.facts), codered.queue_bypass_checks(merge_commits.facts);
$$;
comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one counts, that a merge queue asked about it, and what became of its group, comes from any that says so), queues the reading of the specs among their files, rechecks of what a policy among them may change, a search for bypasses where they went straight to the default branch, and the report of the pull request whose merge group has ended.';
revoke execute on function codered.merge_commits from public;
grant execute on function codered.merge_commits to service_role;

create function codered.merge_pull_requests(facts json, delivery text)
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
    based_at = case
      when excluded.base_ref <> pr.base_ref then greatest(pr.based_at, excluded.source_updated_at)
      else pr.based_at
    end,
    source_updated_at = excluded.source_updated_at,
    source_delivery = excluded.source_delivery
  where (excluded.source_updated_at, excluded.source_delivery) > (pr.source_updated_at, pr.source_delivery);

  -- Also from a payload that is older than what stands.
  update codered.pull_requests pr
  set merged_by = f.merged_by
  from json_to_recordset(facts) as f (repository_id bigint, number integer, merged_by text)
  where pr.repository_id = f.repository_id and pr.number = f.number and pr.merged_by is null and f.merged_by is not null;

  -- The event that changed the base tells when, whether it comes first or last. Where that is lost, a payload of before with
  -- another base tells that it was changed: by the time of what stands, at the latest. One that is known to have been changed
  -- since says nothing new.
  update codered.pull_requests pr
  set based_at = told.based_at
  from (
    select
      p.repository_id, p.number,
      greatest(
        max(f.based_at),
        max(p.source_updated_at) filter (
          where f.base_ref <> p.base_ref and coalesce(p.based_at, '-infinity') <= f.source_updated_at)) as based_at
    from json_to_recordset(facts) as f (
      repository_id bigint, number integer, base_ref text, based_at timestamptz, source_updated_at timestamptz
    )
    join codered.pull_requests p on p.repository_id = f.repository_id and p.number = f.number
    group by p.repository_id, p.number
  ) as told
  where pr.repository_id = told.repository_id and pr.number = told.number
    and told.based_at > coalesce(pr.based_at, '-infinity');

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
  'Merges pull requests: the newest payload tells of one; who merged it comes from any that says so, and so does when its heads came and since when it has its base.';
revoke execute on function codered.merge_pull_requests from public;
grant execute on function codered.merge_pull_requests to service_role;

create function codered.merge_group_head(repository_id bigint, sha text)
returns table (pull_request_number integer, head_sha text)
language sql
stable
set search_path = ''
as $$
  select pr.number, pr.head_sha
  from codered.commits c
  join codered.pull_requests pr
    on pr.repository_id = c.repository_id
    and pr.number = substring(c.merge_group_ref from '/pr-([0-9]{1,9})-[0-9a-f]+$')::integer
    -- What is tried for another branch is not this merge.
    and pr.base_ref = substring(c.merge_group_ref from '^(?:refs/heads/)?gh-readonly-queue/(.+)/pr-[0-9]{1,9}-[0-9a-f]+$')
  where c.repository_id = merge_group_head.repository_id
    and c.sha = merge_group_head.sha
    -- The head has a verdict of its own.
    and pr.head_sha <> c.sha
$$;
comment on function codered.merge_group_head(bigint, text) is
  'The pull request for which a merge queue asked for checks on a commit, to merge it into its base, and its head; no row for any other commit, whatever branch it was pushed to.';
revoke execute on function codered.merge_group_head from public;
grant execute on function codered.merge_group_head to service_role;

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
revoke execute on function codered.read_head_arrival from public;
grant execute on function codered.read_head_arrival to service_role;

create function codered.note_silence(repository_id bigint, pull_request_number integer, sha text, cause text)
returns void
language sql
set search_path = ''
as $$
  update codered.pull_request_heads h
  set silence_cause = note_silence.cause
  where h.repository_id = note_silence.repository_id
    and h.pull_request_number = note_silence.pull_request_number
    and h.sha = note_silence.sha
    and h.silence_cause is distinct from note_silence.cause
$$;
comment on function codered.note_silence(bigint, integer, text, text) is
  'Keeps why no workflow ran on the head of a pull request: merge_conflict, approval or unknown.';
revoke execute on function codered.note_silence from public;
grant execute on function codered.note_silence to service_role;
