// What functions give away: walks every function of the schema, so that one without a grant, a comment or a check fails here.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../../support/brain.ts';
import { rowsOf } from '../../support/brain-rows.ts';
import {
  become,
  becomeOwner,
  ID,
  idOf,
  inRolledBack,
  type Letter,
  markOf,
  numberOf,
  PEOPLE,
  seedTwoOrgs,
  shaOf,
} from './two-orgs.ts';

/** Whose thing an argument names: one of A, one of B, or one that is nowhere. */
type Whose = Letter | 'nowhere';

const thing =
  (number: number) =>
  (whose: Whose): string =>
    whose === 'nowhere' ? `e0000000-0000-4000-8000-${String(number).padStart(12, '0')}` : idOf(whose, number);
const numbered =
  (number: number) =>
  (whose: Whose): string =>
    whose === 'nowhere' ? String(555_000_000 + number) : String(numberOf(whose, number));
const list = (value: (whose: Whose) => string) => (whose: Whose) => `{${value(whose)}}`;

/** What arguments are given, by name and type. A function here means that it names a thing; a text names nothing. */
const VALUES: Readonly<Record<string, string | ((whose: Whose) => string)>> = {
  'project_id uuid': thing(ID.project),
  'task_id uuid': thing(ID.task),
  'milestone_id uuid': thing(ID.milestone),
  'run_id uuid': thing(ID.ownRun),
  'spec_id uuid': thing(ID.templateSpec),
  'job_id uuid': thing(ID.ownJob),
  'stage_id uuid': thing(ID.ownGate),
  'stage jsonb': '{"outputs": []}',
  'key text': 'outputs',
  'fitting jsonpath': '$',
  'worker text': 'a worker',
  'lease_seconds integer': '60',
  'claim bigint': '1',
  'progress double precision': '50',
  'note text': 'on it',
  'error text': 'It broke',
  'is_final boolean': 'true',
  'result jsonb': '{"passed": true, "issues": [], "summary": "Good"}',
  'usage jsonb': '{}',
  'parent_job_id uuid': thing(ID.ownJob),
  'dependencies uuid[]': list(thing(ID.otherTask)),
  'repository_id bigint': numbered(ID.repository),
  'user_id uuid': thing(101),
  'id uuid': thing(ID.task),
  'artifact jsonb': (whose) => JSON.stringify({ task_id: thing(ID.task)(whose), content: 'text' }),
  'commit_sha text': (whose) => (whose === 'nowhere' ? 'e'.repeat(40) : shaOf(whose)),
  'after_task uuid': thing(ID.task),
  'before_error uuid': thing(ID.error),
  'error_id uuid': thing(ID.error),
  'task_run_id uuid': thing(ID.taskRun),
  'agent_run_id uuid': thing(ID.agentRun),
  'decision_id uuid': thing(ID.decision),
  'checkpoint_id uuid': thing(ID.checkpoint),
  'agent_session_id uuid': thing(ID.agentSession),
  'snippet_id uuid': thing(ID.snippet),
  'before_id uuid': thing(ID.decision),
  'org text': (whose) => (whose === 'nowhere' ? 'org-nowhere' : `org-${whose}`),
  'work_id uuid': thing(ID.ownJob),
  'types text[]': '{research}',
  'types jsonb': '["research"]',
  'type text': 'research',
  'beyond_event bigint': '1',
  'after_event bigint': '1',
  'direction text': 'newest',
  'domain_tag text': 'ci',
  'ends boolean': 'true',
  'environment text': 'production',
  'event_type text': 'task.created',
  'expected timestamp with time zone': '2000-01-01',
  'expected_updated_at timestamp with time zone': '2000-01-01',
  'is_resolved boolean': 'true',
  'lesson jsonb': '{"title": "A lesson"}',
  'milestone jsonb': '{"name": "A milestone"}',
  'override_type text': 'cynic_reject',
  'phase text': 'code',
  'present timestamp with time zone': '2000-01-02',
  'project jsonb': '{"name": "A project"}',
  /** A row with nothing in it. */
  'project codered.projects': `(${','.repeat(16)})`,
  'report jsonb': '{"fingerprint": "0123456789abcdef", "message": "It broke"}',
  'retired boolean': 'false',
  'rules jsonb': '{}',
  'severity text': 'minor',
  'since timestamp with time zone': '2000-01-01',
  'snippet jsonb': '{"name": "A button", "code_sample": "<button/>"}',
  'source text': 'ci',
  'standing boolean': 'true',
  'tag text': 'button',
  'until timestamp with time zone': '2100-01-01',
  'before_created_at timestamp with time zone': '2100-01-01',
  'after_priority integer': '1',
  'after_created_at timestamp with time zone': '2000-01-01',
  'missing integer': '1',
  'parts integer': '2',
  'arguments jsonb': (whose) => JSON.stringify({ project_id: thing(ID.project)(whose) }),
  'task jsonb': (whose) => JSON.stringify({ title: 'A task', milestone_id: thing(ID.milestone)(whose) }),
  'changes jsonb': (whose) => JSON.stringify({ parent_task_id: thing(ID.otherTask)(whose) }),
  'after_slug text': 'a',
  'after_model text': 'a',
  'after_path text': 'a',
  'after_name text': 'a',
  'after_corpus uuid': thing(ID.corpus),
  'after_source text': 'a',
  'after_version text': 'v1',
  'after_message integer': '0',
  'agent text': 'org-b',
  'before_job uuid': thing(ID.ownJob),
  'before_run uuid': thing(ID.agentRun),
  'before_roadmap uuid': thing(ID.roadmap),
  'before_session uuid': thing(ID.dailySession),
  'corpus_id uuid': thing(ID.corpus),
  'corpus jsonb': '{"name": "A corpus"}',
  'expected_version integer': '0',
  'most integer': '20',
  'model jsonb': '{"tier": "top"}',
  'roadmap_id uuid': thing(ID.roadmap),
  'roadmap jsonb': '{"modules": [{"title": "Begin", "steps": ["read"]}]}',
  'session_id uuid': thing(ID.dailySession),
  'session jsonb': '{"duration_minutes": 5}',
  'slug text': 'org-b',
  'step_index integer': '1',
  'under text': 'src',
  'decision jsonb': '{"title": "A decision"}',
  'name text': 'project_context',
  'right_id uuid': thing(ID.override),
  'criterion text': 'all',
  'until date': '2100-01-01',
  'github_job_id bigint': numbered(21),
  'pattern_signature text': 'x',
  'root_cause text': 'x',
  'recommended_fix text': 'x',
  'description text': 'x',
  'mode text': 'code',
  'model text': 'm',
  'tokens_prompt integer': '1',
  'tokens_completion integer': '1',
  'approx_cost_usd numeric': '1',
  'input_summary text': 'x',
  'output_summary text': 'x',
  'full_input text': 'x',
  'full_output text': 'x',
  'error_message text': 'x',
  'zones_touched jsonb': '["red"]',
  'tools_used jsonb': '["sh"]',
  'pull_request integer': '1',
  'repository text': 'org-b/shop',
  'status text': 'backlog',
  /** A row with nothing in it. */
  'task codered.tasks': `(${','.repeat(23)})`,
  'corpus codered.corpora': '(,,,,,,,)',
  'model codered.models': `(${','.repeat(12)})`,
  'roadmap codered.learning_roadmaps': `(${','.repeat(9)})`,
  'session codered.daily_sessions': `(${','.repeat(7)})`,
  'sprint_id uuid': thing(ID.sprint),
  'artifact_id uuid': thing(ID.taskArtifact),
  'override_id uuid': thing(ID.override),
  'deployment_id uuid': thing(ID.deployment),
  'pattern_id uuid': thing(ID.pattern),
  'target_id uuid': thing(ID.task),
  'copied_spec_id uuid': thing(ID.templateSpec),
  'test_id integer': numbered(ID.repository),
  'before_spec uuid': thing(ID.spec),
  'before_sprint uuid': thing(ID.sprint),
  'before_artifact uuid': thing(ID.artifact),
  'before_deployment uuid': thing(ID.deployment),
  'before_override uuid': thing(ID.override),
  'before_started_at timestamp with time zone': '2100-01-01',
  'after_pattern uuid': thing(ID.pattern),
  /** Everybody's. */
  'template_id uuid': 'd0000000-0000-4000-8000-000000000004',
  'template jsonb': '{"slug": "a-template", "name": "A template", "type": "research"}',
  'template_type text': 'research',
  'after_sort_order integer': '0',
  'after_test integer': '1',
  'after_commits integer': '1',
  'after_repository text': 'org-a/shop',
  'after_suite text': 'suite',
  'attempt_number integer': '1',
  'branch text': 'main',
  'category text': 'other',
  'gate_id text': 'draft',
  'has_body boolean': 'true',
  'is_approved boolean': 'true',
  'kind text': 'diff',
  'query_embedding jsonb': `[${'0.25,'.repeat(1535)}1]`,
  'target_type text': 'task',
  'version text': 'v9',
  'weeks integer': '4',
  'agent_type text': 'plan_sprint',
  'answer jsonb': '{}',
  'key_hash text': 'a'.repeat(64),
  'request_hash text': 'a'.repeat(64),
  'allowed text': 'something else',
  'answers jsonb': '{}',
  'at_least text': 'member',
  'batch integer': '20',
  'before timestamp with time zone': '2100-01-01',
  'before_id bigint': '9000000000',
  'content text': 'text',
  'display_name text': 'A run',
  'dod jsonb': '{}',
  'field jsonb': '{"field": "name", "type": "text"}',
  'fields jsonb': '{"name": "text"}',
  'filter_type text': 'saas',
  'before_guid text': 'x',
  'before_received_at timestamp with time zone': '2100-01-01',
  'given jsonb': '{"name": "text"}',
  'guid text': (whose) => (whose === 'nowhere' ? 'org-e-delivery' : `org-${whose}-delivery`),
  'installation_id bigint': numbered(2),
  'id text': 'x',
  'input jsonb': '{}',
  'intent jsonb': '{}',
  'intent_schema jsonb': '[]',
  'label text': 'A checkpoint',
  'language text': 'typescript',
  'locked_at timestamp with time zone': '2100-01-01',
  'locked_by text': 'worker',
  'locker text': 'worker',
  'match_count integer': '10',
  'model_id text': 'org-a-model',
  'modules jsonb': '[]',
  'path text': 'one/more.ts',
  'percent integer': '50',
  'query text': 'task',
  'query_embedding vector': `[${'0.25,'.repeat(1535)}1]`,
  'questions jsonb': '[]',
  'reason text': 'because',
  'repo_ref text': 'main',
  'responses jsonb': '{}',
  'resume_instructions text': 'Go on.',
  'shape jsonb': '{"is": "text"}',
  'skip integer': '0',
  'snapshot jsonb': '{}',
  'spec jsonb': '{}',
  'stages jsonb': '[]',
  'state text': 'done',
  'summary jsonb': '{}',
  'summary text': 'A summary',
  'thing text': 'task',
  'tokens_in integer': '1',
  'tokens_out integer': '1',
  'transcript jsonb': '[]',
  'value anyelement': 'x',
  'value jsonb': '"x"',
  'what text': 'tasks.title',
};

