import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makePlan } from '../../../../../src/bench/model/make-plan.js';
import {
  addCells,
  decodeMessage,
  encodeMessage,
  readAgentPass,
  readWork,
  resultsPage,
} from '../../../../../src/bench/run/fleet/agent-protocol.js';
import { merged } from '../../../../../src/bench/run/outcome.js';
import {
  createHistogram,
  recordLatency,
  type LatencyHistogram,
} from '../../../../../src/core/statistics/latency-histogram.js';

/** What the coordinator has of an agent's histogram after it has read all pages. */
function transferred(histogram: LatencyHistogram): LatencyHistogram {
  const [response, service] = [createHistogram(), createHistogram()];
  const sent = {
    rows: [[0, 1]],
    histograms: [histogram.cells, createHistogram().cells],
    busiest: 0,
    machine: { busy: undefined, own: 0 },
  };
  let from: number | undefined = 0;
  do {
    const page = resultsPage(sent, from);
    const text = encodeMessage(page);
    expect(text.length).toBeLessThan(256 * 1024);
    const read = decodeMessage(Buffer.from(text)) as typeof page;
    addCells(read.cells, [response.cells, service.cells]);
    from = read.next;
  } while (from !== undefined);
  expect(service.cells.every((cell) => cell === 0)).toBe(true);
  return response;
}

describe('results', () => {
  it('of several agents are as one histogram of all samples', () => {
    const latency = fc.oneof(
      fc.integer({ min: 0, max: 1e7 }),
      fc.integer({ min: 0, max: 2 ** 45 }),
    );
    const agents = fc.array(fc.array(latency, { maxLength: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(agents, (samples) => {
        const whole = createHistogram();
        const parts = samples.map((values) => {
          const part = createHistogram();
          for (const value of values) {
            recordLatency(part, value);
            recordLatency(whole, value);
          }
          return transferred(part);
        });
        expect(merged(parts).cells).toEqual(whole.cells);
      }),
      { numRuns: 8 },
    );
  });

  it('take several pages if they are many', () => {
    const histogram = createHistogram();
    for (let value = 1; value < 2 ** 43; value = Math.ceil(value * 1.0005)) {
      recordLatency(histogram, value);
    }
    expect(transferred(histogram).cells).toEqual(histogram.cells);
  });
});

describe('messages', () => {
  const plan = makePlan({
    scenario: 'pub',
    runId: 'abc',
    cores: 2,
    payload: Buffer.from('body'),
    headers: [['A', 'b']],
  });
  const work = {
    setup: {
      plan,
      version: '1.0.0',
      dial: {
        ...{ servers: ['nats://a:1'], name: 'x', tls: undefined, tlsFirst: false },
        ...{ inboxPrefix: '_INBOX', timeoutMs: 1_000 },
      },
      credentials: [{ user: 'u', seed: new Uint8Array([1, 2]) }],
      jsApiPrefix: '$JS.API',
      stream: undefined,
      stored: { first: 0, last: 0 },
    },
    jobs: [{ role: 'publisher', index: 0, of: 1, slot: 0 }],
    clients: 1,
  };
  const read = (value: unknown): unknown => decodeMessage(Buffer.from(encodeMessage(value)));

  it('keep bytes and infinite numbers', () => {
    const { setup } = readWork(read(work));
    expect(Buffer.from(setup.plan.payload ?? []).toString()).toBe('body');
    expect(setup.credentials[0]?.seed).toEqual(new Uint8Array([1, 2]));
    const pass = { number: 1, messages: Infinity, durationNs: 1e9, shiftNs: -5 };
    expect(readAgentPass(read(pass))).toEqual(pass);
  });

  it.each([
    ['a plan with another scenario', { ...plan, scenario: 'constructor' }],
    ['no window', { ...plan, window: undefined }],
    ['a window without end', { ...plan, window: 1e12 }],
    ['bodies that no server accepts', { ...plan, size: { kind: 'fixed', bytes: 1e12 } }],
    ['a size that is not a size', { ...plan, size: {} }],
    ['bodies that are no bytes', { ...plan, payload: 'text' }],
  ])('with %s are refused', (_what, wrong) => {
    const setup = { ...work.setup, plan: wrong };
    expect(() => readWork(read({ ...work, setup }))).toThrow(/cannot be read/);
  });

  it('with clients that do not exist are refused', () => {
    const jobs = [{ role: 'publisher', index: 1, of: 1, slot: 0 }];
    expect(() => readWork(read({ ...work, jobs }))).toThrow(/cannot be read/);
  });

  it('of any content are read, or refused with a reason', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const attempt of [readWork, readAgentPass]) {
          try {
            attempt(value);
          } catch (error) {
            expect(error).toMatchObject({ kind: 'usage' });
          }
        }
      }),
    );
  });
});
