-- What a stage of a workflow has to have done, checked when it ends: declared outputs, the document's validators, constraints, quality
-- checks, output guarantees, zones and the cost ceiling. Each check is {type, target, passed, severity, code, detail}; passed null: not known,
-- which counts as not passed. All of it is SQL, so that the same holds by every door, in the transaction that ends the stage.

create function codered.stage_check(
  type text, target text, passed boolean, code text, detail text default null, severity text default 'error')
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'type', stage_check.type, 'target', left(stage_check.target, 500), 'passed', stage_check.passed,
    'severity', case when stage_check.severity in ('critical', 'error', 'warning', 'info') then stage_check.severity else 'error' end)
    || case when stage_check.passed then '{}'
      else jsonb_build_object('code', stage_check.code, 'detail', left(stage_check.detail, 300)) end
$$;
comment on function codered.stage_check(text, text, boolean, text, text, text) is
  'One check of a stage, as validation_results has it. A severity that is none of critical, error, warning, info is error.';
revoke execute on function codered.stage_check from public;
grant execute on function codered.stage_check to service_role;

create function codered.plain_heading(line text)
returns text
language sql
immutable
set search_path = ''
as $$
  select lower(btrim(regexp_replace(translate(left(plain_heading.line, 1000), '*_`' || chr(9), '   ' || ' '), ' {2,}', ' ', 'g')))
$$;
comment on function codered.plain_heading(text) is 'A heading as it is compared: lower case, without emphasis, single spaces; its first 1,000 characters.';
revoke execute on function codered.plain_heading from public;
grant execute on function codered.plain_heading to service_role;

