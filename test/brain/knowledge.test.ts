// What agents keep: profiles made on sign-up, files by version, the shapes of what they write, documents, lessons, likeness.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { callAs, makeProject, scriptAs, signUp } from '../support/people.ts';

const REQUIREMENTS = {
  app_name: 'Leash',
  elevator_pitch: 'Bookings for people who walk dogs.',
  target_audience: [{ role: 'walker', goal: 'fewer calls', pain_point: 'paper' }],
  core_features: [{ name: 'calendar', description: 'who walks when', priority: 'must-have' }],
  recommended_stack: ['postgres'],
  technical_constraints: null,
};
const ARCHITECTURE = {
  site_map: [{ path: '/', description: '', components: [{ name: 'Calendar', props: ['week'], children: [] }] }],
  global_state_needs: [],
  theme_colors: ['#ff0000'],
};

describe.each(testBackends)('what is kept (%s)', (backend) => {
  let brain: TestBrain;
  let owner = '';
  let stranger = '';
  let project = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    owner = await signUp(brain);
    stranger = await signUp(brain);
    project = await makeProject(brain, { owner });
  });
  afterAll(() => brain.close());

  const one = async (sql: string, ...values: (string | null)[]) => (await brain.sql(sql, values))[0];
  const asApp = (name: string, args: object) => callAs(brain, null, name, { ...args });

  describe('a profile', () => {
    const profile = (id: string) => one('select * from codered.profiles where id = $1::uuid', id);

    it.each([
      ['display_name', { display_name: 'D', full_name: 'F', name: 'N', user_name: 'u1' }, 'D'],
      ['full_name', { full_name: 'F', name: 'N', user_name: 'u2' }, 'F'],
      ['name', { full_name: '  ', name: ' N ', user_name: 'u3' }, 'N'],
      ['user_name', { user_name: 'u4' }, 'u4'],
      ['nothing', {}, null],
    ])('is called by %s', async (_, told, expected) => {
      expect(await profile(await signUp(brain, { told }))).toMatchObject({ display_name: expected, role: 'user' });
    });

    it('goes without a username that is taken', async () => {
      const told = { user_name: 'taken', name: 'T' };
      expect(await profile(await signUp(brain, { told }))).toMatchObject({ username: 'taken' });
      expect(await profile(await signUp(brain, { told }))).toMatchObject({ username: null, display_name: 'T' });
    });

    it('goes without an address', async () => {
      expect(await profile(await signUp(brain, { email: 'a@example.com' }))).toMatchObject({ email: 'a@example.com' });
      expect(await profile(await signUp(brain))).toMatchObject({ email: null });
    });

    it('knows the GitHub login of who came by GitHub, and believes nobody else', async () => {
      const told = { user_name: 'octo', avatar_url: 'https://example.com/a.png' };
      const github = await profile(await signUp(brain, { told, app: { provider: 'github' } }));
      expect(github).toMatchObject({ github_login: 'octo', username: 'octo', avatar_url: told.avatar_url });
      const other = await profile(await signUp(brain, { told: { user_name: 'somebody' }, app: { provider: 'email' } }));
      expect(other).toMatchObject({ github_login: null, username: 'somebody' });
    });

    it.each([
      ['a list', ['x']],
      ['a word', 'x'],
      ['null', null],
      ['no words where words belong', { name: { a: 1 }, user_name: 5, avatar_url: [], full_name: null }],
    ])('is made whatever the metadata is: %s', async (_, told) => {
      expect(await profile(await signUp(brain, { told }))).toMatchObject({
        display_name: null,
        username: null,
        avatar_url: null,
      });
    });

    it('is made of metadata that is far too long', async () => {
      const told = { name: 'n'.repeat(9_000), user_name: 'é'.repeat(9_000), avatar_url: 'a'.repeat(9_000) };
      const made = await profile(await signUp(brain, { told, app: { provider: 'github' } }));
      expect([made?.display_name?.length, made?.username?.length, made?.avatar_url?.length]).toEqual([500, 200, 2_000]);
    });
  });

  describe('a file', () => {
    const write = (path: string, content: string | null, more: object = {}, sub: string | null = owner) =>
      callAs(brain, sub, 'write_project_file', { project_id: project, path, content, ...more });

    it('gets a new version when its content changes, and only then', async () => {
      expect((await write('src/a.ts', 'a', { language: 'typescript' })).data).toEqual({
        id: expect.any(String),
        path: 'src/a.ts',
        version: 1,
      });
      expect((await write('src/a.ts', 'a')).data).toMatchObject({ version: 1 });
      expect((await write('src/a.ts', 'b', {}, null)).data).toMatchObject({ version: 2 });
      expect((await write('src/a.ts', null)).data).toMatchObject({ version: 3 });
      expect(await brain.sql(`select content, language from codered.project_files where path = 'src/a.ts'`)).toEqual([
        { content: null, language: 'typescript' },
      ]);
    });

    it('counts its versions itself, whatever is written', async () => {
      await write('counted', 'a');
      await scriptAs(brain, owner, `update codered.project_files set version = 99 where path = 'counted'`);
      expect(await one(`select version from codered.project_files where path = 'counted'`)).toEqual({ version: '1' });
      await brain.sql(`insert into codered.project_files (project_id, path, version) values ($1::uuid, 'new', 7)`, [
        project,
      ]);
      expect(await one(`select version from codered.project_files where path = 'new'`)).toEqual({ version: '1' });
    });

    it.each(['a', 'a/b.ts', '.env', '..a/b', 'a/...', 'a b/ü.md', 'x'.repeat(1_000)])(
      'may be named %j',
      async (path) => {
        expect((await write(path, '')).code).toBeNull();
      },
    );

    it.each([
      '',
      '/a',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a/./b',
      'a//b',
      'a/',
      'a\nb',
      'a\u0001',
      '..\\a',
      'x'.repeat(1_001),
    ])('may not be named %j', async (path) => {
      expect(await write(path, '')).toMatchObject({
        code: 'CR002',
        message: expect.stringContaining('project_files.path'),
      });
    });

    it('may not be over 2 MB', async () => {
      expect(await write('big', 'x'.repeat(2_097_153))).toMatchObject({ code: 'CR002' });
    });

    it('is not a stranger’s to write', async () => {
      expect(await write('src/a.ts', 'stolen', {}, stranger)).toMatchObject({ code: 'CR004' });
      expect(await write('x', '', { project_id: randomUUID() })).toMatchObject({ code: 'CR004' });
    });
  });

  describe('the shape of what agents write', () => {
    const module = { title: 'Loops', steps: ['for', 'while'] };
    const roadmap = (modules: unknown) =>
      brain.sql('insert into codered.learning_roadmaps (project_id, modules) values ($1::uuid, $2::jsonb)', [
        project,
        JSON.stringify(modules),
      ]);
    const session = (transcript: unknown) =>
      brain.sql('insert into codered.daily_sessions (project_id, transcript) values ($1::uuid, $2::jsonb)', [
        project,
        JSON.stringify(transcript),
      ]);
    const spec = (column: string, value: unknown) =>
      brain.sql(`update codered.projects set ${column} = $2::jsonb where id = $1::uuid`, [
        project,
        JSON.stringify(value),
      ]);

    it('is taken as the document has it', async () => {
      await roadmap([module]);
      await roadmap([{ ...module, description: '', estimated_hours: 0.5, prerequisites: [], is_locked: true }]);
      await session([]);
      await session([
        { role: 'user', content: '' },
        { role: 'mentor', content: 'Why?' },
      ]);
      await spec('requirements_spec', REQUIREMENTS);
      await spec('architecture_spec', ARCHITECTURE);
      expect(await one('select requirements_spec from codered.projects where id = $1::uuid', project)).not.toEqual({
        requirements_spec: null,
      });
    });

    it.each([
      [[], 'learning_roadmaps.modules is []; allowed: a list, 1 or more entries.'],
      [{}, 'learning_roadmaps.modules is {}'],
      [[module, { steps: [] }], 'learning_roadmaps.modules[1].title is missing'],
      [[{ ...module, title: '' }], 'learning_roadmaps.modules[0].title is ""; allowed: text, 1 to 200 characters.'],
      [[{ ...module, steps: 'for' }], 'learning_roadmaps.modules[0].steps is "for"; allowed: a list.'],
      [[{ ...module, steps: [1] }], 'learning_roadmaps.modules[0].steps[0] is 1; allowed: text.'],
      [
        [{ ...module, estimated_hours: 0 }],
        'modules[0].estimated_hours is 0; allowed: a number, more than 0, at most 100.',
      ],
      [[{ ...module, estimated_hours: 101 }], 'modules[0].estimated_hours is 101'],
      [[{ ...module, is_locked: 'no' }], 'modules[0].is_locked is "no"; allowed: true or false.'],
      [[{ ...module, hours: 1 }], 'modules[0].hours is 1; allowed: the keys description, estimated_hours,'],
      [[{ ...module, hours: null }], 'modules[0].hours is null; allowed: the keys'],
    ])('of modules is refused: %j', async (modules, words) => {
      await expect(roadmap(modules)).rejects.toMatchObject({ code: 'CR002', message: expect.stringContaining(words) });
    });

    it.each([
      [null, 'daily_sessions.transcript is null'],
      [
        [
          { role: 'user', content: 'x' },
          { role: 'system', content: 'x' },
        ],
        'transcript[1].role is "system"; allowed: user, mentor.',
      ],
      [[{ role: 'user' }], 'transcript[0].content is missing'],
      [[{ role: 'user', content: 'x', at: 1 }], 'transcript[0].at is 1; allowed: the keys content, role.'],
    ])('of a transcript is refused: %j', async (transcript, words) => {
      await expect(session(transcript)).rejects.toMatchObject({
        code: 'CR002',
        message: expect.stringContaining(words),
      });
    });

    it.each([
      [
        'requirements_spec',
        { ...REQUIREMENTS, elevator_pitch: 'short' },
        'elevator_pitch is "short"; allowed: text, 20 to 500',
      ],
      [
        'requirements_spec',
        { ...REQUIREMENTS, budget: 5 },
        'projects.requirements_spec.budget is 5; allowed: the keys app_name,',
      ],
      [
        'requirements_spec',
        { ...REQUIREMENTS, core_features: [{ ...REQUIREMENTS.core_features[0], priority: 'must' }] },
        'core_features[0].priority is "must"; allowed: must-have, should-have, nice-to-have.',
      ],
      ['requirements_spec', [], 'projects.requirements_spec is []; allowed: an object of app_name,'],
      [
        'architecture_spec',
        { ...ARCHITECTURE, theme_colors: 'red' },
        'projects.architecture_spec.theme_colors is "red"',
      ],
      [
        'architecture_spec',
        { ...ARCHITECTURE, site_map: [{ path: '/', description: '', components: [{ name: 'A', props: [] }] }] },
        'projects.architecture_spec.site_map[0].components[0].children is missing',
      ],
    ])('of %s is refused: %j', async (column, value, words) => {
      await expect(spec(column, value)).rejects.toMatchObject({
        code: 'CR002',
        message: expect.stringContaining(words),
      });
    });
  });

  describe('a document', () => {
    const corpus = async (risk = 'internal', owned: string | null = null) =>
      (
        await one(
          'insert into codered.corpora (name, risk_level, project_id) values ($1, $2, $3::uuid) returning id',
          randomUUID(),
          risk,
          owned,
        )
      )?.id ?? '';
    const store = async (document: object) => (await asApp('store_document', { document })) as { data: { id: string } };
    const rows = (id: string) =>
      brain.sql('select chunk_index, content, id from codered.chunks where document_id = $1::uuid order by 1', [id]);
    const texts = async (id: string) => (await rows(id)).map(({ content }) => content);

    it('is replaced with all its chunks, and the same again writes nothing', async () => {
      const document = { corpus_id: await corpus(), title: 'T', source_path: 'a.md' };
      const chunks = [{ content: 'one', token_count: 1 }, { content: 'two' }, { content: 'three' }];
      const first = await store({ ...document, chunks });
      expect(first.data).toEqual({ id: expect.any(String), version: 'v1', chunks: 3, written: 3, removed: 0 });
      const kept = await brain.sql('select xmin from codered.documents where id = $1::uuid', [first.data.id]);
      expect((await store({ ...document, chunks })).data).toMatchObject({ id: first.data.id, written: 0, removed: 0 });
      expect(await brain.sql('select xmin from codered.documents where id = $1::uuid', [first.data.id])).toEqual(kept);
      const second = await store({ ...document, title: 'U', chunks: [{ content: 'one' }, { content: 'zwei' }] });
      expect(second.data).toMatchObject({ id: first.data.id, chunks: 2, written: 2, removed: 2 });
      expect(await texts(first.data.id)).toEqual(['one', 'zwei']);
      expect(await store({ ...document, version: 'v2', chunks })).toMatchObject({
        data: { version: 'v2', written: 3 },
      });
    });

    it('keeps the vectors of the chunks that say the same, and no other', async () => {
      const document = { corpus_id: await corpus(), title: 'T', source_path: 'a.md' };
      const { data } = await store({ ...document, chunks: [{ content: 'one' }, { content: 'two' }] });
      await brain.sql(
        `insert into codered.embeddings (document_id, chunk_id, model) select document_id, id, 'm' from codered.chunks where document_id = $1::uuid`,
        [data.id],
      );
      await store({ ...document, chunks: [{ content: 'one' }, { content: 'zwei' }] });
      const vectors = await brain.sql(
        'select c.content from codered.embeddings e join codered.chunks c on c.id = e.chunk_id where e.document_id = $1::uuid',
        [data.id],
      );
      expect(vectors).toEqual([{ content: 'one' }]);
    });

    it('is stored whole or not at all', async () => {
      const document = { corpus_id: await corpus(), title: 'T', source_path: 'a.md', chunks: [{ content: 'one' }] };
      const { data } = await store(document);
      expect(await store({ ...document, title: 'U', chunks: [{ content: 'two' }, { content: '' }] })).toMatchObject({
        code: 'CR002',
        message: expect.stringContaining('document.chunks[1].content is ""'),
      });
      expect(await texts(data.id)).toEqual(['one']);
    });

    it('belongs to its corpus’ project, which may be named', async () => {
      const id = await corpus('internal', project);
      const name = (await one('select name from codered.corpora where id = $1::uuid', id))?.name ?? '';
      const { data } = await store({
        corpus: name,
        project_id: project,
        title: 'T',
        source_path: 'a',
        chunks: [{ content: 'x' }],
      });
      expect(await one('select project_id from codered.chunks where document_id = $1::uuid', data.id)).toEqual({
        project_id: project,
      });
      expect(await store({ corpus: name, title: 'T', source_path: 'a' })).toMatchObject({ code: 'CR004' });
    });

    it.each([
      ['no corpus', { title: 'T', source_path: 'a' }, 'CR002'],
      ['a corpus that is not there', { corpus_id: randomUUID(), title: 'T', source_path: 'a' }, 'CR004'],
      ['an unknown key', { corpus: 'c', title: 'T', source_path: 'a', author: 'x' }, 'CR002'],
      ['a 2 MB title', { corpus: 'c', title: 'x'.repeat(2_000_000), source_path: 'a' }, 'CR002'],
      [
        'half a token',
        { corpus: 'c', title: 'T', source_path: 'a', chunks: [{ content: 'x', token_count: 0.5 }] },
        'CR002',
      ],
    ])('with %s is refused', async (_, document, code) => {
      expect(await store(document)).toMatchObject({ code });
    });

    it('that is legal evidence holds title and source only', async () => {
      const document = { corpus_id: await corpus('legal_critical'), title: 'T', source_path: 'a' };
      expect(await store({ ...document, chunks: [{ content: 'x' }] })).toMatchObject({
        code: 'CR002',
        message: expect.stringContaining('document.chunks has 1 entries'),
      });
      const { data } = await store(document);
      expect(await one('select risk_level from codered.documents where id = $1::uuid', data.id)).toEqual({
        risk_level: 'legal_critical',
      });
      const sneaked = `insert into codered.chunks (document_id, risk_level, chunk_index, content) values ($1::uuid, $2, 0, 'x')`;
      await expect(brain.sql(sneaked, [data.id, 'legal_critical'])).rejects.toMatchObject({ code: 'CR002' });
      await expect(brain.sql(sneaked, [data.id, 'internal'])).rejects.toMatchObject({ code: '23503' });
    });

    it('that has chunks does not become legal evidence, unless they go', async () => {
      const document = { corpus_id: await corpus(), title: 'T', source_path: 'a' };
      const { data } = await store({ ...document, chunks: [{ content: 'x' }] });
      const raise = brain.sql(`update codered.documents set risk_level = 'legal_critical' where id = $1::uuid`, [
        data.id,
      ]);
      await expect(raise).rejects.toMatchObject({ code: 'CR002' });
      expect(await texts(data.id)).toEqual(['x']);
      await store({ ...document, risk_level: 'legal_critical' });
      expect(await texts(data.id)).toEqual([]);
    });

    it('is retired with what it says, and comes back when it is stored again', async () => {
      const document = { corpus_id: await corpus(), title: 'T', source_path: 'a', chunks: [{ content: 'x' }] };
      const { data } = await store(document);
      const retired = await asApp('retire_document', { id: data.id });
      expect(retired.data).toEqual({ id: data.id, deleted_at: expect.any(String) });
      expect((await asApp('retire_document', { id: data.id })).data).toEqual(retired.data);
      expect(await texts(data.id)).toEqual(['x']);
      await store(document);
      expect(await one('select deleted_at from codered.documents where id = $1::uuid', data.id)).toEqual({
        deleted_at: null,
      });
      expect(await asApp('retire_document', { id: randomUUID() })).toMatchObject({ code: 'CR004' });
    });

    it.each([
      ['store_document', { document: {} }],
      ['retire_document', { id: randomUUID() }],
      ['upsert_agents', { agents: [] }],
    ])('%s is not for members', async (name, args) => {
      expect(await callAs(brain, owner, name, args)).toMatchObject({ code: '42501' });
    });
  });

  describe('a lesson', () => {
    const lesson = (source_type: string, source_id: string | null, of = project) =>
      brain.sql(
        `insert into codered.lessons (project_id, title, source_type, source_id) values ($1::uuid, 'T', $2, $3::uuid) returning id`,
        [of, source_type, source_id],
      );
    const agentRun = async (of: string) => {
      await brain.script(
        `insert into codered.agents (name, slug, role) values ('L', 'l', 'librarian') on conflict do nothing`,
      );
      const run = await one(
        `insert into codered.agent_runs (project_id, agent_id, status) select $1::uuid, id, 'succeeded' from codered.agents limit 1 returning id`,
        of,
      );
      return run?.id ?? '';
    };

    it('names a source of its own project, or none', async () => {
      await lesson('agent_run', await agentRun(project));
      await lesson('agent_run', null);
      await lesson('retro', randomUUID());
    });

    it.each(['agent_run', 'ci_event'])('may not name an %s that is not there', async (type) => {
      await expect(lesson(type, randomUUID())).rejects.toMatchObject({
        code: 'CR007',
        message: expect.stringContaining('lessons.source_id'),
      });
    });

    it('may not name a foreign project’s, and says no more than that', async () => {
      const foreign = await agentRun(await makeProject(brain, { owner: stranger }));
      const write = (id: string) =>
        scriptAs(
          brain,
          owner,
          `insert into codered.lessons (project_id, title, source_type, source_id) values ('${project}', 'T', 'agent_run', '${id}')`,
        ).then(
          () => 'written',
          (error: Error) => error.message,
        );
      const missing = randomUUID();
      expect((await write(foreign)).replace(foreign, missing)).toBe(await write(missing));
      expect(await write(missing)).toContain('there is no such row of agent_runs in this project');
    });

    it('outlives its source', async () => {
      const run = await agentRun(project);
      const [made] = await lesson('agent_run', run);
      await brain.sql('delete from codered.agent_runs where id = $1::uuid', [run]);
      await brain.sql(`update codered.lessons set title = 'U', source_id = source_id where id = $1::uuid`, [
        made?.id ?? '',
      ]);
      expect(await one('select source_id from codered.lessons where id = $1::uuid', made?.id ?? '')).toEqual({
        source_id: run,
      });
    });
  });

  describe('agents', () => {
    const upsert = (agents: unknown) => asApp('upsert_agents', { agents });
    const architect = {
      name: 'ArchitectAgent',
      slug: 'architect',
      role: 'architect',
      default_model: 'm-1',
      temperature: 0.333,
    };

    it('are written by slug, and only where something changed', async () => {
      await brain.script(
        `insert into codered.models (id, provider, display_name, tier) values ('m-1', 'p', 'M', 'top') on conflict do nothing`,
      );
      const cynic = {
        name: 'CynicAgent',
        slug: 'cynic',
        role: 'cynic',
        default_model: 'unknown',
        allowed_zones: ['red', 'green'],
      };
      expect((await upsert([architect, cynic])).data).toEqual({ inserted: 2, updated: 0, unchanged: 0 });
      expect((await upsert([architect, cynic])).data).toEqual({ inserted: 0, updated: 0, unchanged: 2 });
      expect((await upsert([{ ...architect, max_tokens: 9 }, cynic])).data).toEqual({
        inserted: 0,
        updated: 1,
        unchanged: 1,
      });
      expect(
        await brain.sql(
          `select slug, model_id, allowed_zones, max_tokens from codered.agents where slug in ('architect', 'cynic') order by slug`,
        ),
      ).toEqual([
        { slug: 'architect', model_id: 'm-1', allowed_zones: '{green}', max_tokens: '9' },
        { slug: 'cynic', model_id: null, allowed_zones: '{red,green}', max_tokens: null },
      ]);
      await brain.script(
        `insert into codered.models (id, provider, display_name, tier) values ('unknown', 'p', 'U', 'low')`,
      );
      expect((await upsert([cynic])).data).toEqual({ inserted: 0, updated: 1, unchanged: 0 });
    });

    it.each([
      ['a slug twice', [architect, { ...architect, name: 'Other' }], 'the slug "architect" more than once'],
      ['a name twice', [architect, { ...architect, slug: 'other' }], 'the name "ArchitectAgent" more than once'],
      ['another agent’s name', [{ ...architect, slug: 'other' }], 'the name of the agent "architect"'],
      ['an unknown key', [{ ...architect, model: 'x' }], 'agents[0].model is "x"; allowed: the keys'],
      ['no role', [{ name: 'A', slug: 'a' }], 'agents[0].role is missing'],
      ['a slug with a capital', [{ ...architect, name: 'B', slug: 'B' }], 'agents.slug is "B"'],
      ['more than all tokens', [{ ...architect, max_tokens: 3e9 }], 'agents[0].max_tokens is 3000000000'],
      ['no list', {}, 'agents is {}'],
    ])('with %s are refused, all of them', async (_, agents, words) => {
      await upsert([architect]);
      const before = await brain.sql('select slug, updated_at from codered.agents order by slug');
      expect(await upsert(agents)).toMatchObject({ code: 'CR002', message: expect.stringContaining(words) });
      expect(await brain.sql('select slug, updated_at from codered.agents order by slug')).toEqual(before);
    });
  });
});

