// Makes sets of patterns like those people write: some forms over many tools and words. Only bench/ imports it.

const TOOLS = [
  ...[
    'npm',
    'pnpm',
    'yarn',
    'tsc',
    'eslint',
    'vitest',
    'jest',
    'pytest',
    'mypy',
    'ruff',
    'cargo',
    'rustc',
    'go',
    'gcc',
    'clang',
  ],
  ...[
    'cmake',
    'ninja',
    'make',
    'gradle',
    'maven',
    'docker',
    'podman',
    'helm',
    'kubectl',
    'terraform',
    'git',
    'curl',
    'apt-get',
  ],
];
const TROUBLES = [
  ...[
    'connection refused',
    'no space left on device',
    'permission denied',
    'out of memory',
    'timed out',
    'checksum mismatch',
  ],
  ...[
    'not found',
    'version conflict',
    'certificate has expired',
    'rate limit exceeded',
    'undefined reference',
    'syntax error',
  ],
];

const FORMS: readonly ((tool: string, trouble: string, code: number) => string)[] = [
  (tool, trouble) => `^${tool}(?:: | error: |\\[\\d+\\]: ).*${trouble}`,
  (_tool, _trouble, code) => `^.*\\(\\d+,\\d+\\): error (?:TS|CS)${1000 + code}: (.*)$`,
  (tool, trouble) => `(?i)${tool} (?:failed|exited|aborted).*${trouble}`,
  (_tool, trouble, code) => `${trouble} \\(code[ =]E?${code}\\)`,
  (tool, _trouble, code) => `^##\\[error\\]${tool}: step (\\w+) returned ${code}$`,
  (tool, _trouble, code) => `^\\s*(?:FAIL|FAILED|ERROR):? (\\S*${tool}_suite_${code}\\S*)`,
  (tool, trouble, code) => `\\b${tool}_task_${code}\\b.*(?:${trouble}|core dumped)`,
];

/** So many regexes, no two alike. */
export function renderPatterns(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const form = FORMS[index % FORMS.length];
    const tool = TOOLS[Math.floor(index / FORMS.length) % TOOLS.length] ?? '';
    const trouble = TROUBLES[Math.floor(index / 3) % TROUBLES.length] ?? '';
    return form?.(tool, trouble, index) ?? '';
  });
}
