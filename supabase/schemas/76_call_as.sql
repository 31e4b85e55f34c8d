-- How the app acts as a person: one function, called as them, with all that row security says of them.

create function codered.call_as(user_id uuid, name text, arguments jsonb default '{}')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  own_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  answer jsonb;
begin
  if not exists (select from codered.profiles p where p.id = call_as.user_id) then
    raise exception 'There is no person "%".', call_as.user_id using errcode = 'CR004';
  end if;
  perform
    set_config('request.jwt.claims', jsonb_build_object('sub', call_as.user_id, 'role', 'authenticated')::text, true),
    -- Older ones of Supabase's own functions read these.
    set_config('request.jwt.claim.sub', call_as.user_id::text, true),
    set_config('request.jwt.claim.role', 'authenticated', true),
    set_config('role', 'authenticated', true);
  -- Whatever a pooler or a setting of the database did to them: nothing runs as anybody else.
  if auth.uid() is distinct from call_as.user_id or current_user <> 'authenticated' then
    raise exception 'The call would not run as person "%".', call_as.user_id using errcode = 'insufficient_privilege';
  end if;
  answer := codered.call_operation(call_as.name, call_as.arguments);
  perform
    set_config('request.jwt.claims', own_claims, true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('role', 'service_role', true);
  return answer;
end
$$;
comment on function codered.call_as(uuid, text, jsonb) is
  'Calls one function as a person and returns its answer. The name is one of those that the operations have (call_operation), and never put into a statement. Security invoker, as Postgres sets no role inside a definer function. Whatever it set is gone when the transaction ends, and before, when it returns. Refuses CR004 (no such person or operation) and what the function refuses.';
revoke execute on function codered.call_as from public;
grant execute on function codered.call_as to service_role;
