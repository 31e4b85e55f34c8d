import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckAnnotation, RequestedCheckRun } from '../../src/model/publication.ts';
import { NEWER_SHA, openStage, PULL_NUMBER, type Scene, SHA, type Stage } from '../support/publisher-scene.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => {
  expect(stage.github.violations).toEqual([]);
  expect(stage.github.refused.splice(0).filter(({ method }) => method !== 'GET')).toEqual([]);
});
afterAll(() => stage.close());

const annotations = (count: number): CheckAnnotation[] =>
  Array.from({ length: count }, (_, index) => ({
    path: 'src/a.ts',
    start_line: index + 1,
    end_line: index + 1,
    annotation_level: 'failure',
    title: 'type error',
    message: `message ${index}`,
  }));

const running = (title: string, marks = 0): RequestedCheckRun => ({
  kind: 'check_run',
  name: 'CodeRed',
  head_sha: SHA,
  status: 'in_progress',
  conclusion: null,
  title,
  summary: `summary of ${title}`,
  annotations: annotations(marks),
  as_of: null,
});
const failed = (title: string, marks = 0): RequestedCheckRun => ({
  ...running(title, marks),
  status: 'completed',
  conclusion: 'failure',
});

const checkRuns = ({ inside }: Scene) => [...inside.checkRuns.values()];
const POST = 'POST /check-runs';

async function published(desired: RequestedCheckRun) {
  const scene = await stage.scene();
  await scene.request(desired);
  const outcome = await scene.publishNext();
  if (outcome.kind !== 'completed' || outcome.github_id === null) throw new Error(`the check run was ${outcome.kind}`);
  return { scene, id: outcome.github_id };
}

describe('a check run', () => {
  it('is made once, and updated until it is finished', async () => {
    const { scene, id } = await published(running('1 job running'));
    await scene.request(failed('1 failure'));
    expect(await scene.publishNext()).toMatchObject({ github_id: id, conclusion: 'failure', action: 'edited' });
    expect(checkRuns(scene)).toMatchObject([
      { id, name: 'CodeRed', headSha: SHA, status: 'completed', conclusion: 'failure', output: { title: '1 failure' } },
    ]);
    expect(scene.writes()).toEqual([POST, `PATCH /check-runs/${id}`]);
    expect(await scene.claim()).toBeNull();
  });

  it('that was finished is not reopened: a new one of the same name is made', async () => {
    const { scene, id } = await published(failed('1 failure'));
    await scene.request(running('running again'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
    expect(checkRuns(scene)).toMatchObject([
      { id, status: 'completed', conclusion: 'failure' },
      { name: 'CodeRed', status: 'in_progress', conclusion: null },
    ]);
    expect(scene.writes()).toEqual([POST, POST]);
  });

  it('is not reopened either when the brain was never told that it is finished', async () => {
    const { scene, id } = await published(running('1 job running'));
    const known = scene.inside.checkRuns.get(id);
    if (known) scene.inside.checkRuns.set(id, { ...known, status: 'completed', conclusion: 'failure' });
    await scene.request(running('running again'));
    const outcome = await scene.publishNext();
    expect(outcome).toMatchObject({ kind: 'completed', action: 'created' });
    expect(scene.writes()).toEqual([POST, POST]);

    await scene.request(failed('2 failures'));
    const github_id = outcome.kind === 'completed' ? outcome.github_id : null;
    expect(await scene.publishNext()).toMatchObject({ github_id, action: 'edited' });
  });

  it('that stands over a finished one is written to though its id was never noted', async () => {
    const { scene, id } = await published(running('1 job running'));
    const known = scene.inside.checkRuns.get(id);
    if (known) scene.inside.checkRuns.set(id, { ...known, status: 'completed', conclusion: 'failure' });
    await scene.request(running('running again'));
    stage.github.failNext({ method: 'POST', path: /\/check-runs$/, when: 'after' }, 'hang up');
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred' });
    await scene.passTime();
    await scene.request(failed('2 failures'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'edited' });
    expect(checkRuns(scene)).toMatchObject([
      { id, output: { title: '1 job running' } },
      { status: 'completed', conclusion: 'failure', output: { title: '2 failures' } },
    ]);
  });

  it('is not made twice when the answer to the first was lost', async () => {
    const scene = await stage.scene();
    await scene.request(running('1 job running'));
    stage.github.failNext({ method: 'POST', path: /\/check-runs$/, when: 'after' }, 'hang up');
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred' });
    await scene.passTime();
    await scene.request(failed('1 failure'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'edited' });
    expect(checkRuns(scene)).toMatchObject([{ status: 'completed', output: { title: '1 failure' } }]);
  });

  it('is not taken for that of another generation', async () => {
    const { scene } = await published(failed('1 failure'));
    await stage.brain.call('request_publication', {
      repository_id: scene.inside.repository.id,
      kind: 'check_run',
      target: `${SHA}:CodeRed`,
      desired: JSON.parse(JSON.stringify(failed('1 failure'))),
      desired_hash: 'the same again',
      recheck: true,
    });
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
    expect(checkRuns(scene)).toHaveLength(2);
  });

  it('is not written again when it stands as desired', async () => {
    const { scene, id } = await published(failed('1 failure', 3));
    await stage.brain.script(`update codered.publications set published_hash = null where github_id = ${id}`);
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'unchanged' });
    expect(scene.writes()).toEqual([POST]);
  });

  it('is made anew when GitHub no longer knows it', async () => {
    const { scene, id } = await published(running('1 job running'));
    scene.inside.checkRuns.delete(id);
    await scene.request(failed('1 failure'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
  });

  it('of an older head is finished all the same', async () => {
    const { scene, id } = await published(running('1 job running'));
    scene.moveHead(NEWER_SHA);
    await scene.request(failed('1 failure'));
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'edited' });
    expect(checkRuns(scene)).toMatchObject([{ status: 'completed' }]);
  });

  it('is written where a locked conversation takes no comment', async () => {
    const scene = await stage.scene();
    const pull = scene.inside.pulls.get(PULL_NUMBER);
    if (pull) scene.inside.pulls.set(PULL_NUMBER, { ...pull, locked: true });
    await scene.request(failed('1 failure'));
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'created' });
  });
});

