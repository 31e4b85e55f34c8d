// The process of the server that all test files share: prints its URL, and stops it when its input ends. shared-postgres.ts runs it.

import { once } from 'node:events';
import { startServer } from './start-postgres.ts';

const server = await startServer(18);
console.log(server.urlOf('postgres'));
await once(process.stdin.resume(), 'end');
await server.stop();
