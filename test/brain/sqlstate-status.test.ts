import { describe, expect, it } from 'vitest';
import { statusOfSqlState } from '../support/postgrest/sqlstate-status.ts';

describe('the HTTP status for a SQLSTATE', () => {
  it.each([
    ['08006', 503],
    ['09000', 500],
    ['0L000', 403],
    ['0P000', 403],
    ['22P02', 400],
    ['23502', 400],
    ['23503', 409],
    ['23505', 409],
    ['25006', 405],
    ['25P02', 500],
    ['28P01', 403],
    ['2D000', 500],
    ['38000', 500],
    ['39000', 500],
    ['3B000', 500],
    ['40001', 500],
    ['42883', 404],
    ['42P01', 404],
    ['42P17', 500],
    ['42601', 400],
    ['53300', 503],
    ['53400', 500],
    ['54001', 500],
    ['55P03', 500],
    ['57014', 500],
    ['57P01', 503],
    ['58030', 500],
    ['F0000', 500],
    ['HV000', 500],
    ['P0001', 400],
    ['P0002', 500],
    ['PT404', 404],
    ['PTABC', 500],
    ['XX000', 500],
    ['CR001', 400],
  ])('of %s is %i', (code, status) => {
    expect(statusOfSqlState(code, { anonymous: false })).toBe(status);
  });

  it('asks nobody in particular to sign in where a privilege is missing, and refuses somebody', () => {
    expect(statusOfSqlState('42501', { anonymous: true })).toBe(401);
    expect(statusOfSqlState('42501', { anonymous: false })).toBe(403);
  });
});
