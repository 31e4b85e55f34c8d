// Makes job logs that look real: steps, timestamps, colours, and the chatter of common tools. Only bench/ imports it.

/** Small linear congruential generator: the same log every time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PACKAGES = [
  'react',
  'lodash',
  'typescript',
  '@types/node',
  'eslint-plugin-import',
  'vite',
  'requests',
  'numpy',
  'serde_json',
];
const FILES = [
  'src/app.ts',
  'src/routes/login.tsx',
  'lib/parse.c',
  'tests/test_models.py',
  'internal/store/store.go',
  'crates/core/src/lib.rs',
];

/** One line each; `n` draws a number below its argument, `pick` one of a list. */
const LINES: readonly ((n: (below: number) => number, pick: (from: readonly string[]) => string) => string)[] = [
  (n, pick) => `npm warn deprecated ${pick(PACKAGES)}@${n(9)}.${n(20)}.${n(9)}: this version is no longer supported`,
  (n) => `added ${n(2000)} packages, and audited ${n(2000)} packages in ${n(60)}s`,
  (n, pick) => `npm http fetch GET 200 https://npm.example.com/${pick(PACKAGES)} ${n(900)}ms (cache miss)`,
  (n, pick) =>
    ` \x1b[32m✓\x1b[39m ${pick(FILES)} \x1b[2m(\x1b[22m\x1b[2m${n(40)} tests\x1b[22m\x1b[2m)\x1b[22m\x1b[33m ${n(900)}\x1b[2mms\x1b[22m\x1b[39m`,
  (n, pick) =>
    `gcc -O2 -Wall -Wextra -Iinclude -Ithird_party/zlib -DNDEBUG -DVERSION=${n(99)} -c ${pick(FILES)} -o build/obj_${n(5000)}.o`,
  (n, pick) => `[${n(900)}/900] Building CXX object third_party/CMakeFiles/core.dir/${pick(FILES)}.o`,
  (n, pick) => `${pick(FILES)}:${n(900)}:${n(80)}: warning: unused variable 'tmp${n(99)}' [-Wunused-variable]`,
  (n, pick) => `${pick(FILES)}::test_case_${n(400)} PASSED                                        [ ${n(99)}%]`,
  (n) =>
    `#${n(30)} ${n(90)}.${n(900)} Get:${n(300)} http://deb.example.org/debian bookworm/main amd64 libc6-dev amd64 2.36-9 [${n(2000)} kB]`,
  (n) =>
    `#${n(30)} sha256:${n(2 ** 31)
      .toString(16)
      .padStart(8, '0')
      .repeat(8)} ${n(90)}.0MB / 120.4MB ${n(60)}.1s`,
  (n, pick) => `   Compiling ${pick(PACKAGES)} v${n(3)}.${n(30)}.${n(9)}`,
  (n) => `ok  \tgithub.com/example/app/internal/pkg${n(60)}\t${n(9)}.${n(900)}s`,
  (n) =>
    `Downloading https://files.example.org/packages/${n(99)}/${n(2 ** 31).toString(16)}/numpy-2.${n(9)}.0-cp312-manylinux_x86_64.whl (${n(20)}.0 MB)`,
  (n) => `\x1b[36;1mecho "step ${n(99)} of the build script" && make -j4 target_${n(99)}\x1b[0m`,
  (n) => `> Task :module${n(40)}:compileJava UP-TO-DATE`,
  (n) => `[INFO] Running com.example.service.Handler${n(200)}Test`,
  (n) => `[INFO] Tests run: ${n(30)}, Failures: 0, Errors: 0, Skipped: ${n(3)}, Time elapsed: 0.${n(900)} s`,
  () => '',
  (n, pick) =>
    `DEBUG resolved ${pick(PACKAGES)} from lockfile in node_modules/.pnpm/${pick(PACKAGES)}@${n(9)}.0.${n(9)}/node_modules`,
  (n) =>
    `{"level":"info","time":${1_700_000_000_000 + n(1e9)},"msg":"request completed","res":{"statusCode":200},"responseTime":${n(90)}}`,
];

/** One in about this many lines is of these: what goes wrong, and what only looks like it. */
const RARE = 400;
const TROUBLE: typeof LINES = [
  (n, pick) =>
    `${pick(FILES)}(${n(900)},${n(80)}): error TS${1000 + n(900)}: Type 'string' is not assignable to type 'number'.`,
  (n) => `E   AssertionError: assert ${n(99)} == ${n(99)}`,
  (n, pick) => `npm error Could not resolve dependency: peer ${pick(PACKAGES)}@"^${n(20)}" from the root project`,
  (n) => `##[warning]Cache not found for input keys: Linux-node-${n(99)}`,
  (n) => `    at Object.<anonymous> (/home/runner/work/app/app/dist/main.js:${n(900)}:${n(80)})`,
  () => 'Error: connect ECONNREFUSED 127.0.0.1:5432',
  (n) => `FAILED tests/pytest_suite_${n(1000)}.py::test_login`,
  (n) => `gcc error: cannot write a_${n(99)}.o: no space left on device`,
];

/** About so many bytes of a job's log. */
export function renderLog(bytes: number): Buffer {
  const n = randomFrom(7);
  const pick = (from: readonly string[]) => from[n(from.length)] ?? '';
  const parts: string[] = [];
  for (let length = 0, line = 0; length < bytes; line++) {
    const kinds = n(RARE) === 0 ? TROUBLE : LINES;
    const text = line % 3000 === 0 ? `##[group]Run make target-${n(99)}` : (kinds[n(kinds.length)]?.(n, pick) ?? '');
    const stamp = new Date(1_785_000_000_000 + line * 7).toISOString().replace('Z', `${1000 + n(8999)}Z`);
    parts.push(`${stamp} ${text}\n`);
    length += stamp.length + text.length + 2;
  }
  return Buffer.from(parts.join(''));
}
