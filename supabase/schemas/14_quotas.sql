-- How much one installation may cost in a day.

create table codered.quotas (
  id uuid primary key default gen_random_uuid(),
  installation_id bigint,
  deliveries_per_day bigint,
  excerpts bigint,
  artifact_bytes_per_day bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint quotas_installation_id_key unique nulls not distinct (installation_id),
  constraint quotas_deliveries_per_day_check
    check (deliveries_per_day >= 0 or codered.refuse_value('quotas.deliveries_per_day', deliveries_per_day, '0 or more, null for no limit')),
  constraint quotas_excerpts_check
    check (excerpts >= 0 or codered.refuse_value('quotas.excerpts', excerpts, '0 or more, null for no limit')),
  constraint quotas_artifact_bytes_per_day_check check (
    artifact_bytes_per_day >= 0
    or codered.refuse_value('quotas.artifact_bytes_per_day', artifact_bytes_per_day, '0 or more, null for no limit'))
);
comment on table codered.quotas is
  'How much an installation may use. The row without an installation_id is everybody''s; a row of an installation''s own takes its place whole. Null: no limit.';
comment on column codered.quotas.installation_id is 'GitHub''s id; no foreign key, a quota may be set before anything is known of it.';
comment on column codered.quotas.deliveries_per_day is
  'Deliveries that leave facts, a day in UTC. Those beyond are put off to the next day; what may turn a gate red goes on up to twice as many.';
comment on column codered.quotas.excerpts is 'Excerpts of logs that are kept. A failure beyond that is shown without its lines.';
comment on column codered.quotas.artifact_bytes_per_day is
  'Bytes of what artifacts and uploads say, as it is kept, a day in UTC. One beyond is not read, and so never green.';
alter table codered.quotas enable row level security;
create policy quotas_nobody on codered.quotas for select to authenticated using (false);
revoke all on codered.quotas from public, anon, authenticated;
grant select, insert, update, delete on codered.quotas to service_role;
create trigger quotas_touch before update on codered.quotas
  for each row execute function codered.touch_updated_at();

