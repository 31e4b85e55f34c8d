// CodeRed as `codered serve` starts it, but without the second between two writes. A process of its own: only
// test/support/served-process.ts starts it.

import { pino } from 'pino';
import { readConfig } from '../../src/config/settings.ts';
import { startCodeRed } from '../../src/server/server.ts';

const IDLE_MS = 600_000;

const config = readConfig(process.env);
const codeRed = await startCodeRed(config, {
  log: pino({ level: config.logLevel }),
  pollMs: 50,
  writeSpacingMs: 5,
});

// Unlike `codered serve`, which leaves the rest to the next one, it works off what is there before it ends.
process.once('SIGTERM', async () => {
  await codeRed.idle(IDLE_MS);
  await codeRed.close();
  process.exit(0);
});

// Whoever started it holds the other end: a killed test run leaves no process behind.
process.stdin.once('end', () => process.exit(1)).resume();
