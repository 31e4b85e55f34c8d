// git, ssh, git-lfs and GitHub's API, failing. Read by ../run.ts.
import type { Captured, Route } from '../recipe.ts';

const identity =
  'git config --global user.name app-bot && git config --global user.email app-bot@users.noreply.github.com && git config --global init.defaultBranch main && git config --global advice.detachedHead false';
const repository = `${identity}
git init -q . && echo one > a.txt && git add . && git commit -q -m 'First'`;
const withRemote = `${identity}
git init -q --bare /home/runner/app.git && git init -q . && echo one > a.txt && git add . && git commit -q -m 'First'
git remote add origin /home/runner/app.git && git push -q origin main`;
const hook = (...lines: string[]): string =>
  `${withRemote}
printf '%s\\n' '#!/bin/sh' ${lines.map((line) => `'echo "${line}" >&2'`).join(' ')} 'exit 1' > /home/runner/app.git/hooks/pre-receive && chmod +x /home/runner/app.git/hooks/pre-receive
echo two > a.txt && git commit -q -a -m 'Second'`;
const git = { needs: ['git'], job: 'release' };
const github = (status: number, body: string, headers: Record<string, string> = {}): Route[] => [
  { host: 'github.com', path: '/', status, body, headers: { 'content-type': 'text/plain', ...headers } },
];
const web = { needs: ['git', 'openssl'], job: 'release' };
const octokit = { needs: ['npm', 'openssl'], job: 'label', packages: ['@octokit/core@7.0.6'] };
const callApi = {
  'package.json': '{ "name": "app", "version": "1.0.0", "private": true, "type": "module" }\n',
  'label.js':
    "import { Octokit } from '@octokit/core';\n\nconst octokit = new Octokit({ auth: process.env.GITHUB_TOKEN });\nawait octokit.request('POST /repos/octo-org/app/issues/42/labels', { labels: ['ready'] });\n",
};
const apiAnswer = (status: number, message: string, headers: Record<string, string> = {}): Route[] => [
  {
    host: 'api.github.com',
    path: '/',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest', status: String(status) }),
  },
];
const toolkit = { needs: ['npm'], job: 'deploy', packages: ['@actions/core@1.11.1'] };