create table codered.installation_usage (
  installation_id bigint primary key,
  day date not null,
  deliveries bigint not null default 0,
  artifact_bytes bigint not null default 0,
  excerpts bigint not null default 0,
  told jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.installation_usage is 'What an installation has used of its quotas, as far as it is counted: see codered.quotas.';
comment on column codered.installation_usage.day is 'Of deliveries and artifact_bytes, in UTC.';
comment on column codered.installation_usage.deliveries is 'Handed to workers in small lots, so up to a thousandth more than were worked on.';
comment on column codered.installation_usage.excerpts is 'Counted anew once a day, and those that came since.';
comment on column codered.installation_usage.told is 'For which quotas the log has a line already, with the share in per cent: {"deliveries": 80}.';
alter table codered.installation_usage enable row level security;
create policy installation_usage_nobody on codered.installation_usage for select to authenticated using (false);
revoke all on codered.installation_usage from public, anon, authenticated;
grant select, insert, update, delete on codered.installation_usage to service_role;
create trigger installation_usage_touch before update on codered.installation_usage
  for each row execute function codered.touch_updated_at();

create function codered.take_quota(installation_id bigint, quota text, amount bigint default null, is_urgent boolean default false)
returns json
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  today constant date := (now() at time zone 'UTC')::date;
  most bigint;
  room bigint;
  usage codered.installation_usage;
  used bigint;
  granted bigint;
  share integer;
begin
  if take_quota.quota not in ('deliveries', 'excerpts', 'artifact_bytes') then
    perform codered.refuse_value('take_quota.quota', take_quota.quota, 'deliveries, excerpts, artifact_bytes');
  end if;
  select case take_quota.quota when 'deliveries' then q.deliveries_per_day when 'excerpts' then q.excerpts else q.artifact_bytes_per_day end
  into most
  from codered.quotas q
  where q.installation_id = take_quota.installation_id or q.installation_id is null
  order by q.installation_id is null
  limit 1;
  if most is null then
    return json_build_object(
      'granted', coalesce(take_quota.amount, 1000), 'is_held', false, 'allowed', null, 'told', null, 'until', null);
  end if;

  insert into codered.installation_usage (installation_id, day) values (take_quota.installation_id, today) on conflict do nothing;
  select u.* into usage from codered.installation_usage u where u.installation_id = take_quota.installation_id for update;
  if usage.day < today then
    usage.deliveries := 0;
    usage.artifact_bytes := 0;
    usage.told := usage.told - '{deliveries,artifact_bytes}'::text[];
  end if;
  used := case take_quota.quota
    when 'deliveries' then usage.deliveries when 'excerpts' then usage.excerpts else usage.artifact_bytes end;
  room := greatest(most * case when take_quota.is_urgent then 2 else 1 end - used, 0);
  granted := case
    -- Deliveries go out in lots, so that not each of them asks.
    when take_quota.amount is null then least(room, greatest(1, least(most / 1000, 100)))
    when take_quota.amount <= room then take_quota.amount
    else 0
  end;
  used := used + granted;
  -- Told before it holds anything back, and once it does.
  share := case
    when granted < coalesce(take_quota.amount, 1) or used >= most then 100
    when used >= most * 0.8 then 80
    else 0
  end;
  if share <= coalesce((usage.told ->> take_quota.quota)::integer, 0) then
    share := null;
  end if;
  update codered.installation_usage u
  set
    day = greatest(usage.day, today),
    deliveries = case take_quota.quota when 'deliveries' then used else usage.deliveries end,
    artifact_bytes = case take_quota.quota when 'artifact_bytes' then used else usage.artifact_bytes end,
    excerpts = case take_quota.quota when 'excerpts' then used else usage.excerpts end,
    told = case when share is null then usage.told else usage.told || jsonb_build_object(take_quota.quota, share) end
  where u.installation_id = take_quota.installation_id;
  return json_build_object(
    'granted', granted, 'is_held', granted < coalesce(take_quota.amount, 1), 'allowed', most, 'told', share,
    'until', to_char((greatest(usage.day, today) + 1)::timestamp, 'YYYY-MM-DD"T00:00:00Z"'));
end
$$;
comment on function codered.take_quota(bigint, text, bigint, boolean) is
  'Takes amount of an installation''s quota (deliveries, excerpts, artifact_bytes), all or nothing; without an amount a lot of them, or what there is: {granted, is_held, allowed, told, until}. told: 80 or 100 when the log has to say that this much in per cent is used, once a day; else null. until: when the day''s begins anew. is_urgent: up to twice as much. CR002.';
revoke execute on function codered.take_quota from public;
grant execute on function codered.take_quota to service_role;

create function codered.recount_excerpts()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  changed integer;
begin
  update codered.installation_usage u
  set
    excerpts = c.kept,
    told = case
      when c.kept < coalesce((
          select q.excerpts from codered.quotas q
          where q.installation_id = u.installation_id or q.installation_id is null
          order by q.installation_id is null limit 1), 9223372036854775807) * 0.8
      then u.told - 'excerpts' else u.told
    end
  from (
    select known.installation_id, count(kept.id) as kept
    from codered.installation_usage known
    left join (
      select e.id, r.installation_id
      from codered.errors e
      left join codered.ci_events v on v.id = e.ci_event_id
      left join codered.deployments d on d.id = e.deployment_id
      join codered.repositories r on r.id = coalesce(v.repository_id, d.repository_id)
      where e.excerpt is not null
    ) as kept on kept.installation_id = known.installation_id
    group by known.installation_id
  ) as c
  where c.installation_id = u.installation_id and u.excerpts <> c.kept;
  get diagnostics changed = row_count;
  return changed;
end
$$;
comment on function codered.recount_excerpts() is
  'Counts the excerpts that are kept, for the quota: once a day, as some are pruned, erased or classified anew. Returns for how many installations the number was another.';
revoke execute on function codered.recount_excerpts from public;
grant execute on function codered.recount_excerpts to service_role;

create function codered.put_off_delivery(app_id bigint, guid text, until timestamptz, reason text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'failed', available_at = put_off_delivery.until, attempts = greatest(w.attempts - 1, 0),
    last_error = left(put_off_delivery.reason, 4000), locked_by = null, locked_until = null
  where w.app_id = put_off_delivery.app_id and w.guid = put_off_delivery.guid and w.status in ('pending', 'processing')
    and (put_off_delivery.claim is null or w.claim = put_off_delivery.claim)
$$;
comment on function codered.put_off_delivery(bigint, text, timestamptz, text, bigint) is
  'Has a delivery wait until then, with the reason; the try does not count. It stays until it is done.';
revoke execute on function codered.put_off_delivery from public;
grant execute on function codered.put_off_delivery to service_role;

create function codered.take_repository_quota(repository_id bigint, quota text, amount bigint)
returns json
language sql
set search_path = ''
as $$
  select codered.take_quota(r.installation_id, take_repository_quota.quota, take_repository_quota.amount)
  from codered.repositories r
  where r.id = take_repository_quota.repository_id and r.installation_id is not null
$$;
comment on function codered.take_repository_quota(bigint, text, bigint) is
  'take_quota of the installation that sees a repository; null when none does.';
revoke execute on function codered.take_repository_quota from public;
grant execute on function codered.take_repository_quota to service_role;

create function codered.take_excerpt(installation_id bigint, diagnosis jsonb)
returns json
language sql
set search_path = ''
as $$
  -- Judged again, a failure keeps the one that it has.
  select codered.take_quota(take_excerpt.installation_id, 'excerpts', case when exists (
    select
    from codered.errors e
    where e.ci_job_id is not distinct from (take_excerpt.diagnosis ->> 'ci_job_id')::uuid
      and e.ci_event_id is not distinct from (take_excerpt.diagnosis ->> 'ci_event_id')::uuid
      and e.deployment_id is not distinct from (take_excerpt.diagnosis ->> 'deployment_id')::uuid
      and e.agent_run_id is null
      and e.excerpt is not null
  ) then 0 else 1 end)
$$;
comment on function codered.take_excerpt(bigint, jsonb) is
  'take_quota of one excerpt for the failure of a job, run or deployment ({ci_job_id, ci_event_id, deployment_id}); of none when it has one already.';
revoke execute on function codered.take_excerpt from public;
grant execute on function codered.take_excerpt to service_role;

insert into codered.quotas (deliveries_per_day, excerpts, artifact_bytes_per_day) values (100000, 100000, 5368709120);
