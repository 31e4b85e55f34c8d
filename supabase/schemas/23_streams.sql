-- What open streams wait for: one question for all streams of a process.

create function codered.stream_news(asked jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  span record;
  projects jsonb := '[]';
  jobs jsonb;
begin
  -- In a statement of its own, before the ones that read: settled_events says why.
  select s.* into span from codered.settled_events() s;
  if jsonb_typeof(stream_news.asked -> 'after_event') = 'number' then
    select coalesce(jsonb_agg(distinct n.project_id), '[]') into projects
    from (
      -- By place alone: since the last question there are few, however many projects are asked for.
      with latest as materialized (
        select e.project_id
        from codered.events e
        where e.id > (stream_news.asked ->> 'after_event')::bigint and e.id <= span.settled
      )
      select l.project_id
      from latest l
      where l.project_id in (select p.value::uuid from jsonb_array_elements_text(stream_news.asked -> 'projects') as p (value))
    ) as n;
  end if;
  select coalesce(jsonb_object_agg(n.job_id, n.version), '{}') into jobs
  from (
    select k.key as job_id, k.value as known, coalesce(j.xmin::text, 'gone') as version
    from jsonb_each_text(stream_news.asked -> 'jobs') as k (key, value)
    left join codered.agent_jobs j on j.id = k.key::uuid
  ) as n
  where n.version is distinct from n.known;
  return jsonb_build_object(
    'settled', span.settled,
    'given', (select case when s.is_called then s.last_value else s.last_value - 1 end from codered.events_id_seq s),
    'projects', projects, 'jobs', jobs);
end
$$;
comment on function codered.stream_news(jsonb) is
  'What is new of {after_event: <place or null>, projects: [<id>], jobs: {<id>: <version known>}}: {settled: <place up to which events can be listed>, given: <the last place that was given out>, projects: [those with events after the place], jobs: {<id>: <version now>}}, of jobs those with another version, "gone" for one that is not there. A version is the transaction that wrote the row last, so that no change of it is missed. It says that there is something, and not what: that is read by each person, with their rights. Security definer, because nobody else reads the sequence.';
revoke execute on function codered.stream_news from public;
grant execute on function codered.stream_news to service_role;
