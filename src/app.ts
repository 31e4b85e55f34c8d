// The Probot app, for those who run CodeRed's receiver under Probot: every event goes to the inbox, nothing is done here. `probot
// run`, `probot receive` and serverless adapters load the default export, and then this file is the entry: like main.ts it may
// read process.env. Our own server does without it; only tests import it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApplicationFunction, ApplicationFunctionOptions, Probot } from 'probot';
import { openBrain } from './brain/client.ts';
import { LIMITS } from './config/limits.ts';
import { type Config, readConfig } from './config/settings.ts';
import { deliveryRow, EVENT_NAME, GUID } from './inbox/delivery-row.ts';
import { isForWebhooks, makeReceive } from './inbox/receive.ts';
import { openStore, type Store } from './inbox/store.ts';
import { Misconfigured, Rejected } from './model/errors.ts';

/** Where what comes in goes. */
export interface AppDeps {
  /** Answers a raw webhook request; false when the request is for another path. */
  readonly receive: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Resolves once the event is durable; rejects when it is not within 8 seconds. */
  readonly save: (event: ProbotEvent) => Promise<void>;
}

/** What Probot tells of an event: the delivery's guid, the event's name, and its payload parsed. */
export interface ProbotEvent {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

/** The Probot app over given deps. */
export function makeApp({ receive, save }: AppDeps): ApplicationFunction {
  return (app: Probot, options: ApplicationFunctionOptions) => {
    try {
      options.addHandler(receive);
    } catch {
      // `probot receive` and `probot.load` have no server to add it to; then `onAny` is the only way in.
    }
    app.onAny(save);
  };
}

/**
 * The `save` of `AppDeps`. Probot answers 202 after 9 s whatever becomes of the event, so this gives up before: then the
 * sender is answered 500 and GitHub lists the delivery as failed.
 */
export function makeSave({ appId, store, saveMs = LIMITS.saveMs }: { appId: number; store: Store; saveMs?: number }) {
  return async ({ id: guid, name: event, payload }: ProbotEvent): Promise<void> => {
    if (!GUID.test(guid) || !EVENT_NAME.test(event))
      throw new Rejected(`no delivery id or event name: ${guid}, ${event}`);
    const row = deliveryRow({ app_id: appId, guid, event }, { text: JSON.stringify(payload), value: payload });
    await store.save(row, saveMs);
  };
}

/** Opens the brain when the first event comes, and again with the next one when that failed. */
function openLazily(config: Config, log: Probot['log']): () => Promise<AppDeps> {
  const open = async (): Promise<AppDeps> => {
    const store = openStore(await openBrain(config.brain, { log }));
    const nobody = () => {};
    const { appId, webhookSecrets: secrets } = config;
    const receive = makeReceive({ appId, secrets, store, log, observe: nobody, onStored: nobody });
    return { receive, save: makeSave({ appId, store }) };
  };
  let deps: Promise<AppDeps> | null = null;
  return () => {
    deps ??= open().catch((error: unknown) => {
      deps = null;
      throw error;
    });
    return deps;
  };
}

/**
 * The app for Probot's own ways to run (`probot run`, `probot receive`, adapters). It only fills the inbox: `codered serve`
 * beside it, on the same database, does the work. Throws Misconfigured at once when the environment is not complete and
 * safe, and for the embedded database, which no second process can work on.
 */
const app: ApplicationFunction = (probot, options) => {
  const config = readConfig(process.env);
  if (config.brain.kind === 'embedded') {
    throw new Misconfigured(
      'Under Probot alone nothing works on what comes in, and the embedded database serves one process: ' +
        'set DATABASE_URL or SUPABASE_URL and run `codered serve` beside it, or use `npm start`.',
    );
  }
  const deps = openLazily(config, probot.log);
  const lazily = makeApp({
    receive: async (request, response) => isForWebhooks(request) && (await deps()).receive(request, response),
    save: async (event) => (await deps()).save(event),
  });
  return lazily(probot, options);
};
export default app;