/** Their answers may name a thing of B; why. */
const MAY_NAME: Readonly<Record<string, string>> = {
  list_agents: 'agents are the same for everybody who signed in',
  read_agent: 'agents are the same for everybody who signed in',
  list_models: 'models are the same for everybody who signed in',
  describe_task_lock: 'works on its arguments alone, and gives the id back that it was given',
  merge_rules: 'works on its arguments alone, and gives back what it was given',
  match_patterns: 'pattern_embeddings are the same for everybody',
  find_similar_patterns: 'pattern_embeddings are the same for everybody',
  list_templates: 'templates are the same for everybody',
};

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

interface Callable {
  readonly name: string;
  readonly arguments: readonly Argument[];
}

async function callablesOf(session: SqlSession): Promise<readonly Callable[]> {
  const rows = await session.query(`
    select p.proname as name, p.pronargs - p.pronargdefaults as required,
      coalesce((
        select json_agg(json_build_object('name', p.proargnames[a.number], 'type', replace(format_type(a.type, null), 'extensions.', '')) order by a.number)
        from unnest(p.proargtypes::oid[]) with ordinality a (type, number)), '[]')::text as arguments
    from pg_proc p
    where p.pronamespace = 'codered'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
      and has_function_privilege('authenticated', p.oid, 'execute')
    order by p.proname`);
  return rows.map(({ name, required, arguments: told }) => ({
    name: name ?? '',
    arguments: (JSON.parse(told ?? '[]') as { name: string; type: string }[]).map((argument, index) => ({
      ...argument,
      required: index < Number(required),
    })),
  }));
}

