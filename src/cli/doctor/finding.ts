// What `codered doctor` finds. Pure.

/** `fix` says what to do; null when there is nothing to be done. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly fix: string | null;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, fix: null };
}

export function warning(check: string, found: string, fix: string): Finding {
  return { check, state: 'warning', found, fix };
}

export function failed(check: string, found: string, fix: string): Finding {
  return { check, state: 'failed', found, fix };
}

/** What a stranger's payload made us say must neither break out of its line nor fill the screen. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').slice(0, 300);
}
