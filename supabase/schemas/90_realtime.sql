-- What Supabase Realtime sends, and a last check of the whole.

-- Realtime asks the policies before it tells anybody. events go out under their own name, not a month's.
alter publication supabase_realtime set (publish_via_partition_root = true);
alter publication supabase_realtime add table
  codered.projects, codered.agent_jobs, codered.ci_events, codered.deployments, codered.errors, codered.runs, codered.gate_executions, codered.events;

revoke all on all tables in schema codered from anon;

-- What 00_schema.sql put off: every function's body is checked, now that all it may name is there.
reset check_function_bodies;
do $$
declare
  made record;
begin
  for made in
    select p.oid, l.lanname
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang
    where p.pronamespace = 'codered'::regnamespace
  loop
    if made.lanname = 'plpgsql' then
      perform pg_catalog.plpgsql_validator(made.oid);
    else
      perform pg_catalog.fmgr_sql_validator(made.oid);
    end if;
  end loop;
end
$$;