// On the embedded database, which has pgvector; the server of the tests is a bare Postgres.
describe('patterns by likeness', () => {
  let brain: TestBrain;
  /** A unit vector in the plane of the first two dimensions. */
  const vector = (degrees: number) =>
    `[${Math.cos((degrees * Math.PI) / 180)},${Math.sin((degrees * Math.PI) / 180)}${',0'.repeat(1_534)}]`;
  beforeAll(async () => {
    brain = await openTestBrain('embedded');
    await brain.script(`
      insert into codered.pattern_embeddings (project_type, metadata, success_score, embedding)
      select case when n > 297 then 'rare' when n % 10 = 0 then 'saas' else 'social' end, jsonb_build_object('n', n), 0.5,
        ('[' || cos(radians(n * 0.3)) || ',' || sin(radians(n * 0.3)) || repeat(',0', 1534) || ']')::extensions.vector
      from generate_series(1, 300) as n`);
  });
  afterAll(() => brain.close());
  const match = async (args: object) =>
    callAs(brain, null, 'match_patterns', { query_embedding: vector(0), match_count: 3, ...args });

  it('come best first, with their likeness', async () => {
    const { data } = await match({});
    expect(data).toEqual(
      [1, 2, 3].map((n) => ({
        id: expect.any(String),
        project_type: 'social',
        metadata: { n },
        success_score: 0.5,
        similarity: expect.closeTo(Math.cos((n * 0.3 * Math.PI) / 180), 5),
      })),
    );
  });

  it('come in one type alone, as many as were asked for', async () => {
    const { data } = await match({ filter_type: 'saas', match_count: 20 });
    expect((data as { metadata: { n: number } }[]).map(({ metadata }) => metadata.n)).toEqual(
      Array.from({ length: 20 }, (_, place) => (place + 1) * 10),
    );
    expect((await match({ filter_type: 'none' })).data).toEqual([]);
  });

  it('come in the number that was asked for, also beyond what the index gives by itself', async () => {
    expect((await match({ match_count: 120 })).data).toHaveLength(120);
  });

  it.each([{ match_count: 0 }, { match_count: 201 }, { match_count: null }, { query_embedding: '[1,2]' }])(
    'refuse %j',
    async (wrong) => {
      expect(await match(wrong)).toMatchObject({ code: 'CR002' });
    },
  );

  it('are for members too', async () => {
    const member = await signUp(brain);
    const { data } = await callAs(brain, member, 'match_patterns', { query_embedding: vector(0), match_count: 1 });
    expect(data).toHaveLength(1);
  });

  it('are found through the index', async () => {
    await brain.script(`
      create function public.plan_of(query extensions.vector) returns setof text language plpgsql as $$
      begin
        perform set_config('enable_seqscan', 'off', true);
        return query execute 'explain select p.id from codered.pattern_embeddings p where p.embedding is not null
          order by p.embedding operator(extensions.<=>) $1 limit 5' using query;
      end $$;
      create function public.scans_of(query extensions.vector) returns bigint language plpgsql as $$
      begin
        perform set_config('enable_seqscan', 'off', true);
        perform * from codered.match_patterns(query, 5);
        return pg_stat_get_xact_numscans('codered.pattern_embeddings_embedding_idx'::regclass);
      end $$;
      create function public.rare_by_index(query extensions.vector) returns bigint language plpgsql as $$
      begin
        perform set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
        return (select count(*) from codered.match_patterns(query, 5, 'rare'));
      end $$;`);
    const plan = await brain.sql('select public.plan_of($1::extensions.vector) as line', [vector(0)]);
    expect(plan.map(({ line }) => line).join('\n')).toContain('Index Scan using pattern_embeddings_embedding_idx');
    expect(await brain.sql('select public.scans_of($1::extensions.vector) as scans', [vector(0)])).toEqual([
      { scans: '1' },
    ]);
    // The three of this type are the farthest of all: the index has to be asked for more than once.
    const rare = await brain.sql('select public.rare_by_index($1::extensions.vector) as found', [vector(0)]);
    expect(rare).toEqual([{ found: '3' }]);
  });
});

describe('a server without pgvector', () => {
  it('has everything but the search by likeness', async () => {
    const brain = await openTestBrain('postgres');
    const [found] = await brain.sql(
      `select to_regtype('extensions.vector') as type, to_regproc('codered.match_patterns') as name`,
    );
    await brain.close();
    expect(found?.name === null).toBe(found?.type === null);
  });
});