export const captured: Captured[] = [
  {
    ...web,
    name: 'git-repository-not-found',
    pattern: 'Repository not found',
    routes: github(404, 'Repository not found.\n'),
    standIn: "github.com's answer for a repository the token cannot see",
    steps: [{ run: 'git clone https://github.com/octo-org/shared-config' }],
  },
  {
    ...web,
    name: 'git-credentials-missing',
    pattern: 'git has no credentials',
    routes: github(401, '', { 'www-authenticate': 'Basic realm="GitHub"' }),
    standIn: "github.com's 401",
    steps: [{ run: 'git clone https://github.com/octo-org/private-config', env: { GIT_TERMINAL_PROMPT: '0' } }],
  },
  {
    ...web,
    name: 'git-push-denied',
    pattern: 'GITHUB_TOKEN may not push',
    prepare: `${repository}\ngit remote add origin https://github.com/octo-org/app`,
    routes: github(403, 'Permission to octo-org/app.git denied to github-actions[bot].\n'),
    standIn: "github.com's 403 for a read-only GITHUB_TOKEN",
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...web,
    name: 'git-server-error',
    pattern: 'git server error',
    routes: github(502, 'bad gateway'),
    steps: [{ run: 'git clone https://github.com/octo-org/app' }],
  },
  {
    ...git,
    name: 'git-remote-ref-missing',
    pattern: 'git ref not found on the remote',
    prepare: withRemote,
    steps: [{ run: 'git fetch origin release/2.0' }],
  },
  {
    ...git,
    name: 'git-unknown-revision',
    pattern: 'git revision not in the clone',
    prepare: repository,
    steps: [{ run: 'git diff --name-only origin/main...HEAD' }],
  },
  {
    ...git,
    name: 'git-merge-conflict',
    pattern: 'git merge conflict',
    prepare: `${repository}
git checkout -q -b feature && echo feature > a.txt && git commit -q -a -m Feature && git checkout -q main && echo main > a.txt && git commit -q -a -m Main`,
    steps: [{ run: 'git merge feature' }],
  },
  {
    ...git,
    name: 'git-push-rejected',
    pattern: 'git push rejected: branch moved on',
    prepare: `${withRemote}
git clone -q /home/runner/app.git /home/runner/other && cd /home/runner/other && echo two > b.txt && git add . && git commit -q -m Other && git push -q && cd - && echo three > c.txt && git add . && git commit -q -m Mine`,
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...git,
    name: 'git-protected-branch',
    pattern: 'Push to a protected branch refused',
    prepare: hook(
      'error: GH006: Protected branch update failed for refs/heads/main.',
      'error: Changes must be made through a pull request.',
    ),
    standIn: "GitHub's pre-receive message GH006",
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...git,
    name: 'git-workflows-permission',
    pattern: 'Push changes a workflow file without permission',
    prepare: hook(
      'refusing to allow a GitHub App to create or update workflow \\`.github/workflows/ci.yml\\` without \\`workflows\\` permission',
    ),
    standIn: "GitHub's pre-receive message for workflow files",
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...git,
    name: 'git-push-protection',
    pattern: 'Push blocked: secret in a commit',
    prepare: hook(
      'error: GH013: Repository rule violations found for refs/heads/main.',
      '- GITHUB PUSH PROTECTION',
      '  - Push cannot contain secrets',
    ),
    standIn: "GitHub's pre-receive message GH013",
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...git,
    name: 'git-large-file',
    pattern: 'Push has a file over 100 MB',
    prepare: hook(
      'error: File data/model.bin is 142.20 MB; this exceeds GitHub\\047s file size limit of 100.00 MB',
      'error: GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.',
    ),
    standIn: "GitHub's pre-receive message GH001",
    steps: [{ run: 'git push origin main' }],
  },
  {
    ...git,
    name: 'git-nothing-to-commit',
    pattern: 'git had nothing to commit',
    prepare: repository,
    steps: [{ run: "git add .\ngit commit -m 'Update the generated files'" }],
  },
  {
    ...git,
    name: 'git-identity-unknown',
    pattern: 'git author identity unknown',
    prepare: 'git init -q . && echo one > a.txt && git add .',
    steps: [{ run: "git commit -m 'Release'" }],
  },
  {
    ...git,
    name: 'git-submodule-missing',
    pattern: 'git submodule not configured',
    prepare: `${repository}
git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),vendor/theme && git commit -q -m 'Add the theme' && git rm -q --cached a.txt`,
    steps: [{ run: 'git submodule update --init' }],
  },
  {
    ...git,
    name: 'git-dubious-ownership',
    pattern: 'git refuses a directory of another user',
    prepare: repository,
    before: 'chown -R 0:0 .git .',
    steps: [{ run: 'git status' }],
  },
  {
    ...web,
    name: 'git-early-eof',
    pattern: 'git transfer broke off',
    routes: [
      {
        host: 'github.com',
        path: '/',
        status: 200,
        headers: { 'content-type': 'application/x-git-upload-pack-advertisement' },
        body: '001e# service=git-upload-pack\n0000',
        fault: 'truncate',
      },
    ],
    standIn: 'a connection that ends in the middle of an answer',
    steps: [{ run: 'git clone https://github.com/octo-org/large-assets' }],
  },
  {
    needs: ['git', 'git-lfs', 'openssl'],
    job: 'build',
    name: 'git-lfs-quota',
    pattern: 'Git LFS quota used up',
    prepare: `${identity}
git init -q . && git lfs install --local --skip-smudge > /dev/null && printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 1048576\\n' 7 > model.bin && printf '*.bin filter=lfs diff=lfs merge=lfs -text\\n' > .gitattributes && git add . && git commit -q -m First && git remote add origin https://github.com/octo-org/app`,
    routes: [
      {
        host: 'github.com',
        path: '/',
        status: 403,
        headers: { 'content-type': 'application/vnd.git-lfs+json' },
        body: '{"message":"This repository is over its data quota. Account responsible for LFS bandwidth should purchase more data packs to restore access."}',
      },
    ],
    standIn: "GitHub's LFS answer over quota",
    steps: [{ run: 'git lfs pull' }],
  },
  {
    needs: ['ssh'],
    job: 'deploy',
    name: 'ssh-host-key-unknown',
    pattern: 'SSH host key not known',
    before:
      'mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N "" -f /opt/host && echo "127.0.0.1 deploy.octo.example" >> /etc/hosts && /usr/sbin/sshd -h /opt/host -o PasswordAuthentication=no',
    steps: [{ run: 'ssh -o BatchMode=yes deploy@deploy.octo.example ./release.sh' }],
  },
  {
    needs: ['ssh'],
    job: 'deploy',
    name: 'ssh-permission-denied',
    pattern: 'SSH key refused',
    before:
      'mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N "" -f /opt/host && echo "127.0.0.1 deploy.octo.example" >> /etc/hosts && /usr/sbin/sshd -h /opt/host -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no',
    steps: [{ run: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=no runner@deploy.octo.example ./release.sh' }],
  },
  {
    ...octokit,
    name: 'resource-not-accessible',
    pattern: 'GITHUB_TOKEN lacks a permission',
    files: callApi,
    routes: apiAnswer(403, 'Resource not accessible by integration', {
      'x-accepted-github-permissions': 'issues=write; pull_requests=write',
    }),
    standIn: "GitHub's 403 for a missing permission",
    steps: [{ run: 'node label.js', env: { GITHUB_TOKEN: '***' } }],
  },
  {
    ...octokit,
    name: 'github-bad-credentials',
    pattern: 'GitHub token invalid or expired',
    files: callApi,
    routes: apiAnswer(401, 'Bad credentials'),
    standIn: "GitHub's 401",
    steps: [{ run: 'node label.js', env: { GITHUB_TOKEN: '***' } }],
  },
  {
    ...octokit,
    name: 'github-rate-limit',
    pattern: 'GitHub API rate limit',
    files: callApi,
    routes: apiAnswer(403, 'API rate limit exceeded for installation ID 12345678.', { 'x-ratelimit-remaining': '0' }),
    standIn: "GitHub's primary rate limit",
    steps: [{ run: 'node label.js', env: { GITHUB_TOKEN: '***' } }],
  },
  {
    ...octokit,
    name: 'github-secondary-rate-limit',
    pattern: 'GitHub API rate limit',
    files: callApi,
    routes: apiAnswer(
      403,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      { 'retry-after': '60' },
    ),
    standIn: "GitHub's secondary rate limit",
    steps: [{ run: 'node label.js', env: { GITHUB_TOKEN: '***' } }],
  },
  {
    ...toolkit,
    name: 'action-input-missing',
    pattern: 'Action input or secret missing',
    files: {
      'action.cjs':
        "const core = require('@actions/core');\ntry {\n  core.getInput('api-key', { required: true });\n} catch (error) {\n  core.setFailed(error.message);\n}\n",
    },
    steps: [
      { uses: 'octo-org/deploy-action@v2', with: { 'api-key': '', environment: 'production' }, run: 'node action.cjs' },
    ],
  },
  {
    ...toolkit,
    name: 'oidc-token-not-permitted',
    pattern: 'OIDC token not permitted',
    files: {
      'action.cjs':
        "const core = require('@actions/core');\ncore.getIDToken('sts.amazonaws.com').catch((error) => core.setFailed(error.message));\n",
    },
    steps: [{ uses: 'octo-org/cloud-login@v3', with: { audience: 'sts.amazonaws.com' }, run: 'node action.cjs' }],
  },
  {
    needs: ['gh'],
    job: 'release',
    name: 'gh-token-missing',
    pattern: 'gh has no token',
    steps: [{ run: 'gh release create v1.4.0 --generate-notes --repo octo-org/app' }],
  },
  {
    ...git,
    name: 'passing/git-release',
    pattern: null,
    prepare: withRemote,
    steps: [
      {
        run: "git checkout -b fix/handle-errors\necho 'error: none' > errors.txt\ngit add .\ngit commit -m 'Fix: CONFLICT marker in failed merges'\ngit push origin fix/handle-errors\ngit rev-parse --verify --quiet no-such-tag || echo 'fatal only in name: tag not there yet'",
      },
    ],
  },
];
