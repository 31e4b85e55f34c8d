// The lease of work is kept while a command says nothing: it takes a third of the shortest lease to see it.

import { expect, test } from 'vitest';
import { makeCommandAgent } from '../../src/work/command-agent.ts';
import { runWorker } from '../../src/work/runner.ts';
import { openWorkApi } from '../../src/work/work-api.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer } from '../support/rest-server.ts';

test('a command that says nothing keeps its work', async () => {
  const server = await openRestServer();
  try {
    const token = await server.tokenOf(PEOPLE.a.member);
    const queued = `/projects/${idOf('a', ID.project)}/jobs`;
    await server.ask(token, queued, { method: 'POST', body: { agent_type: 'qa' } });
    const leases: string[] = [];
    const until = async () => (await server.brain.sql('select locked_until from codered.agent_jobs'))[0]?.locked_until;
    const look = setInterval(async () => leases.push((await until()) ?? ''), 200);
    await runWorker({
      api: openWorkApi({ url: server.url, token }),
      agent: makeCommandAgent({
        command: ['sh', '-c', `sleep 4; echo '{"passed": true, "issues": [], "summary": ""}'`],
        env: { PATH: process.env.PATH ?? '' },
        timeoutMs: 60_000,
      }),
      claim: { worker: 'test', types: ['qa'], projectId: null, leaseSeconds: 10 },
      attempts: 1,
      concurrency: 1,
      once: true,
      stop: new AbortController().signal,
      onBegin: () => {},
      onLine: () => {},
      onProgress: () => {},
      onEnd: (_, ending) => expect(ending).toEqual({ kind: 'completed' }),
      onWait: () => {},
    });
    clearInterval(look);
    expect(new Set(leases.filter((lease) => lease !== '')).size).toBeGreaterThan(1);
  } finally {
    await server.close();
  }
});
