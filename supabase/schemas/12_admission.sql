-- Which accounts may use this CodeRed, and who was turned away.

create table codered.allowed_accounts (
  login text primary key,
  account_id bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint allowed_accounts_login_check check (
    (char_length(login) between 1 and 500 and login = lower(login))
    or codered.refuse_value('allowed_accounts.login', login, '1 to 500 characters in lower case'))
);
comment on table codered.allowed_accounts is
  'Which account a login of CODERED_ALLOWED_ACCOUNTS means: the first that was seen under it. A new name does not lock that account out, and whoever takes the old one is not let in. Delete a row to have it settled anew.';
comment on column codered.allowed_accounts.account_id is 'GitHub''s id of the user or organisation; never used again.';
alter table codered.allowed_accounts enable row level security;
create policy allowed_accounts_nobody on codered.allowed_accounts for select to authenticated using (false);
revoke all on codered.allowed_accounts from public, anon, authenticated;
grant select, insert, update, delete on codered.allowed_accounts to service_role;
create trigger allowed_accounts_touch before update on codered.allowed_accounts
  for each row execute function codered.touch_updated_at();

create table codered.kept_out_installations (
  id bigint primary key,
  account_id bigint,
  account_login text,
  reason text not null,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table codered.kept_out_installations is
  'Installations of accounts that CODERED_ALLOWED_ACCOUNTS does not name: all that is kept of them. The log names each once, when its row is made.';
comment on column codered.kept_out_installations.deleted_at is 'When CodeRed learned that it was uninstalled.';
alter table codered.kept_out_installations enable row level security;
create policy kept_out_installations_nobody on codered.kept_out_installations for select to authenticated using (false);
revoke all on codered.kept_out_installations from public, anon, authenticated;
grant select, insert, update, delete on codered.kept_out_installations to service_role;
create trigger kept_out_installations_touch before update on codered.kept_out_installations
  for each row execute function codered.touch_updated_at();

create function codered.is_account_allowed(allowed text[], account_id bigint, account_login text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    exists (
      select from codered.allowed_accounts a
      where a.login = any (is_account_allowed.allowed) and a.account_id = is_account_allowed.account_id
    )
    or (
      coalesce(lower(is_account_allowed.account_login) = any (is_account_allowed.allowed), false)
      and not exists (
        select from codered.allowed_accounts a
        where a.login = lower(is_account_allowed.account_login) and a.account_id is distinct from is_account_allowed.account_id
      )
    )
$$;
comment on function codered.is_account_allowed(text[], bigint, text) is
  'Whether an account is one of the logins (in lower case) that are let in: by its id where a login''s account is known, else by its login.';
revoke execute on function codered.is_account_allowed from public;
grant execute on function codered.is_account_allowed to service_role;

create function codered.admit_account(
  allowed text[], installation_id bigint default null, account_id bigint default null, account_login text default null,
  is_leaving boolean default false
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  known_id bigint;
  known_login text;
  its_id bigint := admit_account.account_id;
  its_login text := left(admit_account.account_login, 500);
  meant bigint;
  is_allowed boolean;
  is_news boolean := false;
  why text;
begin
  -- An installation stays with its account; a repository that it can see may have gone to somebody else.
  select o.github_account_id, i.account_login into known_id, known_login
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.id = admit_account.installation_id;
  if known_id is null then
    select k.account_id, coalesce(known_login, k.account_login) into known_id, known_login
    from codered.kept_out_installations k
    where k.id = admit_account.installation_id;
  end if;
  if known_id is not null and its_id is distinct from known_id then
    its_id := known_id;
    its_login := known_login;
  end if;
  its_login := coalesce(its_login, known_login);

  -- The account that we know under a login is the one that is meant, else the first that is seen under it.
  if its_id is not null and lower(its_login) = any (admit_account.allowed)
    and not exists (select from codered.allowed_accounts a where a.login = lower(its_login))
  then
    insert into codered.allowed_accounts (login, account_id)
    select lower(its_login), coalesce(
      (
        select o.github_account_id
        from codered.orgs o
        where lower(o.login) = lower(its_login) and o.github_account_id is not null
        order by o.created_at, o.id
        limit 1
      ), its_id)
    on conflict do nothing;
  end if;
  is_allowed := codered.is_account_allowed(admit_account.allowed, its_id, its_login);
  if not is_allowed then
    -- One that we know under a login of the list from before the list was made, and that has another one by now.
    insert into codered.allowed_accounts (login, account_id)
    select lower(o.login), o.github_account_id
    from codered.orgs o
    where o.github_account_id = its_id and lower(o.login) = any (admit_account.allowed)
    on conflict do nothing;
    is_allowed := codered.is_account_allowed(admit_account.allowed, its_id, its_login);
  end if;
  if is_allowed then
    delete from codered.kept_out_installations k where k.id = admit_account.installation_id;
    return json_build_object('is_allowed', true, 'is_news', found, 'account_login', its_login, 'reason', null);
  end if;

  select a.account_id into meant
  from codered.allowed_accounts a
  where a.login = lower(its_login) and a.login = any (admit_account.allowed);
  why := left(case
    when its_login is null then 'kept out: it names no account, and CODERED_ALLOWED_ACCOUNTS is set'
    when meant is not null then format(
      'kept out: %s in CODERED_ALLOWED_ACCOUNTS is the account with the id %s, and this one has the id %s', its_login, meant,
      coalesce(its_id::text, 'unknown'))
    else format('kept out: CODERED_ALLOWED_ACCOUNTS does not name the account %s', its_login)
  end, 1000);
  if admit_account.installation_id is not null then
    insert into codered.kept_out_installations (id, account_id, account_login, reason)
    values (admit_account.installation_id, its_id, its_login, why)
    on conflict do nothing;
    is_news := found;
    update codered.kept_out_installations k
    set
      account_id = coalesce(k.account_id, its_id), account_login = coalesce(its_login, k.account_login), reason = why,
      deleted_at = case when admit_account.is_leaving then coalesce(k.deleted_at, now()) else k.deleted_at end
    where k.id = admit_account.installation_id and (k.reason <> why or (admit_account.is_leaving and k.deleted_at is null));
  end if;
  return json_build_object('is_allowed', false, 'is_news', is_news, 'account_login', its_login, 'reason', why);
end
$$;
comment on function codered.admit_account(text[], bigint, bigint, text, boolean) is
  'Whether what an installation sends is let in, by the logins allowed (in lower case) and the account as the payload names it: {is_allowed, is_news, account_login, reason}. is_news: the log has not named it yet. Notes which account a login means and which installations are kept out; is_leaving: it was uninstalled.';
revoke execute on function codered.admit_account from public;
grant execute on function codered.admit_account to service_role;

create function codered.read_admission(
  allowed text[], installation_id bigint default null, repository_id bigint default null, full_name text default null,
  owner_id bigint default null, owner_login text default null
)
returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object(
    'account_login', i.account_login,
    'is_allowed', codered.is_account_allowed(read_admission.allowed, o.github_account_id, i.account_login)
      -- A repository that has gone to somebody else is theirs, whatever installation we know it by.
      and (
        (read_admission.owner_id is null and read_admission.owner_login is null)
        or codered.is_account_allowed(read_admission.allowed, read_admission.owner_id, read_admission.owner_login)
      ))
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.id = coalesce(
    read_admission.installation_id,
    (
      select r.installation_id
      from codered.repositories r
      where r.id = coalesce(
        read_admission.repository_id,
        codered.find_repository(split_part(read_admission.full_name, '/', 1), split_part(read_admission.full_name, '/', 2)))
    ))
$$;
comment on function codered.read_admission(text[], bigint, bigint, text, bigint, text) is
  'Whether an installation, or the one of a repository by its id or as owner/name, is let in: {account_login, is_allowed}; null when it is not known. owner_id and owner_login: who owns the repository by somebody else''s word, who then has to be let in too. Writes nothing.';
revoke execute on function codered.read_admission from public;
grant execute on function codered.read_admission to service_role;

create function codered.keep_out_delivery(app_id bigint, guid text, reason text, claim bigint default null)
returns void
language sql
set search_path = ''
as $$
  update codered.webhook_deliveries w
  set
    status = 'ignored', last_error = left(keep_out_delivery.reason, 4000), payload = '{}', processed_at = now(),
    locked_by = null, locked_until = null
  where w.app_id = keep_out_delivery.app_id and w.guid = keep_out_delivery.guid and w.status <> 'done'
    and (keep_out_delivery.claim is null or w.claim = keep_out_delivery.claim)
$$;
comment on function codered.keep_out_delivery(bigint, text, text, bigint) is 'Closes a delivery of an account that is not let in, with the reason, and keeps nothing of what it said.';
revoke execute on function codered.keep_out_delivery from public;
grant execute on function codered.keep_out_delivery to service_role;

create function codered.kept_out_installations_now(allowed text[])
returns table (id bigint, account_login text, reason text)
language sql
stable
set search_path = ''
as $$
  select k.id, k.account_login, k.reason
  from codered.kept_out_installations k
  where k.deleted_at is null
    and not codered.is_account_allowed(kept_out_installations_now.allowed, k.account_id, k.account_login)
  union
  select i.id, i.account_login, 'let in before; CODERED_ALLOWED_ACCOUNTS does not name it any more'
  from codered.installations i
  join codered.orgs o on o.id = i.org_id
  where i.deleted_at is null
    and not codered.is_account_allowed(kept_out_installations_now.allowed, o.github_account_id, i.account_login)
    and not exists (select from codered.kept_out_installations k where k.id = i.id)
  order by 1
$$;
comment on function codered.kept_out_installations_now(text[]) is
  'The installations that are kept out by the logins allowed, also those that were let in before and have sent nothing since.';
revoke execute on function codered.kept_out_installations_now from public;
grant execute on function codered.kept_out_installations_now to service_role;
