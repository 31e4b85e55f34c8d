// Which HTTP status PostgREST gives an error of Postgres. Pure.
// The table: https://docs.postgrest.org/en/stable/references/errors.html#http-status-codes

const statusOfCode: Readonly<Record<string, number>> = {
  '23503': 409, // a foreign key is violated
  '23505': 409, // a row with this key is there already
  '25006': 405, // a write in a read-only transaction
  '21000': 500, // more than one row where one belongs
  '53400': 500, // a configured limit is exceeded
  '57P01': 503, // the server is being shut down
  P0001: 400, // raise exception without a code
  '42883': 404, // no such function
  '42P01': 404, // no such table
  '42P17': 500, // a policy that calls itself
};

const statusOfClass: Readonly<Record<string, number>> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/** The HTTP status for a SQLSTATE. `anonymous`: nobody was signed in, so a missing privilege asks for a sign-in. */
export function statusOfSqlState(code: string, { anonymous }: { anonymous: boolean }): number {
  if (code === '42501') return anonymous ? 401 : 403;
  const raised = /^PT([2-5]\d\d)$/.exec(code);
  if (raised) return Number(raised[1]);
  if (code.startsWith('PT')) return 500;
  return statusOfCode[code] ?? statusOfClass[code.slice(0, 2)] ?? 400;
}
