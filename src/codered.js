#!/usr/bin/env node
// The first file, in JavaScript that every Node reads: main.ts is TypeScript, which Node runs as it is since version 24 only. An older
// one hands over to the Node of package.json's own package `node`, or says what to do.
import { existsSync } from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_FILE = process.platform === 'win32' ? 'node.exe' : 'node';
const OWN_NODE = fileURLToPath(new URL(`../node_modules/node/bin/${NODE_FILE}`, import.meta.url));
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/codered/compiled', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../node_modules/zod/package.json', import.meta.url));

if (!existsSync(PACKAGES)) {
  end('The packages that CodeRed needs are not here yet. Run `npm ci` in its folder, then the same again.');
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  // What Node made of the sources is kept beside the packages, so that the next start is quicker; what the environment says goes before.
  if (process.env.NODE_COMPILE_CACHE === undefined) module.enableCompileCache(COMPILED);
  await import('./main.ts');
} else if (existsSync(OWN_NODE)) {
  await handOver();
} else {
  end(
    `CodeRed needs Node 24 or later, and this is ${process.versions.node}. Run \`npm ci\` in its folder, which brings one along ` +
      '(not with --ignore-scripts or --omit=optional), then the same again.',
  );
}

async function handOver() {
  const { spawn } = await import('node:child_process');
  const env = { NODE_COMPILE_CACHE: COMPILED, ...process.env };
  const child = spawn(OWN_NODE, [...process.execArgv, MAIN, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // A terminal sends its signals to both; what is sent to this process alone goes on to the other.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => end(`Node at ${OWN_NODE} does not start: ${error.message}. Run \`npm ci\` again.`));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

/** @param {string} message */
function end(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
