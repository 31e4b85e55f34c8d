// The JSON Schema of the policy: as it is served, as it is shipped, and that it says of a file what CodeRed says.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { command as policy } from '../../src/cli/policy.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeSchema } from '../../src/http/routes/policy-schema.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { policyJsonSchema } from '../../src/policy/schema/policy.ts';
import { runCommand } from '../support/command-run.ts';

let http: Listening;
beforeAll(async () => {
  http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [serveRoutes({ resources: [makeSchema()], onError: () => {} })], onError: () => {} },
  );
});
afterAll(() => http.close(1_000));

describe('/schema/codered.json', () => {
  it('is the JSON Schema of the policy, open to every origin', async () => {
    const response = await fetch(`${http.url}/schema/codered.json?v=1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/schema+json; charset=utf-8');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual(policyJsonSchema());
  });

  it('is read with GET or HEAD, and other paths are left alone', async () => {
    const { status, headers } = await fetch(`${http.url}/schema/codered.json`, { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET']);
    const head = await fetch(`${http.url}/schema/codered.json`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${http.url}/schema`)).status).toBe(404);
  });
});

describe('docs/codered.schema.json', () => {
  it('is what `codered policy schema` prints (npm run -s codered -- policy schema > docs/codered.schema.json)', async () => {
    const { out } = await runCommand(policy, 'schema');
    expect(readFileSync('docs/codered.schema.json', 'utf8')).toBe(`${out.join('\n')}\n`);
  });
});

describe('the schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(policyJsonSchema());

  it.each([
    ['dod: {}', true],
    ['dod: { coverage_min: { total: 0.8, flags: { unit: 0.9 }, paths: { "src/**": 1 } }, lint_pass: true }', true],
    [
      'dod: { lighthouse_min: { performance: 85 }, lint_pass: true }\nevidence: { lint_pass: { job: lint, accept: [skipped] } }',
      true,
    ],
    ['dod: {}\nzones: { red: [a] }\nwhen: [{ zones: [red], dod: { e2e_pass: true } }]', true],
    ['mode: observe', true],
    ['zones: { red: [a] }\nwhen: { zones: [red], dod: { e2e_pass: true } }', true],
    ['extends: acme/policies:web.yml', true],
    ['{}', false],
    ['comment: never', false],
    ['dod: { lighthouse_min: 0.9 }', false],
    ['dod: { lighthouse_min: { seo: 1 } }', false],
    ['dod: {}\nevidence: { lint_pass: { job: a, check: a } }', false],
    ['dod: { coverage_min: 80 }', false],
    ['dod: { lint: true }', false],
    ['dod: {}\nevidence: { lint_pass: { job: a, app: b } }', false],
    ['dod: {}\nzones: { blue: [a] }', false],
    ['dod: {}\ndeadline_minutes: 1441', false],
  ])('takes %j as CodeRed does: %s', (text, taken) => {
    expect('policy' in parsePolicy(text)).toBe(taken);
    expect(validate(parse(text))).toBe(taken);
  });
});
