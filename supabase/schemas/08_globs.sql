-- Globs as GitHub's CODEOWNERS and path filters know them, and the zones that files touch.

create function codered.glob_matches(path text, glob text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select path ~ any (codered.glob_reading(glob))
$$;
comment on function codered.glob_matches(text, text) is
  'Whether a path fits a glob of the project''s zones, as in a policy: ** is any depth, * a run within a name, ? one character, [ab] one of them, {a,b} either, all from the root of the repository.';
revoke execute on function codered.glob_matches from public;
grant execute on function codered.glob_matches to service_role;

create function codered.zones_of(files text[], rules jsonb)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  zone record;
  glob record;
  fitting text[];
  touched text[];
begin
  for zone in
    select z.key, z.value
    from jsonb_each(case when jsonb_typeof(rules -> 'zones') = 'object' then rules -> 'zones' else '{}'::jsonb end) as z
    where z.key in ('red', 'yellow', 'green') and jsonb_typeof(z.value) = 'array'
    order by z.key
  loop
    fitting := '{}';
    -- One glob after the other, for the database keeps few regular expressions at hand; the last that fits a file decides.
    for glob in
      select starts_with(g.said, '!') as takes_out, codered.glob_reading(ltrim(left(g.said, 1), '!') || substr(g.said, 2)) as expressions
      from jsonb_array_elements_text(zone.value) with ordinality as g (said, nth)
      where g.said is not null
      order by g.nth
    loop
      if glob.takes_out then
        fitting := array(select f.path from unnest(fitting) as f (path) where not f.path ~ any (glob.expressions));
      else
        fitting := fitting || array(select f.path from unnest(files) as f (path) where f.path ~ any (glob.expressions));
      end if;
    end loop;
    if cardinality(fitting) > 0 then
      touched := touched || zone.key;
    end if;
  end loop;
  return touched;
end
$$;
comment on function codered.zones_of(text[], jsonb) is
  'The zones of a project that the files touch, by projects.rules -> zones ({"red": ["src/billing/**", "!**/*.md"]}); null for none.';
revoke execute on function codered.zones_of from public;
grant execute on function codered.zones_of to service_role;

create function codered.glob_quote(said text)
returns text
language sql
immutable
set search_path = ''
as $$
  select regexp_replace(said, '[\\^$.|?*+()[\]{}-]', '\\\&', 'g')
$$;
comment on function codered.glob_quote(text) is 'A text as a regular expression that fits itself.';
revoke execute on function codered.glob_quote from public;
grant execute on function codered.glob_quote to service_role;

create function codered.glob_class_end(said text, start integer)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  place integer := start + 1;
begin
  if substr(said, place, 1) in ('!', '^') then
    place := place + 1;
  end if;
  while place <= char_length(said) loop
    case substr(said, place, 1)
      when ']' then return place;
      when '/' then return 0;
      when '\' then place := place + 2;
      else place := place + 1;
    end case;
  end loop;
  return 0;
end
$$;
comment on function codered.glob_class_end(text, integer) is
  'Where the ] of the class at a place of a glob stands, from 1; 0 when its name ends before.';
revoke execute on function codered.glob_class_end from public;
grant execute on function codered.glob_class_end to service_role;

create function codered.glob_sign_end(said text, start integer)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case substr(said, start, 1)
    when '\' then start + 2
    when '[' then coalesce(nullif(codered.glob_class_end(said, start), 0), start) + 1
    else start + 1
  end
$$;
comment on function codered.glob_sign_end(text, integer) is
  'Where the next sign of a glob begins, from 1: an escape and a class are one sign.';
revoke execute on function codered.glob_sign_end from public;
grant execute on function codered.glob_sign_end to service_role;

create function codered.glob_braces(said text, start integer)
returns table (past integer, alternatives text[])
language plpgsql
immutable
set search_path = ''
as $$
declare
  place integer := start;
  begins integer := start + 1;
  depth integer := 0;
  sign text;
begin
  alternatives := '{}';
  while place <= char_length(said) loop
    sign := substr(said, place, 1);
    if sign = '{' then
      depth := depth + 1;
    elsif sign = '}' then
      depth := depth - 1;
    end if;
    if (sign = ',' and depth = 1) or depth = 0 then
      alternatives := alternatives || substr(said, begins, place - begins);
      begins := place + 1;
    end if;
    if depth = 0 then
      past := place + 1;
      return next;
      return;
    end if;
    place := codered.glob_sign_end(said, place);
  end loop;
end
$$;
comment on function codered.glob_braces(text, integer) is
  'What stands between the commas of the braces at a place of a glob, and the place behind them; no row when they are never closed.';
revoke execute on function codered.glob_braces from public;
grant execute on function codered.glob_braces to service_role;

create function codered.glob_expand(glob text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  waiting text[] := array[glob];
  done text[] := '{}';
  said text;
  place integer := 1;
  braces integer := 0;
  found record;
begin
  -- What is never closed, and many braces, would have each sign after it looked through anew.
  while place <= char_length(glob) loop
    if substr(glob, place, 1) = '[' and codered.glob_class_end(glob, place) = 0 then
      return null;
    end if;
    braces := braces + case when substr(glob, place, 1) = '{' then 1 else 0 end;
    place := codered.glob_sign_end(glob, place);
  end loop;
  if braces > 16 then
    return null;
  end if;
  -- The first of those that wait is read on, its alternatives take its place; what is done is written out.
  while cardinality(waiting) > 0 loop
    said := waiting[1];
    waiting := waiting[2:];
    place := 1;
    loop
      if place > char_length(said) then
        done := done || said;
        exit;
      end if;
      if substr(said, place, 1) = '{' then
        select b.past, b.alternatives into found from codered.glob_braces(said, place) b;
        if found.past is null then
          return null;
        end if;
        if cardinality(found.alternatives) > 1 then
          waiting := array(
            select left(said, place - 1) || a.one || substr(said, found.past)
            from unnest(found.alternatives) with ordinality as a (one, nth)
            order by a.nth
          ) || waiting;
          exit;
        end if;
        if found.alternatives[1] ~* '^(-?[0-9]+|[a-z])\.\.(-?[0-9]+|[a-z])(\.\.-?[0-9]+)?$' then
          return null;
        end if;
      end if;
      place := codered.glob_sign_end(said, place);
    end loop;
    if cardinality(done) + cardinality(waiting) > 100 or char_length(array_to_string(done, '')) > 5000 then
      return null;
    end if;
  end loop;
  return done;
end
$$;
comment on function codered.glob_expand(text) is
  'The globs that one with braces stands for; null where braces are not closed, hold a range or stand for more than 100. src/gate/expand-braces.ts is the same.';
revoke execute on function codered.glob_expand from public;
grant execute on function codered.glob_expand to service_role;

create function codered.glob_range(low text, high text)
returns text
language sql
immutable
set search_path = ''
as $$
  -- A slash stands between names, and is in no class.
  select case
    when low = high then codered.glob_quote(low)
    when ascii(low) > ascii(high) then null
    when ascii(low) > ascii('/') or ascii(high) < ascii('/') then codered.glob_quote(low) || '-' || codered.glob_quote(high)
    else (case when low = '.' then '\.' else codered.glob_quote(low) || '-\.' end)
      || (case when high = '0' then '0' else '0-' || codered.glob_quote(high) end)
  end
$$;
comment on function codered.glob_range(text, text) is 'A range of a class without the slash; null when it ends before it begins.';
revoke execute on function codered.glob_range from public;
grant execute on function codered.glob_range to service_role;

create function codered.glob_is_escape(said text, start integer)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select substr(said, start + 1, 1) <> ''
    and strpos('*?[]{}()!,+@|^-', substr(said, start + 1, 1)) > 0
    and not (substr(said, start + 1, 1) in ('*', '?') and start > 1 and substr(said, start - 1, 1) ~ '[A-Za-z0-9_]')
$$;
comment on function codered.glob_is_escape(text, integer) is
  'Whether the \ at a place of a glob takes the next sign its meaning; else it is meant to stand between folders, which it does not.';
revoke execute on function codered.glob_is_escape from public;
grant execute on function codered.glob_is_escape to service_role;

create function codered.glob_class(said text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  negated boolean := substr(said, 2, 1) in ('!', '^');
  inside text := substr(said, case when negated then 3 else 2 end, char_length(said) - case when negated then 3 else 2 end);
  signs text[] := '{}';
  escapes boolean[] := '{}';
  place integer := 1;
  is_range boolean;
  range text;
  members text := '';
begin
  if inside = '' or said ~ '\[:[a-z]+:' then
    return null;
  end if;
  while place <= char_length(inside) loop
    if substr(inside, place, 1) = '\' then
      if not codered.glob_is_escape(inside, place) then
        return null;
      end if;
      signs := signs || substr(inside, place + 1, 1);
      escapes := escapes || true;
      place := place + 2;
    else
      signs := signs || substr(inside, place, 1);
      escapes := escapes || false;
      place := place + 1;
    end if;
  end loop;
  place := 1;
  while place <= cardinality(signs) loop
    is_range := place + 2 <= cardinality(signs) and signs[place + 1] = '-' and not escapes[place + 1];
    range := codered.glob_range(signs[place], signs[place + case when is_range then 2 else 0 end]);
    if range is null then
      return null;
    end if;
    members := members || range;
    place := place + case when is_range then 3 else 1 end;
  end loop;
  return case
    when negated then '[^/' || members || ']'
    when strpos(said, '\') > 0 then '[' || members || ']'
    else '(?:[' || members || ']|' || codered.glob_quote(said) || ')'
  end;
end
$$;
comment on function codered.glob_class(text) is
  'A class of a glob as a regular expression: one of its characters, or itself, for a folder may be called [id]. Null when it is not understood.';
revoke execute on function codered.glob_class from public;
grant execute on function codered.glob_class to service_role;

create function codered.glob_name(said text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  expression text := '';
  place integer := 1;
  past integer;
  sign text;
  part text;
begin
  while place <= char_length(said) loop
    sign := substr(said, place, 1);
    past := place + 1;
    if sign = '*' then
      past := place + char_length(substring(substr(said, place) from '^\*+'));
    end if;
    if strpos('*?+@!', sign) > 0 and substr(said, past, 1) = '(' then
      return null;
    end if;
    case sign
      when '*' then part := case when past - place > 1 then '.*' else '[^/]*' end;
      when '?' then part := '[^/]';
      when '\' then
        if not codered.glob_is_escape(said, place) then
          return null;
        end if;
        past := place + 2;
        part := codered.glob_quote(substr(said, place + 1, 1));
      when '[' then
        past := codered.glob_class_end(said, place) + 1;
        part := case when past > 1 then codered.glob_class(substr(said, place, past - place)) end;
        if part is null then
          return null;
        end if;
      else part := codered.glob_quote(sign);
    end case;
    expression := expression || part;
    place := past;
  end loop;
  return expression;
end
$$;
comment on function codered.glob_name(text) is
  'What stands between two slashes of a glob as a regular expression; null when it is not understood.';
revoke execute on function codered.glob_name from public;
grant execute on function codered.glob_name to service_role;

create function codered.glob_plain(glob text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  rooted text := case when starts_with(glob, './') then substr(glob, 3) when starts_with(glob, '/') then substr(glob, 2) else glob end;
  names text[] := '{}';
  name text;
  part text;
  expression text := '^';
begin
  if starts_with(glob, '!') or rooted in ('', '.') then
    return null;
  end if;
  if right(rooted, 1) = '/' then
    rooted := rooted || '**';
  end if;
  foreach name in array string_to_array(rooted, '/') loop
    if name in ('', '.', '..', '.git') then
      return null;
    end if;
    name := case when name ~ '^\*\*+$' then '**' else name end;
    if name <> '**' or names[cardinality(names)] is distinct from '**' then
      names := names || name;
    end if;
  end loop;
  for nth in 1 .. cardinality(names) loop
    if names[nth] = '**' then
      -- What src/** means may be one thing itself, a submodule; what lies below * does not.
      expression := expression || case
        when nth < cardinality(names) then '(?:.*/)?'
        when nth = 1 then '.*'
        when names[nth - 1] ~ '(^|[^\\])\*$' then '/.*'
        else '(?:/.*)?'
      end;
    else
      part := codered.glob_name(names[nth]);
      if part is null then
        return null;
      end if;
      expression := expression || part
        || case when nth = cardinality(names) or (nth = cardinality(names) - 1 and names[nth + 1] = '**') then '' else '/' end;
    end if;
  end loop;
  return expression || '$';
end
$$;
comment on function codered.glob_plain(text) is
  'A glob without braces as the regular expression of whole paths; null when no path can fit it, or it is not understood.';
revoke execute on function codered.glob_plain from public;
grant execute on function codered.glob_plain to service_role;

create function codered.glob_expressions(glob text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  expressions text[];
begin
  if glob = '' or char_length(glob) > 500 or glob ~ '^[ \t\r\n]|[ \t\r\n]$'
    or glob ~* '^([a-z]:[/\\]|~/|/home/runner/work/|/github/workspace/|file:)'
  then
    return null;
  end if;
  expressions := array(
    select codered.glob_plain(e.one) from unnest(codered.glob_expand(glob)) with ordinality as e (one, nth) order by e.nth
  );
  return case when cardinality(expressions) > 0 and array_position(expressions, null) is null then expressions end;
end
$$;
comment on function codered.glob_expressions(text) is
  'What a glob of a policy stands for, as regular expressions of whole paths; null where a policy with it is refused. src/gate/glob-syntax.ts writes the same.';
revoke execute on function codered.glob_expressions from public;
grant execute on function codered.glob_expressions to service_role;

create function codered.glob_reading(glob text)
returns text[]
language sql
immutable
set search_path = ''
as $$
  -- What no policy may hold may have been written into projects.rules by hand: it means what it always has.
  with escaped as (
    select regexp_replace(glob, '([.^$+(){}|\[\]\\])', '\\\1', 'g') as text
  ), marked as (
    select replace(replace(text, '**/', chr(1)), '**', chr(2)) as text from escaped
  )
  select coalesce(
    codered.glob_expressions(glob),
    (
      select array[
        '^' || replace(replace(replace(replace(text, '*', '[^/]*'), '?', '[^/]'), chr(1), '(.*/)?'), chr(2), '.*') || '$'
      ]
      from marked
    )
  )
$$;
comment on function codered.glob_reading(text) is
  'The regular expressions of a glob, whoever wrote it; one that a policy may not hold has but **, * and ?, and all else stands for itself.';
revoke execute on function codered.glob_reading from public;
grant execute on function codered.glob_reading to service_role;
