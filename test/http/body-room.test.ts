import { describe, expect, it } from 'vitest';
import { BodyRoom, type Guest } from '../../src/http/bodies/body-room.ts';
import { Pace } from '../../src/http/bodies/pace.ts';

const KB = 1024;
const MB = 1024 * KB;

/** A room with a clock that stands until it is told. */
function openRoom(bytes: number, largest?: number) {
  let nowMs = 1_000;
  const room = new BodyRoom(bytes, largest, () => nowMs);
  const evicted: string[] = [];
  const enter = (name: string, announced: number | null = null, address: string | null = null): Guest =>
    room.enter({ announced, address, onEvicted: () => evicted.push(name) });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { enter, evicted, pass };
}

describe('the room for bodies', () => {
  it('asks the slowest unfinished body to leave when it is full, however much that has sent before', () => {
    const { enter, evicted, pass } = openRoom(4 * MB);
    const slow = [0, 1, 2].map((index) => enter(`slow ${index}`, MB));
    for (const one of slow) expect(one.take(MB - 1 - slow.indexOf(one))).toBe(true);
    pass(3_000);
    expect(slow[2]?.take(1)).toBe(true);
    expect(enter('new', 500 * KB).take(64 * KB)).toBe(true);
    expect(evicted).toEqual([expect.stringMatching(/slow [01]/)]);
    expect(slow[0]?.take(1) === true && slow[1]?.take(1) === true).toBe(false);
  });

  it('lets in what asks only while something slower is there', () => {
    const { enter, evicted, pass } = openRoom(4 * MB);
    const fast = [0, 1, 2].map((index) => enter(`fast ${index}`));
    const drip = enter('drip');
    expect(drip.take(1)).toBe(true);
    pass(5_000);
    for (const one of fast) expect(one.take(MB - 1)).toBe(true);
    expect(drip.take(100)).toBe(false);
    expect(evicted).toEqual([]);
  });

  it('keeps a quarter for small bodies that are whole, though what fills it comes as fast', () => {
    const { enter, evicted } = openRoom(4 * MB);
    for (let index = 0; index < 3; index += 1) expect(enter(`${index}`, 2 * MB).take(MB - 1)).toBe(true);
    expect(enter('unfinished', 700 * KB).take(600 * KB)).toBe(false);
    const whole = enter('whole', 600 * KB);
    expect(whole.take(600 * KB)).toBe(true);
    expect(evicted).toEqual([]);
  });

  it('asks nobody to leave who is whole, and says no when those fill it', () => {
    const { enter, evicted, pass } = openRoom(MB);
    for (let index = 0; index < 4; index += 1) {
      const body = enter(`${index}`, 256 * KB);
      expect(body.take(256 * KB)).toBe(true);
      body.finish();
    }
    pass(10_000);
    const late = enter('late', KB);
    expect(late.take(KB)).toBe(false);
    late.leave();
    expect(evicted).toEqual([]);
  });

  it('leaves half to the small', () => {
    const { enter } = openRoom(4 * MB);
    const large = enter('large', 2 * MB);
    expect(large.take(1.9 * MB)).toBe(true);
    large.finish();
    expect(enter('also large').take(1.1 * MB)).toBe(false);
    expect(enter('small').take(0.9 * MB)).toBe(true);
  });

  it('gives back what was taken once, whoever says so', () => {
    const { enter } = openRoom(MB);
    const body = enter('one', MB);
    expect(body.take(MB)).toBe(true);
    body.finish();
    for (let times = 0; times < 3; times += 1) body.leave();
    expect(body.take(1)).toBe(false);
    expect(enter('two', MB).take(MB)).toBe(true);
    expect(enter('three', 1).take(1)).toBe(false);
  });

  it('gives an address a quarter: more of it makes way for itself alone', () => {
    const { enter, evicted, pass } = openRoom(8 * MB);
    const others = enter('somebody else', MB, '192.0.2.1');
    expect(others.take(1)).toBe(true);
    const first = enter('first', MB, '192.0.2.9');
    expect(first.take(MB - 1)).toBe(true);
    const second = enter('second', MB, '192.0.2.9');
    expect(second.take(MB - 1)).toBe(true);
    pass(1_000);
    expect(enter('third', MB, '192.0.2.9').take(200 * KB)).toBe(true);
    expect(evicted).toEqual([expect.stringMatching(/first|second/)]);
    expect(enter('nobody in particular', MB).take(MB)).toBe(true);
  });

  it('gives an address so many unfinished bodies, however small', () => {
    const { enter, evicted, pass } = openRoom(8 * MB);
    for (let index = 0; index < 40; index += 1) {
      expect(enter(`${index}`, MB, '192.0.2.9').take(10)).toBe(true);
      pass(1);
    }
    expect(evicted.length).toBeGreaterThanOrEqual(7);
    expect(enter('else', MB, '192.0.2.1').take(10)).toBe(true);
  });

  it('lets the largest body in that is allowed, from one address', () => {
    const { enter } = openRoom(8 * MB, 3 * MB);
    expect(enter('largest', 3 * MB, '192.0.2.9').take(3 * MB)).toBe(true);
  });
});

describe('the pace of a body', () => {
  it('is that of late: a burst is soon forgotten', () => {
    let nowMs = 0;
    const burst = new Pace(() => nowMs);
    burst.grew(MB);
    nowMs = 5_000;
    const steady = new Pace(() => nowMs);
    nowMs = 5_001;
    steady.grew(2_000);
    expect(burst.rate()).toBeLessThan(steady.rate());
  });

  it('that is too low is told once; a body that grows as it should is left alone', async () => {
    const found: string[] = [];
    const limits = { everyMs: 20, bytesPerSecond: 1_000 };
    const slow = new Pace();
    const fast = new Pace();
    const growing = setInterval(() => fast.grew(1_000_000), 1);
    const ends = [slow, fast].map((pace, index) => pace.watch(() => found.push(index === 0 ? 'slow' : 'fast'), limits));
    await expect.poll(() => found).toEqual(['slow']);
    const ended = new Pace();
    ended.watch(() => found.push('ended'), limits)();
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const end of ends) end();
    clearInterval(growing);
    expect(found.filter((name) => name !== 'fast')).toEqual(['slow']);
  });
});
