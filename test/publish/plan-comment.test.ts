import { describe, expect, it } from 'vitest';
import { planComment } from '../../src/publish/plan-comment.ts';
import { commentMarker } from '../../src/report/comment.ts';

const body = (text: string, as_of: string | null) =>
  `### ${text}\n${commentMarker({ pull_request_number: 3, as_of })}\nmore`;
const early = '2026-11-01T10:00:00Z';
const late = '2026-11-01T10:00:00.500Z';
const lateElsewhere = '2026-11-01T11:00:00+00:00';

describe('planComment', () => {
  it.each([
    { name: 'creates one where none stands', standing: null, desired: 'new', plan: 'create' },
    { name: 'makes none that nobody needs', standing: null, desired: 'new', may_create: false, plan: 'not_needed' },
    { name: 'edits one that says something else', standing: body('old', early), desired: 'new', plan: 'edit' },
    {
      name: 'edits one though none may be made',
      standing: body('old', early),
      desired: 'new',
      may_create: false,
      plan: 'edit',
    },
    { name: 'leaves an equal one', standing: body('new', early), desired: 'new', plan: 'unchanged' },
    {
      name: "takes GitHub's line ends for equal",
      standing: `${body('new', early).replaceAll('\n', '\r\n')} \n`,
      desired: 'new',
      plan: 'unchanged',
    },
    { name: 'leaves one from newer facts', standing: body('newer', late), desired: 'new', plan: 'overtaken' },
    {
      name: 'compares times, not their spelling',
      standing: body('newer', lateElsewhere),
      desired: 'new',
      plan: 'overtaken',
    },
    { name: 'overwrites one from the same facts', standing: body('old', early), desired: 'new', plan: 'edit' },
    { name: 'overwrites one without a stamp', standing: body('old', null), desired: 'new', plan: 'edit' },
    {
      name: 'overwrites one whose marker somebody took away',
      standing: 'edited by hand',
      desired: 'new',
      plan: 'edit',
    },
    {
      name: 'overwrites a stamp when it has none itself',
      standing: body('old', late),
      desired: 'new',
      as_of: null,
      plan: 'edit',
    },
  ])('$name', ({ standing, desired, may_create = true, as_of = early, plan }) => {
    const wanted = { kind: 'comment', pull_request_number: 3, head_sha: 'abc', may_create, as_of } as const;
    expect(planComment({ ...wanted, body: body(desired, as_of) }, standing)).toBe(plan);
  });
});
