-- Who may do what: the app through its functions, as service_role; nobody else anything yet. Old workers survive it.

revoke all on all tables in schema codered from anon, authenticated;
grant select, insert, update, delete on all tables in schema codered to service_role;
grant usage, select on all sequences in schema codered to service_role;
revoke execute on all functions in schema codered from public, anon, authenticated;
grant execute on all functions in schema codered to service_role;
