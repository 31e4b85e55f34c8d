-- A repository that goes to another organisation takes its project along: the members of the former one saw all that came after. Old workers may go on.

create or replace function codered.follow_transfer()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  from_org uuid;
  to_org uuid;
begin
  select i.org_id into from_org from codered.installations i where i.id = old.installation_id;
  select i.org_id into to_org from codered.installations i where i.id = new.installation_id;
  -- A project that the operator has put into another organisation stays there.
  if from_org = to_org or to_org is null
    or not exists (select from codered.projects p where p.id = new.project_id and p.org_id = from_org) then
    return new;
  end if;
  if exists (select from codered.repositories r where r.project_id = new.project_id and r.id <> new.id) then
    new.project_id := null;
  else
    update codered.projects p set org_id = to_org where p.id = new.project_id;
  end if;
  return new;
end
$$;

comment on function codered.follow_transfer() is
  'A repository that goes to another organisation takes its project along, so that the members of the one see no more of it and those of the other do; where the project has other repositories it leaves it, and gets one of its own.';

revoke execute on function codered.follow_transfer from public;

create or replace trigger repositories_transfer before update of installation_id on codered.repositories
  for each row when (new.installation_id is distinct from old.installation_id)
  execute function codered.follow_transfer();

-- Those that have gone already.
update codered.projects p
set org_id = i.org_id
from codered.repositories r
join codered.installations i on i.id = r.installation_id
where r.project_id = p.id
  and i.org_id <> p.org_id
  and exists (select from codered.installations former where former.org_id = p.org_id)
  and not exists (select from codered.repositories other where other.project_id = p.id and other.id <> r.id);
