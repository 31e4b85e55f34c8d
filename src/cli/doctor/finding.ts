// What `codered doctor` finds. Pure.

/** The result of one check, in sentences. `fix` says what to do; null when nothing has to be done. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly fix: string | null;
}

/** A finding that all is well. */
export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, fix: null };
}

/** A finding that is worth a look; the command ends with 0 all the same. */
export function warning(check: string, found: string, fix: string): Finding {
  return { check, state: 'warning', found, fix };
}

/** A finding that CodeRed cannot work in this way. */
export function failed(check: string, found: string, fix: string): Finding {
  return { check, state: 'failed', found, fix };
}

/** A message on one line of bounded length: a stranger's payload may be quoted in it. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').slice(0, 300);
}
