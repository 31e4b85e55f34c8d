-- A person reads and writes their own skill level, and nobody else's. Old workers survive it.

grant update (skill_level) on codered.profiles to authenticated;
comment on column codered.profiles.skill_level is
  'beginner, intermediate or advanced, as the person says; theirs alone to write (policy profiles_update) and to read (my_profile).';

create function codered.my_profile()
returns json
language sql
stable
security definer
set search_path = ''
as $$
  select json_build_object(
    'id', p.id, 'email', p.email, 'username', p.username, 'display_name', p.display_name, 'avatar_url', p.avatar_url,
    'skill_level', p.skill_level, 'github_login', p.github_login)
  from codered.profiles p
  where p.id = (select auth.uid())
$$;
comment on function codered.my_profile() is
  'The caller''s own profile, with what nobody else may read of it; null for who has none. Security definer, because skill_level and email are columns that nobody may read of others; it tells of nobody but the caller.';
revoke execute on function codered.my_profile() from public;
grant execute on function codered.my_profile() to authenticated, service_role;
