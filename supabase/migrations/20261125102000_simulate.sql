-- Finding a repository by the name that people use, for `codered gate simulate`. Old workers survive it.

create function codered.find_repository(owner text, name text)
returns bigint
language sql
stable
set search_path = ''
as $$
  select r.id
  from codered.repositories r
  where lower(r.owner) = lower(find_repository.owner)
    and lower(r.name) = lower(find_repository.name)
    and r.deleted_at is null
  order by r.source_updated_at desc, r.id
  limit 1
$$;
comment on function codered.find_repository(text, text) is
  'The id of the repository of this owner and name, in upper or lower case, as GitHub finds it; of several, because one was renamed and another made, the one told of last. Null when none is known.';
revoke execute on function codered.find_repository(text, text) from public;
grant execute on function codered.find_repository(text, text) to service_role;
