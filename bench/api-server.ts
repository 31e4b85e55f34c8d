// The server that bench/api.ts and bench/streams.ts ask: the interface for people, streams and /healthz, on a brain that is there already.
// Tells its parent where it is.
import pino from 'pino';
import { openBrain } from '../src/brain/client.ts';
import { LIMITS } from '../src/config/limits.ts';
import { listen } from '../src/http/listen.ts';
import { makeRest } from '../src/http/rest/rest.ts';
import { makeHealth } from '../src/http/routes/health.ts';
import { serveRoutes } from '../src/http/routing.ts';
import { makeStreams } from '../src/http/streams/streams.ts';

const log = pino({ level: 'error' });
const brain = await openBrain({ kind: 'postgres', url: process.env.BENCH_URL ?? '' }, { log });
const onError = (err: unknown) => log.error({ err }, 'a request could not be answered');
const status = () => Promise.reject(new Error('not measured'));
const streams = makeStreams({ brain, log, pollMs: LIMITS.pollMs.postgres });
const resources = [makeHealth({ status, log, metrics: null }), makeRest({ brain, log }), streams.routes];
const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [serveRoutes({ resources, onError })], onError });
process.send?.({ url: http.url });
process.once('disconnect', async () => {
  await streams.close();
  await http.close(1_000);
  await brain.close();
});
// Where Node was started with --expose-gc: so that memory is measured without what is garbage by chance.
process.on('message', () => {
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  process.send?.('collected');
});
