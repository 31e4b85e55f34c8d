-- What a deployment deployed to and where its log stands, each by itself, for the comment. Old workers survive it.

create function codered.read_deployment_links(repository_id bigint, shas text[])
returns json
language sql
stable
set search_path = ''
as $$
  with places as (
    -- Of an environment the newest deployment, as read_report has it.
    select distinct on (d.environment_name) d.id, d.environment_name, d.commit_sha
    from codered.deployments d
    where d.repository_id = read_deployment_links.repository_id and d.commit_sha = any (read_deployment_links.shas)
    order by d.environment_name, d.started_at desc, d.deployment_id desc
  )
  select coalesce(
    json_agg(
      json_build_object(
        'environment_name', p.environment_name, 'commit_sha', p.commit_sha,
        'environment_url', (
          select s.environment_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.environment_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        ),
        'log_url', (
          select s.log_url
          from codered.deployment_statuses s
          where s.deployment_id = p.id and s.state <> 'inactive' and s.log_url is not null
          order by s.created_at desc, s.status_id desc
          limit 1
        )
      )
      order by p.environment_name
    ),
    '[]'
  )
  from places p
$$;
comment on function codered.read_deployment_links(bigint, text[]) is
  'Of each environment''s newest deployment of these commits the newest address that its statuses told of what it deployed to, and of its log; null where none did.';
revoke execute on function codered.read_deployment_links(bigint, text[]) from public;
grant execute on function codered.read_deployment_links(bigint, text[]) to service_role;
