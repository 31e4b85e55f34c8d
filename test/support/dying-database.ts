// The thread of the embedded database, which ends when it is asked to: what a crash of it would look like.

import { parentPort } from 'node:worker_threads';
import '../../src/brain/backends/embedded-worker.ts';

parentPort?.on('message', (message: unknown) => {
  if (JSON.stringify(message).includes('die now')) process.exit(7);
});
