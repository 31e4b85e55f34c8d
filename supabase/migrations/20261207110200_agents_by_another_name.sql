-- Whoever gives an agent the name that jobs of a type have loses nobody's results. Workers of before survive it.

create or replace function codered.ensure_agent(job codered.agent_jobs)
returns codered.agents
language plpgsql
set search_path = ''
as $$
declare
  agent codered.agents := codered.agent_of_job(job);
begin
  if agent.id is null then
    insert into codered.agents (name, slug, role, description)
    values (
      format('Jobs of the type %s', job.agent_type), job.agent_type,
      case job.agent_type when 'research' then 'research' when 'wireframe' then 'architect' when 'code' then 'code' when 'qa' then 'test'
        when 'plan_sprint' then 'orchestrator' else 'librarian' end,
      'Made when a first job of this type was done; a file of agents with this slug takes its place.')
    on conflict do nothing;
    agent := codered.agent_of_job(job);
  end if;
  if agent.id is null then
    -- A file of agents has that name under another slug: no work is lost for it.
    insert into codered.agents (name, slug, role)
    values (format('Jobs of the type %s, %s', job.agent_type, gen_random_uuid()), job.agent_type, 'librarian')
    on conflict do nothing;
    agent := codered.agent_of_job(job);
  end if;
  return agent;
end
$$;

comment on function codered.ensure_agent(codered.agent_jobs) is
  'The agent of a job; where no file has one, one of the job''s type is made, with the standing of a new agent: green zones, no long horizon, no ceiling.';

revoke execute on function codered.ensure_agent from public;

grant execute on function codered.ensure_agent to service_role;
