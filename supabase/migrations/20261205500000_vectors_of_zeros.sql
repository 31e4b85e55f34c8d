-- A vector of zeros is refused in words where it had no answer. Old workers survive it.

create or replace function codered.find_similar_patterns(query_embedding jsonb, match_count integer default 10, filter_type text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  place constant text := (
    select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'
  );
  answer jsonb;
begin
  if place is null then
    perform codered.refuse_state('pgvector', 'missing', 'a database with the extension vector');
  end if;
  if jsonb_typeof(find_similar_patterns.query_embedding) is distinct from 'array'
    or jsonb_array_length(find_similar_patterns.query_embedding) <> 1536
    or find_similar_patterns.query_embedding @? 'strict $[*] ? (@.type() != "number")'
    -- Nothing is like a vector without a direction.
    or not find_similar_patterns.query_embedding @? 'strict $[*] ? (@ != 0)'
  then
    perform codered.refuse_value('query_embedding', left(coalesce(find_similar_patterns.query_embedding::text, 'null'), 80), '1536 numbers, not all of them 0');
  end if;
  execute format(
    -- Numbers whose squares are too small or too large to be told leave a likeness that is no number.
    'select coalesce(jsonb_agg(to_jsonb(m)), ''[]'') from codered.match_patterns($1::%I.vector, $2, $3) as m where m.similarity <> ''NaN''', place)
    into answer
    using find_similar_patterns.query_embedding::text, find_similar_patterns.match_count, find_similar_patterns.filter_type;
  return answer;
end
$$;

comment on function codered.find_similar_patterns(jsonb, integer, text) is
  'As match_patterns, with the vector as a JSON array of numbers, and in words where the database has no pgvector (CR003). Refuses CR002, also for a vector of zeros.';

revoke execute on function codered.find_similar_patterns from public;

grant execute on function codered.find_similar_patterns to authenticated, service_role;
