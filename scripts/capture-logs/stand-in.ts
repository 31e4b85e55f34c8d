// A loopback server that answers for github.com, a registry or a cloud with fixed words. Started by sandbox.ts inside
// the job's own network namespace: node stand-in.ts ROUTES.json KEY.pem CERT.pem READY-FILE
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Route } from './recipe.ts';

const [routesFile = '', keyFile = '', certificateFile = '', readyFile = ''] = process.argv.slice(2);
const routes: Route[] = JSON.parse(readFileSync(routesFile, 'utf8'));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const host = (request.headers.host ?? '').split(':')[0];
  const path = request.url ?? '/';
  const route = routes.find((one) => one.host === host && path.startsWith(one.path));
  if (!route) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found');
    return;
  }
  if (route.fault === 'stall') return;
  if (route.fault === 'reset') {
    request.socket.destroy();
    return;
  }
  const body = route.body ?? '';
  if (route.fault === 'truncate') {
    response.writeHead(route.status, { ...route.headers, 'content-length': String(body.length + 4096) });
    response.write(body, () => setTimeout(() => request.socket.destroy(), 200));
    return;
  }
  response.writeHead(route.status, route.headers).end(body);
}

const tls = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) };
createServer(answer).listen(80, '127.0.0.1', () => {
  createTlsServer(tls, answer).listen(443, '127.0.0.1', () => writeFileSync(readyFile, ''));
});
