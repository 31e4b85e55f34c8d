// The server that bench/api.ts asks: the interface for people and /healthz, on a brain that is there already. Tells its parent where it is.
import pino from 'pino';
import { openBrain } from '../src/brain/client.ts';
import { listen } from '../src/http/listen.ts';
import { makeRest } from '../src/http/rest/rest.ts';
import { makeHealth } from '../src/http/routes/health.ts';
import { serveRoutes } from '../src/http/routing.ts';

const log = pino({ level: 'error' });
const brain = await openBrain({ kind: 'postgres', url: process.env.BENCH_URL ?? '' }, { log });
const onError = (err: unknown) => log.error({ err }, 'a request could not be answered');
const status = () => Promise.reject(new Error('not measured'));
const resources = [makeHealth({ status, log, metrics: null }), makeRest({ brain, log })];
const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [serveRoutes({ resources, onError })], onError });
process.send?.({ url: http.url });
process.once('disconnect', () => void http.close(1_000).then(() => brain.close()));
