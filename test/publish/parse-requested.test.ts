import { describe, expect, it } from 'vitest';
import { Rejected } from '../../src/model/errors.ts';
import type { RequestedPublication } from '../../src/model/publication.ts';
import { parseRequested } from '../../src/publish/parse-requested.ts';

const comment: RequestedPublication = {
  kind: 'comment',
  pull_request_number: 3,
  head_sha: 'abc',
  body: 'text',
  may_create: true,
  as_of: null,
};
const checkRun: RequestedPublication = {
  kind: 'check_run',
  name: 'CodeRed',
  head_sha: 'abc',
  status: 'completed',
  conclusion: 'failure',
  title: 'T',
  summary: 'S',
  annotations: [{ path: 'a.ts', start_line: 1, end_line: 2, annotation_level: 'warning', title: 't', message: 'm' }],
  as_of: '2026-11-01T10:00:00Z',
};

describe('parseRequested', () => {
  it.each([
    { name: 'a comment', desired: comment },
    { name: 'a finished check run', desired: checkRun },
    { name: 'a running check run', desired: { ...checkRun, status: 'in_progress', conclusion: null } },
  ])('reads $name back as it was written', ({ desired }) => {
    expect(parseRequested(JSON.parse(JSON.stringify(desired)))).toEqual(desired);
  });

  it.each([
    { name: 'null', json: null, names: 'should be keys with values, not null' },
    { name: 'another kind', json: { ...comment, kind: 'status' }, names: 'kind: should be one of comment, check_run' },
    { name: 'an empty body', json: { ...comment, body: '' }, names: 'body: must not be empty' },
    { name: 'a finished check run without a conclusion', json: { ...checkRun, conclusion: null }, names: 'conclusion' },
    { name: 'a conclusion while it runs', json: { ...checkRun, status: 'queued' }, names: 'conclusion' },
    {
      name: 'an annotation on line 0',
      json: { ...checkRun, annotations: [{ ...checkRun.annotations[0], start_line: 0 }] },
      names: 'start_line',
    },
  ])('rejects $name and says which field', ({ json, names }) => {
    const parse = () => parseRequested(json);
    expect(parse).toThrow(Rejected);
    expect(parse).toThrow(names);
  });
});