const valueFor = (argument: Argument) => VALUES[`${argument.name} ${argument.type}`];

function callOf({ name, arguments: all }: Callable, whose: (argument: Argument) => Whose, given = all): string {
  const named = given.map((argument) => {
    const value = valueFor(argument) ?? '';
    const text = typeof value === 'string' ? value : value(whose(argument));
    const type =
      argument.type === 'anyelement' ? 'text' : argument.type === 'vector' ? 'extensions.vector' : argument.type;
    return `"${argument.name}" => '${text.replaceAll("'", "''")}'::${type}`;
  });
  return `codered.${name}(${named.join(', ')})`;
}

/** Every way to mix things of A with one or more of somebody else. */
function callsWith(callable: Callable, other: Whose): readonly string[] {
  const naming = callable.arguments.filter((argument) => typeof valueFor(argument) === 'function');
  return [
    callOf(callable, () => other),
    callOf(
      callable,
      () => other,
      callable.arguments.filter(({ required }) => required),
    ),
    ...naming.map((one) => callOf(callable, (argument) => (argument === one ? other : 'a'))),
    ...(naming.length > 1 ? naming : []).map((one) => callOf(callable, (argument) => (argument === one ? 'a' : other))),
  ];
}

interface Answer {
  readonly call: string;
  readonly code: string;
  readonly told: string;
}

