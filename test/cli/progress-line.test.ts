import { describe, expect, it } from 'vitest';
import { progressLine, wantsPlain } from '../../src/cli/terminal/progress-line.ts';

function shown(
  { isPlain = false, ...stream }: { isTTY: boolean; columns?: number; isPlain?: boolean },
  ...lines: readonly (readonly [ms: number, line: string, how?: 'show' | 'glance'])[]
): string[] {
  const written: string[] = [];
  let now = 0;
  const line = progressLine({ ...stream, write: (text) => written.push(text) }, { isPlain, clock: () => now });
  for (const [ms, text, how = 'show'] of lines) {
    now = ms;
    line[how](text);
  }
  line.end();
  line.end();
  return written;
}

describe('the progress line', () => {
  it('is written over on a terminal and wiped away at the end', () => {
    expect(shown({ isTTY: true }, [0, 'one'], [1, 'two', 'glance'])).toEqual([
      '\r\x1b[Kone',
      '\r\x1b[Ktwo',
      '\r\x1b[K',
    ]);
  });

  it('is added every five seconds elsewhere', () => {
    expect(shown({ isTTY: false }, [0, 'at 0'], [1, 'at 1'], [4_999, 'at 4999'], [5_000, 'at 5000'])).toEqual([
      'at 0\n',
      'at 5000\n',
    ]);
  });

  it('is nowhere but on a terminal where only who watches wants it', () => {
    expect(shown({ isTTY: false }, [0, 'one', 'glance'], [9_000, 'two', 'glance'])).toEqual([]);
  });

  it('has no escape sequence where none is wanted, and leaves nothing behind', () => {
    expect(shown({ isTTY: true, isPlain: true }, [0, 'long'], [1, 'a'])).toEqual(['\r\rlong', '\r    \ra', '\r \r']);
    expect([{ NO_COLOR: '1' }, { TERM: 'dumb' }, { NO_COLOR: '' }, { TERM: 'xterm' }, {}].map(wantsPlain)).toEqual([
      ...[true, true, false, false, false],
    ]);
  });

  it('is cut to the width of the terminal, so that it can be written over', () => {
    expect(shown({ isTTY: true, columns: 5 }, [0, 'abcdefgh'])).toEqual(['\r\x1b[Kabcd', '\r\x1b[K']);
  });
});
