import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createNodeMiddleware, Probot } from 'probot';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import app, { type AppDeps, makeApp, makeSave } from '../src/app.ts';
import { type Listening, listen } from '../src/http/listen.ts';
import { makeStore, openStore } from '../src/inbox/store.ts';
import { openTestBrain, ruleBackend, type TestBrain } from './support/brain.ts';
import { deliver, webhookSecret } from './support/delivery.ts';
import { makeLogLines } from './support/log-lines.ts';
import { completeEnvironment, pkcs8Pem } from './support/settings.ts';

let brain: TestBrain;
let http: Listening | null = null;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
afterEach(async () => {
  await http?.close(1_000);
  http = null;
  vi.unstubAllEnvs();
  await brain.script('delete from codered.webhook_deliveries');
});

function makeProbot(): Probot {
  return new Probot({ appId: 1, privateKey: pkcs8Pem, secret: webhookSecret, log: makeLogLines().log });
}

const noReceiver: AppDeps['receive'] = async () => false;
const savesIntoBrain = () => ({ receive: noReceiver, save: makeSave({ appId: 1, store: openStore(brain) }) });
const savesNever = (saveMs: number) => {
  const store = makeStore({
    receiveDeliveries: () => new Promise(() => {}),
    lanes: 1,
    batchRows: 1,
    batchBytes: 1,
    callMs: 60_000,
  });
  return { receive: noReceiver, save: makeSave({ appId: 1, store, saveMs }) };
};

/** Probot's own server code, before which our handler stands aside. */
async function serve(deps: AppDeps): Promise<string> {
  const probot = makeProbot();
  const middleware = await createNodeMiddleware(makeApp(deps), { probot });
  const handler = async (...[request, response]: Parameters<typeof middleware>) =>
    Boolean(await middleware(request, response));
  http = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [handler], onError: () => {} });
  return http.url;
}

describe('the app under Probot', () => {
  it('puts what `probot receive` plays into the inbox, though there is no server', async () => {
    const probot = makeProbot();
    await probot.load(makeApp(savesIntoBrain()));
    const guid = randomUUID();
    const payload = { action: 'completed', installation: { id: 2 }, repository: { id: 3 } };
    await probot.webhooks.receive({ id: guid, name: 'workflow_run', payload: JSON.parse(JSON.stringify(payload)) });
    const rows = await brain.sql(
      'select app_id, guid, event, action, installation_id, repository_id, payload from codered.webhook_deliveries',
    );
    expect(rows).toEqual([
      {
        app_id: '1',
        guid,
        event: 'workflow_run',
        action: 'completed',
        installation_id: '2',
        repository_id: '3',
        payload: JSON.stringify(payload),
      },
    ]);
  });

  it('lets Probot answer 200 only once the event is durable', async () => {
    const url = await serve(savesIntoBrain());
    expect((await deliver(url, { body: '{"zen":"Design for failure."}' })).status).toBe(200);
    expect(await brain.sql('select event from codered.webhook_deliveries')).toEqual([{ event: 'push' }]);
  });

  it('makes Probot answer 500 when the event could not be stored in time', async () => {
    const url = await serve(savesNever(100));
    expect((await deliver(url, { body: '{"zen":"Half measures are as bad as nothing at all."}' })).status).toBe(500);
  });

  it('gives up before Probot says 202 by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { save } = savesNever(8_000);
      const failed = expect(save({ id: 'a', name: 'push', payload: {} })).rejects.toThrow('not stored within 8000 ms');
      await vi.advanceTimersByTimeAsync(8_000);
      await failed;
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses what has no delivery id', async () => {
    const { save } = savesIntoBrain();
    await expect(save({ id: '', name: 'push', payload: {} })).rejects.toThrow('no delivery id or event name');
  });
});

describe('the default export, which Probot loads by itself', () => {
  function stubEnvironment(changes: Record<string, string>): void {
    for (const [name, text] of Object.entries({ ...completeEnvironment, ...changes })) vi.stubEnv(name, text);
  }

  it('does not load while Probot would take its public default secret', async () => {
    stubEnvironment({ WEBHOOK_SECRET: 'development' });
    await expect(makeProbot().load(app)).rejects.toThrow("WEBHOOK_SECRET is Probot's public default");
  });

  it('does not load over the embedded database, on which no `codered serve` could work beside it', async () => {
    stubEnvironment({ DATABASE_URL: '', SUPABASE_URL: '', SUPABASE_SERVICE_ROLE_KEY: '' });
    await expect(makeProbot().load(app)).rejects.toThrow('run `codered serve` beside it, or use `npm start`');
  });

  it('opens the brain that the environment names with the first event', async () => {
    const database = await openTestBrain('postgres');
    try {
      stubEnvironment({ DATABASE_URL: database.databaseUrl ?? '' });
      const probot = makeProbot();
      await probot.load(app);
      await probot.webhooks.receive({ id: 'first', name: 'push', payload: JSON.parse('{}') });
      await probot.webhooks.receive({ id: 'second', name: 'push', payload: JSON.parse('{}') });
      const rows = await database.sql('select app_id, guid from codered.webhook_deliveries order by guid');
      expect(rows).toEqual([
        { app_id: '4711', guid: 'first' },
        { app_id: '4711', guid: 'second' },
      ]);
    } finally {
      await database.close();
    }
  });

  it('stands before Probot under an adapter, so that its statuses are ours', async () => {
    const database = await openTestBrain('postgres');
    try {
      stubEnvironment({ DATABASE_URL: database.databaseUrl ?? '' });
      const middleware = await createNodeMiddleware(app, { probot: makeProbot() });
      const server = createServer((request, response) => void middleware(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
      expect((await deliver(url, { body: '{}', secret: completeEnvironment.WEBHOOK_SECRET })).status).toBe(202);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    } finally {
      await database.close();
    }
  });
});
