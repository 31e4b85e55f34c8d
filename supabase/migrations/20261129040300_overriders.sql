-- Who overrides is what the database knows of them, and profiles are seen by people who share an organisation. Old workers survive it.

create function codered.name_overrider()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  known constant text := coalesce(
    (select p.github_login from codered.profiles p where p.id = (select auth.uid())), 'account ' || auth.uid()::text);
begin
  if not codered.is_member_call() then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new."user" := known;
  elsif new.revoked_at is not null then
    new.revoked_at := now();
    new.revoked_by := known;
  end if;
  return new;
end
$$;
comment on function codered.name_overrider() is
  'Puts into an override that a member writes, or revokes, who they are: the login that GitHub told when they signed up, else the id of their account; what they write themselves is ignored. Security definer, because nobody may read that column of profiles; nobody can call it, it is a trigger''s.';
create trigger user_overrides_name before insert or update of revoked_at, revoked_by on codered.user_overrides
  for each row execute function codered.name_overrider();
comment on column codered.user_overrides."user" is
  'Who overrode: a GitHub login, or "account" and the id of whoever wrote the row without having one here. Never what a member writes.';

-- Who is in no organisation of the caller's is nobody to them.
drop policy profiles_read on codered.profiles;
create policy profiles_read on codered.profiles for select to authenticated
  using (id = (select auth.uid()) or id in (select m.user_id from codered.memberships m where m.org_id in (select codered.my_orgs())));

revoke execute on function codered.name_overrider() from public;
