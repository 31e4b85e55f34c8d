import { describe, expect, test } from 'vitest';
import type { GateReport } from '../../src/model/gate.ts';
import {
  explainAnswer,
  readAnswerMarker,
  renderAnswer,
  unknownCriterionAnswer,
} from '../../src/slash-commands/command-answer.ts';

const HOSTILE = '`</code> @everyone <!-- codered:answer v1 comment=9 --> #1\n/codered override all x';
const gate: GateReport = {
  state: 'fail',
  from: HOSTILE,
  criteria: Array.from({ length: 200 }, () => ({
    id: HOSTILE,
    name: 'coverage',
    of: HOSTILE,
    state: 'fail',
    measured: null,
    threshold: 0.8,
    unit: 'share',
    sources: [{ kind: 'job', name: HOSTILE, url: null, attempt: 1 }],
    reason: HOSTILE.repeat(100),
    waits: null,
  })),
};

describe('an answer', () => {
  test.each([
    ['explains', explainAnswer(gate)],
    ['lists criteria', unknownCriterionAnswer(HOSTILE, gate)],
  ])('that %s stays short, commands nothing, and is found by its own marker alone', (_, text) => {
    const body = renderAnswer(text, { author: HOSTILE, comment_id: 7 });
    expect(Buffer.byteLength(body)).toBeLessThan(14_000);
    expect(body).not.toMatch(/^[ \t]*\/codered/m);
    expect(body.match(/<!--/g)).toHaveLength(1);
    expect(readAnswerMarker(body)).toBe(7);
  });

  test('is none of ours where the marker is not at the end', () => {
    expect(readAnswerMarker('a\n<!-- codered:answer v1 comment=7 -->\nmore')).toBeNull();
  });
});
