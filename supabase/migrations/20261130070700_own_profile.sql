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

create function codered.set_skill_level(skill_level text)
returns json
language plpgsql
set search_path = ''
as $$
begin
  update codered.profiles p set skill_level = set_skill_level.skill_level where p.id = (select auth.uid());
  if not found then
    perform codered.refuse_missing('profile', coalesce(auth.uid()::text, 'null'));
  end if;
  return codered.my_profile();
end
$$;
comment on function codered.set_skill_level(text) is
  'Writes the caller''s own skill level (beginner, intermediate, advanced, or null) and returns my_profile(). CR002, CR004.';
revoke execute on function codered.set_skill_level(text) from public;
grant execute on function codered.set_skill_level(text) to authenticated;