/** Makes each call by itself; `keeping`: what it did stays. */
async function make(session: SqlSession, calls: readonly string[], { keeping }: { keeping: boolean }) {
  const rows = await session.query('select * from pg_temp.call($1::jsonb, $2)', [
    JSON.stringify(calls),
    String(keeping),
  ]);
  return rows.map(
    (row): Answer => ({ call: (row.call ?? '').slice(0, 500), code: row.code ?? '', told: row.told ?? '' }),
  );
}

const PREPARE = `
  create function pg_temp.call(calls jsonb, keeping boolean) returns table (call text, code text, told text)
  language plpgsql as $$
  begin
    for call in select jsonb_array_elements_text(calls) loop
      begin
        told := null;
        execute format('select string_agg(to_jsonb(t)::text, chr(10)) from (select * from %s) t', call) into told;
        code := 'answer';
        if not keeping then
          raise exception using errcode = 'ZZ000';
        end if;
      exception
        when sqlstate 'ZZ000' then null;
        when others then
          code := sqlstate;
          told := sqlerrm;
      end;
      return next;
    end loop;
  end
  $$`;

describe.each(testBackends)('functions (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const names = async (condition: string) =>
    (
      await brain.sql(
        `select p.oid::regprocedure::text as name from pg_proc p where p.pronamespace = 'codered'::regnamespace and ${condition} order by 1`,
      )
    ).map(({ name }) => name);

  it('are there', async () => {
    expect((await names('true')).length).toBeGreaterThan(50);
  });

  it('can be executed neither by everybody nor by whoever has not signed in', async () => {
    expect(await names(`has_function_privilege('anon', p.oid, 'execute')`)).toEqual([]);
    const granted = `exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)`;
    expect(await names(granted)).toEqual([]);
  });

  it('have an empty search path', async () => {
    expect(await names(`not coalesce(p.proconfig @> array['search_path=""'], false)`)).toEqual([]);
  });

  it('that have their owner’s rights say why, and no other claims to', async () => {
    const reason = `coalesce(obj_description(p.oid, 'pg_proc'), '') ~* 'security definer, because '`;
    expect(await names(`p.prosecdef and not ${reason}`)).toEqual([]);
    expect(await names(`not p.prosecdef and ${reason}`)).toEqual([]);
    expect((await names('p.prosecdef')).length).toBeGreaterThan(5);
  });

  it('that have their owner’s rights and are the members’ to call put no text together as SQL', async () => {
    // What such a one let out would run as the owner: people's login of few rights would be no help.
    const members = `p.prosecdef and has_function_privilege('authenticated', p.oid, 'execute')`;
    expect(await names(`${members} and p.prosrc ~* 'mexecuteM'`)).toEqual([]);
    expect((await names(members)).length).toBeGreaterThan(5);
  });

  it('have a comment', async () => {
    expect(await names(`obj_description(p.oid, 'pg_proc') is null`)).toEqual([]);
  });

  it('have no overloads, as they are called by name', async () => {
    const twice =
      'exists (select from pg_proc o where o.pronamespace = p.pronamespace and o.proname = p.proname and o.oid <> p.oid)';
    expect(await names(twice)).toEqual([]);
  });

  it('are refused to members unless they are granted', async () => {
    for (const role of ['anon', 'authenticated'] as const) {
      const { error } = await brain.clientFor({ role, sub: PEOPLE.a.admin }).rpc('inbox_status');
      expect(error).toMatchObject({ code: '42501' });
    }
  });

  /** As a member of A, in a transaction that leaves nothing behind. */
  const calling = <T>(work: (session: SqlSession, callables: readonly Callable[]) => Promise<T>) =>
    inRolledBack(brain, async (session) => {
      await session.script(PREPARE);
      return work(session, await callablesOf(session));
    });

  it('that members may call have arguments which this test knows how to fill', async () => {
    const unknown = await calling(async (_, callables) =>
      callables.flatMap((callable) =>
        callable.arguments
          .filter((argument) => valueFor(argument) === undefined)
          .map(
            ({ name, type }) =>
              `${callable.name}: add '${name} ${type}' to VALUES, with a thing of A and of B if it names one`,
          ),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it.each([
    ['a member', PEOPLE.a.member],
    ['an admin', PEOPLE.a.admin],
    ['a stranger', PEOPLE.stranger],
  ])('neither show nor change anything of B when %s calls them with ids of B', async (_, user) => {
    const b = new RegExp(markOf('b'));
    const marked = async (session: SqlSession) =>
      Object.entries(await rowsOf({ sql: session.query })).map(([table, rows]) => [
        table,
        rows.filter((row) => b.test(row)),
      ]);
    await calling(async (session, callables) => {
      const before = await marked(session);
      const calls = callables.flatMap((callable) => callsWith(callable, 'b'));
      await become(session, user);
      const answers = await make(session, calls, { keeping: true });
      await becomeOwner(session);
      expect(answers).toHaveLength(calls.length);
      const leaks = answers.filter(({ call, code, told }) =>
        // The ids in an error are those that the caller gave.
        code === 'answer' ? b.test(told) && MAY_NAME[call.split(/[.(]/)[1] ?? ''] === undefined : /org-b/.test(told),
      );
      expect(leaks).toEqual([]);
      expect(await marked(session)).toEqual(before);
    });
  });

  it('say the same of what is foreign as of what is not there', async () => {
    const different = await calling(async (session, callables) => {
      const pairs = callables.flatMap((callable) => {
        const nowhere = callsWith(callable, 'nowhere');
        return callsWith(callable, 'b').map((call, index) => [call, nowhere[index] ?? '']);
      });
      await become(session, PEOPLE.a.member);
      const answers = await make(session, pairs.flat(), { keeping: false });
      const bare = ({ code, told }: Answer) =>
        `${code} ${told
          .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
          .replace(/_[0-9a-f]{8}"/g, '_id"')
          .replace(/(555|777)000\d{3}/g, 'number')
          .replace(/([be])\1{39}/g, 'sha')
          .replace(/\d{4}-\d\d-\d\dT[\d:.+]+/g, 'time')}`;
      return pairs.flatMap((_, index) => {
        const [foreign, nowhere] = [answers[2 * index], answers[2 * index + 1]];
        if (foreign === undefined || nowhere === undefined || bare(foreign) === bare(nowhere)) return [];
        return [{ foreign, nowhere }];
      });
    });
    expect(different).toEqual([]);
  });

  it('that members may call work for them with ids of their own', async () => {
    const refused = await calling(async (session, callables) => {
      const calls = callables.map((callable) => callOf(callable, () => 'a'));
      await become(session, PEOPLE.a.admin);
      return (await make(session, calls, { keeping: false })).filter(({ code }) => code === '42501');
    });
    expect(refused).toEqual([]);
  });
});
