// The description of the REST interface: a valid one, whose examples are as they say.

import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeAll } from '../../src/http/rest/describe.ts';
import { openapiDocument } from '../../src/http/rest/openapi.ts';
import { placed } from '../../src/http/rest/placed.ts';
import { SCOPES } from '../../src/model/scopes.ts';
import { DOCUMENT, expectDescribed, problemWith, resolved } from '../support/described.ts';

const document = z.record(z.string(), z.unknown()).parse(DOCUMENT);

describe('openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(await new Validator().validate({ ...structuredClone(document), paths: { x: 1 } })).toMatchObject({
      valid: false,
    });
  });

  it('says how apps get tokens of people, and which scope each operation needs, where there is OAuth', async () => {
    const places = {
      authorizationUrl: 'https://codered.example/oauth/authorize',
      tokenUrl: 'https://codered.example/oauth/token',
    };
    const withOauth = JSON.parse(JSON.stringify(openapiDocument(places)));
    expect(await new Validator().validate(structuredClone(withOauth))).toEqual({ valid: true });
    const { flows } = withOauth.components.securitySchemes.oauth;
    expect(Object.keys(flows)).toEqual(['authorizationCode']);
    expect(flows.authorizationCode).toMatchObject({ ...places, refreshUrl: places.tokenUrl });
    expect(Object.keys(flows.authorizationCode.scopes)).toEqual([...SCOPES]);
    for (const { 'x-scope': scope, security } of Object.values(withOauth.paths).flatMap((path) =>
      Object.values(path as object),
    )) {
      expect(security).toEqual([{ token: [] }, { oauth: [scope] }]);
    }
    expect(JSON.stringify(document)).not.toContain('oauth2');
  });

  it('points at nothing that is not there', () => {
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, $ref]) => $ref);
    expect(pointers.length).toBeGreaterThan(100);
    for (const $ref of new Set(pointers)) expect(resolved({ $ref }), $ref).toBeDefined();
  });

  it('has each operation once, by its name, with what it is about', () => {
    const { described } = describeAll();
    expect(described.map(({ operation }) => operation.name)).toEqual(placed().map(([{ name }]) => name));
    const tags = Object.fromEntries(described.map(({ operation, tag }) => [operation.name, tag]));
    expect(tags).toMatchObject({
      read_me: 'me',
      resume_project: 'projects',
      search_events: 'events',
      get_failure_summary: 'failures',
      record_decision: 'decisions',
      create_task: 'tasks',
      task_timeline: 'tasks',
      run_agent: 'jobs',
    });
  });

  it('writes down once what several operations give', () => {
    const { components, paths } = z
      .object({
        components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
        paths: z.record(z.string(), z.unknown()),
      })
      .parse(document);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Failure', 'Id', 'Problem', 'Task']));
    const text = JSON.stringify(paths);
    expect(text.split('#/components/schemas/Task"').length - 1).toBe(5);
    expect(text).not.toContain('#/$defs/');
  });

  it('shows examples that its schemas allow', () => {
    const { described } = describeAll();
    const made = described.find(({ operation }) => operation.name === 'create_task');
    expect(made?.body?.example).toEqual({ title: 'Mend the build' });
    expect(made?.answer.example).toMatchObject({ zone: 'red' });
    for (const { operation, body, answer } of described) {
      if (answer.example !== undefined) expect(problemWith(answer.schema, answer.example), operation.name).toBeNull();
      if (body?.example !== undefined) expect(problemWith(body.schema, body.example), operation.name).toBeNull();
    }
  });
});

describe('an answer that is not described', () => {
  const headers = (type: string) => new Headers({ 'content-type': type, etag: '"x"' });
  const me = { method: 'GET', url: '/api/v1/me', status: 200, headers: headers('application/json') };
  const body = { id: 'a0000000-0000-4000-8000-000000000001', display_name: null, github_login: null };

  it('is none of these', () => {
    expectDescribed({ ...me, text: JSON.stringify(body) });
    expectDescribed({ ...me, status: 304, text: '' });
  });

  it.each([
    ['another status', { status: 202 }],
    ['another type', { headers: headers('text/html') }],
    ['a header missing', { headers: new Headers({ 'content-type': 'application/json' }) }],
    ['a field missing', { text: '{}' }],
    ['a field of another kind', { text: JSON.stringify({ ...body, id: 5 }) }],
    ['a body with 304', { status: 304 }],
    ['another method', { method: 'PUT' }],
    ['a problem of another status', { status: 404, headers: headers('application/problem+json') }],
  ])('is found by %s', (_, change) => {
    expect(() => expectDescribed({ ...me, text: JSON.stringify(body), ...change })).toThrow();
  });
});