describe('annotations', () => {
  it('go out fifty a request, a second apart, the verdict with the first', async () => {
    const { scene, id } = await published(failed('120 failures', 120));
    expect(checkRuns(scene)[0]?.annotations.map(({ start_line }) => start_line)).toEqual(
      annotations(120).map(({ start_line }) => start_line),
    );
    const sizes = stage.github.requests.flatMap(({ path, body }) => {
      const { repository } = scene.inside;
      return path.startsWith(`/repos/octo-org/${repository.name}/check-runs`) && body
        ? [JSON.stringify(body).split('src/a.ts').length - 1]
        : [];
    });
    expect(sizes).toEqual([50, 50, 20]);
    expect(scene.writes()).toEqual([POST, `PATCH /check-runs/${id}`, `PATCH /check-runs/${id}`]);
    expect(scene.pauses).toEqual([1000, 1000]);
  });

  it('that stand already are not sent again, so that none shows twice', async () => {
    const { scene, id } = await published(running('2 failures', 2));
    await scene.request(failed('3 failures', 3));
    expect(await scene.publishNext()).toMatchObject({ github_id: id, action: 'edited' });
    expect(checkRuns(scene)[0]?.annotations.map(({ message }) => message)).toEqual([
      'message 0',
      'message 1',
      'message 2',
    ]);
  });

  it('that a failure cut off are sent the next time, and only they', async () => {
    const scene = await stage.scene();
    await scene.request(failed('120 failures', 120));
    stage.github.failNext({ method: 'PATCH', path: /\/check-runs\// }, { status: 502 });
    expect(await scene.publishNext()).toMatchObject({ kind: 'deferred', delay_ms: 4_500 });
    expect(checkRuns(scene)[0]?.annotations).toHaveLength(50);
    await scene.passTime();
    expect(await scene.publishNext()).toMatchObject({ kind: 'completed', action: 'edited' });
    expect(checkRuns(scene)[0]?.annotations.map(({ message }) => message)).toEqual(
      annotations(120).map(({ message }) => message),
    );
    expect(checkRuns(scene)).toHaveLength(1);
  });
});