create function codered.count_lines(document text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select 1 + char_length(count_lines.document) - char_length(replace(count_lines.document, chr(10), ''))
$$;
comment on function codered.count_lines(text) is 'How many lines a text has.';
revoke execute on function codered.count_lines from public;
grant execute on function codered.count_lines to service_role;

create function codered.markdown_headings(document text)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  headings text[] := '{}';
  paragraph text := '';
  fence text;
  is_comment boolean := false;
  line text;
  marks text;
begin
  if markdown_headings.document is null or char_length(markdown_headings.document) > 1000000
    or codered.count_lines(markdown_headings.document) > 50000 then
    return null;
  end if;
  foreach line in array string_to_array(translate(markdown_headings.document, chr(13), ''), chr(10)) loop
    -- No heading is longer, and no pattern reads more than this of a line.
    line := left(line, 1000);
    marks := substring(line from '^ {0,3}(`{3,}|~{3,})');
    if fence is not null then
      if marks is not null and left(marks, 1) = left(fence, 1) and char_length(marks) >= char_length(fence)
        and btrim(line, ' ' || chr(9)) = marks
      then
        fence := null;
      end if;
    elsif is_comment then
      is_comment := position('-->' in line) = 0;
    -- What stands behind back ticks that open a block has none.
    elsif marks is not null and (left(marks, 1) = '~' or position('`' in btrim(substr(ltrim(line), char_length(marks) + 1))) = 0) then
      fence := marks;
      paragraph := '';
    elsif line ~ '^ {0,3}<!--' then
      is_comment := position('-->' in line) = 0;
      paragraph := '';
    elsif line ~ '^ {0,3}#{1,6}([ \t]|$)' then
      headings := headings || regexp_replace(
        btrim(regexp_replace(line, '^ {0,3}#{1,6}', ''), ' ' || chr(9)), '(^|[ \t])#+$', '');
      paragraph := '';
    elsif paragraph <> '' and line ~ '^ {0,3}(=+|-+)[ \t]*$' then
      headings := headings || paragraph;
      paragraph := '';
    elsif btrim(line) = '' or line ~ '^ {0,3}(>|[-+*] |[0-9]{1,9}[.)] )' or paragraph = '' and line ~ '^( {4}|\t)' then
      paragraph := '';
    else
      paragraph := left(case when paragraph = '' then '' else paragraph || ' ' end || btrim(line), 1000);
    end if;
  end loop;
  return array(select codered.plain_heading(h) from unnest(headings) as h where codered.plain_heading(h) <> '');
end
$$;
comment on function codered.markdown_headings(text) is
  'The headings of a Markdown document (# and underlined ones; none in code, comments, lists or quotes) as plain_heading has them; null when it is longer than 1,000,000 characters or 50,000 lines.';
revoke execute on function codered.markdown_headings from public;
grant execute on function codered.markdown_headings to service_role;

create function codered.is_json_document(document text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  brackets text;
begin
  if is_json_document.document is null or char_length(is_json_document.document) > 1000000 then
    return false;
  end if;
  -- What is nested too deep ends the embedded database when it is read: each round takes the innermost brackets away.
  brackets := regexp_replace(regexp_replace(is_json_document.document, '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g');
  for round in 1..64 loop
    exit when brackets = '';
    brackets := replace(replace(brackets, '[]', ''), '{}', '');
  end loop;
  return brackets = '' and jsonb_typeof(is_json_document.document::jsonb) in ('object', 'array');
exception
  when data_exception or statement_too_complex then
    return false;
end
$$;
comment on function codered.is_json_document(text) is
  'Whether a text of at most 1,000,000 characters is a JSON object or list that is nested at most 64 deep.';
revoke execute on function codered.is_json_document from public;
grant execute on function codered.is_json_document to service_role;

create function codered.entries_of(list jsonb)
returns setof jsonb
language sql
immutable
set search_path = ''
as $$
  select e.entry
  from jsonb_array_elements(case when jsonb_typeof(entries_of.list) = 'array' then entries_of.list else '[]' end) with ordinality as e (entry, n)
  order by e.n
  limit 200
$$;
comment on function codered.entries_of(jsonb) is 'The first 200 entries of a list; none of what is no list.';
revoke execute on function codered.entries_of from public;
grant execute on function codered.entries_of to service_role;

create function codered.is_list(list jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case when coalesce(is_list.list, 'null') = 'null' then true
    when jsonb_typeof(is_list.list) <> 'array' then false
    else jsonb_array_length(is_list.list) <= 200 end
$$;
comment on function codered.is_list(jsonb) is 'Whether entries_of reads all that there is: nothing, or a list of at most 200 entries.';
revoke execute on function codered.is_list from public;
grant execute on function codered.is_list to service_role;

create function codered.list_given(artifacts jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'file_path', a.entry ->> 'file_path', 'place', a.n - 1,
    'is_blank', coalesce(btrim(coalesce(a.entry ->> 'content', a.entry ->> 'storage_url')), '') = '') order by a.n), '[]')
  from jsonb_array_elements(case when jsonb_typeof(list_given.artifacts) = 'array' then list_given.artifacts else '[]' end)
    with ordinality as a (entry, n)
$$;
comment on function codered.list_given(jsonb) is 'The artifacts of a result without their content: [{file_path, place in the list, is_blank}].';
revoke execute on function codered.list_given from public;
grant execute on function codered.list_given to service_role;

create function codered.given_artifact(artifacts jsonb, target text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select a.entry
  from jsonb_array_elements(given_artifact.artifacts) with ordinality as a (entry, n)
  cross join lateral (select a.entry ->> 'file_path' as path, regexp_replace(a.entry ->> 'file_path', '^.*/', '') as name) as f
  where given_artifact.target in (f.path, f.name, regexp_replace(f.name, '\.[^.]*$', ''))
  order by f.path <> given_artifact.target, f.name <> given_artifact.target, a.n
  limit 1
$$;
comment on function codered.given_artifact(jsonb, text) is
  'Of what list_given lists the artifact of that path, else of that file name, else of that file name without its ending; null when none was given.';
revoke execute on function codered.given_artifact from public;
grant execute on function codered.given_artifact to service_role;

create function codered.check_outputs(stage jsonb, result jsonb)
returns setof jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  wanted jsonb;
  name text;
  given constant jsonb := codered.list_given(result -> 'artifacts');
  artifact jsonb;
  value jsonb;
begin
  if not codered.is_list(stage -> 'outputs') then
    return next codered.stage_check('output', 'outputs', null, 'UNKNOWN_RULE', 'outputs of the stage is no list of at most 200');
  end if;
  for wanted in select codered.entries_of(stage -> 'outputs') loop
    name := case jsonb_typeof(wanted) when 'string' then wanted #>> '{}' when 'object' then wanted ->> 'name' end;
    continue when jsonb_typeof(wanted) = 'object' and wanted -> 'required' = 'false';
    artifact := codered.given_artifact(given, name);
    value := case when jsonb_typeof(result -> 'output') = 'object' then result -> 'output' -> name end;
    return next codered.stage_check('output', coalesce(name, '?'),
      coalesce(value not in ('null', '""', '{}', '[]'), false)
        or coalesce(artifact -> 'is_blank' = 'false', false),
      'MISSING_ARTIFACT', format('neither an artifact of this name nor a key of output has %s', coalesce(name, 'an output without a name')));
  end loop;
end
$$;
comment on function codered.check_outputs(jsonb, jsonb) is
  'A check for each output that the stage declares ("required": false aside): an artifact of that name that is not blank, or a key of output that is not empty.';
revoke execute on function codered.check_outputs from public;
grant execute on function codered.check_outputs to service_role;

create function codered.check_validators(stage jsonb, result jsonb)
returns setof jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  rule jsonb;
  target text;
  severity text;
  given constant jsonb := codered.list_given(result -> 'artifacts');
  artifact jsonb;
  content text;
  missing text;
  headings jsonb := '{}';
  lines integer := 100000;
begin
  if not codered.is_list(stage -> 'validators') then
    return next codered.stage_check('validator', 'validators', null, 'UNKNOWN_RULE', 'validators of the stage is no list of at most 200');
  end if;
  for rule in select codered.entries_of(stage -> 'validators') loop
    target := case when jsonb_typeof(rule) = 'object' then rule ->> 'target' end;
    severity := case when jsonb_typeof(rule) = 'object' then rule ->> 'severity' end;
    artifact := codered.given_artifact(given, target);
    if rule ->> 'type' = 'file_exists' and target is not null then
      return next codered.stage_check('file_exists', target, artifact is not null, 'MISSING_ARTIFACT', 'it was not given', severity);
    elsif rule ->> 'type' = 'contains_headings' and target is not null and jsonb_typeof(rule -> 'headings') = 'array' then
      -- Each document is read once, and so many lines in all.
      if artifact is not null and not headings ? (artifact ->> 'place') then
        content := result -> 'artifacts' -> (artifact ->> 'place')::integer ->> 'content';
        lines := lines - coalesce(codered.count_lines(content), 0);
        headings := headings || jsonb_build_object(
          artifact ->> 'place', case when lines >= 0 then to_jsonb(codered.markdown_headings(content)) end);
      end if;
      select left(string_agg(h #>> '{}', ', '), 900) into missing
      from codered.entries_of(rule -> 'headings') as h
      where not headings -> (artifact ->> 'place') ? codered.plain_heading(h #>> '{}');
      return next case
        when artifact is null then codered.stage_check('contains_headings', target, false, 'MISSING_ARTIFACT', 'it was not given', severity)
        when coalesce(headings -> (artifact ->> 'place'), 'null') = 'null' then codered.stage_check('contains_headings', target, null, 'UNREADABLE_ARTIFACT',
          'its headings are not known: it lies elsewhere, or is longer than 1,000,000 characters or 50,000 lines', severity)
        else codered.stage_check('contains_headings', target, missing is null and codered.is_list(rule -> 'headings'), 'HEADING_MISMATCH',
          'no heading ' || missing, severity)
      end || jsonb_build_object('headings', rule -> 'headings');
    else
      return next codered.stage_check('validator', left(rule::text, 200), null, 'UNKNOWN_RULE',
        'allowed: {type: file_exists, target}, {type: contains_headings, target, headings}', severity);
    end if;
  end loop;
end
$$;
comment on function codered.check_validators(jsonb, jsonb) is
  'A check for each of the stage''s validators: {type: file_exists, target, severity?}, {type: contains_headings, target, headings, severity?}. One of another kind is not known, and so not passed.';
revoke execute on function codered.check_validators from public;
grant execute on function codered.check_validators to service_role;

create function codered.check_constraints(stage jsonb, result jsonb)
returns setof jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  rule jsonb;
  words text;
  output constant jsonb := nullif(result -> 'output', 'null');
begin
  for rule in select codered.entries_of(stage -> 'constraints') loop
    words := lower(left(btrim(rule #>> '{}'), 200));
    if words in ('format: structured_json', 'format:structured_json', 'format: json', 'format:json') then
      return next codered.stage_check('constraint', words, case
        when jsonb_typeof(output) in ('object', 'array') then true
        when output is not null then codered.is_json_document(output #>> '{}')
        else coalesce((
          select bool_and(a ->> 'content' is not null and codered.is_json_document(a ->> 'content'))
          from codered.entries_of(result -> 'artifacts') as a), false)
      end, 'FORMAT_MISMATCH', 'neither output nor the artifacts are a JSON object or list');
    else
      return next codered.stage_check('constraint', left(rule #>> '{}', 200), null, 'NOT_MEASURED', 'an instruction to the agent', 'info');
    end if;
  end loop;
end
$$;
comment on function codered.check_constraints(jsonb, jsonb) is
  'A check for each constraint of the stage: "format: structured_json" is measured, of output or else of every artifact; the others are instructions, told as not measured.';
revoke execute on function codered.check_constraints from public;
grant execute on function codered.check_constraints to service_role;

create function codered.check_quality(qa_config jsonb, reported jsonb)
returns setof jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  rule jsonb;
  name text;
  severity text;
  passed boolean;
  note text;
  total integer := 0;
  good integer := 0;
  wanted jsonb := nullif(qa_config -> 'min_pass_rate', 'null');
begin
  if not codered.is_list(qa_config -> 'checks') or coalesce(jsonb_typeof(wanted), 'number') <> 'number' then
    return next codered.stage_check('qa', 'qa_config', null, 'UNKNOWN_RULE', 'checks is no list of at most 200, or min_pass_rate no number');
    return;
  end if;
  for rule in select codered.entries_of(qa_config -> 'checks') loop
    name := case when jsonb_typeof(rule) = 'object' then rule ->> 'name' end;
    severity := case when jsonb_typeof(rule) = 'object' then coalesce(rule ->> 'severity', 'error') else 'error' end;
    -- The last that was reported counts.
    select (c.entry ->> 'passed')::boolean, c.entry ->> 'note' into passed, note
    from jsonb_array_elements(reported) with ordinality as c (entry, n)
    where c.entry ->> 'name' = name
    order by c.n desc
    limit 1;
    total := total + 1;
    good := good + case when passed then 1 else 0 end;
    return next codered.stage_check('qa_check', coalesce(name, '?'), passed,
      case when passed is null then 'QA_UNREPORTED' when severity = 'critical' then 'QA_CRITICAL' else 'QA_FAILED' end,
      coalesce(note, case when passed is null then 'it was not reported' else 'it did not pass' end),
      case
        when severity = 'critical' and qa_config -> 'block_on_critical' is distinct from 'false' then 'critical'
        -- What was to be reported and was not is not known: that blocks, however little its failing would weigh.
        when passed is null and rule -> 'required' = 'true' then 'error'
        when severity = 'critical' then 'warning'
        else severity
      end);
  end loop;
  if wanted is not null and total > 0 then
    return next codered.stage_check('qa_pass_rate', 'qa_config.min_pass_rate', good >= (wanted #>> '{}')::numeric * total, 'QA_PASS_RATE',
      format('%s of %s checks passed, and %s of them should', good, total, wanted #>> '{}'));
  end if;
end
$$;
comment on function codered.check_quality(jsonb, jsonb) is
  'A check for each of qa_config.checks by what was reported ([{name, passed, note?}], the last of a name), and one for min_pass_rate, in which what was not reported did not pass. A critical one blocks unless block_on_critical is false; a required one that nobody reported blocks; else its severity says.';
revoke execute on function codered.check_quality from public;
grant execute on function codered.check_quality to service_role;

create function codered.check_guarantees(guarantees jsonb, reported jsonb)
returns setof jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  rule jsonb;
  threshold numeric;
  met numeric;
begin
  if not codered.is_list(guarantees) then
    return next codered.stage_check('guarantee', 'output_guarantees', null, 'UNKNOWN_RULE', 'output_guarantees is no list of at most 200');
  end if;
  for rule in select codered.entries_of(guarantees) loop
    threshold := substring(left(rule ->> 'threshold', 20) from '^\s*([0-9]{1,9}(\.[0-9]{1,6})?)\s*%\s*$')::numeric;
    select (g.entry ->> 'met_percent')::numeric into met
    from jsonb_array_elements(reported) with ordinality as g (entry, n)
    where g.entry ->> 'type' = rule ->> 'type'
    order by g.n desc
    limit 1;
    return next codered.stage_check('guarantee', coalesce(rule ->> 'type', '?'), met >= threshold,
      case when threshold is null then 'UNKNOWN_RULE' when met is null then 'GUARANTEE_UNMEASURED' else 'GUARANTEE_MISSED' end,
      case
        when threshold is null then 'its threshold is no percentage, such as "95%"'
        when met is null then format('nobody reported how far it is met; %s %% are promised', threshold)
        else format('%s %% of %s %%', met, threshold)
      end) || jsonb_build_object('threshold', rule -> 'threshold', 'met_percent', met);
  end loop;
end
$$;
comment on function codered.check_guarantees(jsonb, jsonb) is
  'A check for each output guarantee of a spec by what was reported ([{type, met_percent}], the last of a type); what nobody measured, or has a threshold that is no percentage, is not known and so not passed.';
revoke execute on function codered.check_guarantees from public;
grant execute on function codered.check_guarantees to service_role;

create function codered.ceiling_of(profile jsonb, unit text)
returns numeric
language sql
immutable
set search_path = ''
as $$
  select case
    when coalesce(profile -> 'max' -> unit, 'null') = 'null' then null
    when jsonb_typeof(profile -> 'max' -> unit) = 'number' then (profile -> 'max' ->> unit)::numeric
    -- What can't be read allows nothing.
    else 0
  end
$$;
comment on function codered.ceiling_of(jsonb, text) is 'What a cost_profile allows a run at most: cost_usd in US dollars, tokens in and out; null: no bound.';
revoke execute on function codered.ceiling_of from public;
grant execute on function codered.ceiling_of to service_role;

create function codered.check_cost(profile jsonb, cost_usd numeric, tokens bigint)
returns setof jsonb
language sql
immutable
set search_path = ''
as $$
  select codered.stage_check('cost_ceiling', u.unit, u.spent <= u.ceiling, 'COST_CEILING',
    format('the run has spent %s of %s %s', u.spent, u.ceiling, u.words), 'critical')
  from (values
    ('cost_usd', check_cost.cost_usd, codered.ceiling_of(profile, 'cost_usd'), 'US dollars'),
    ('tokens', check_cost.tokens::numeric, codered.ceiling_of(profile, 'tokens'), 'tokens')
  ) as u (unit, spent, ceiling, words)
  where u.ceiling is not null
$$;
comment on function codered.check_cost(jsonb, numeric, bigint) is
  'A check for each bound of a spec''s cost_profile.max (cost_usd, tokens) by what its run has spent in all.';
revoke execute on function codered.check_cost from public;
grant execute on function codered.check_cost to service_role;
