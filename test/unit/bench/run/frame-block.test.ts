import { describe, expect, it } from 'vitest';
import { makeBlocks, stampFrames, stampOrigin } from '../../../../src/bench/run/frame-block.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import {
  readPass,
  readPublisher,
  readSequence,
  readTime,
} from '../../../../src/bench/model/stamp.js';

function blocksOf(request: Partial<BenchRequest>): ReturnType<typeof makeBlocks> {
  const plan = makePlan({ scenario: 'pubsub', runId: 'r', cores: 2, subject: 's', ...request });
  return makeBlocks({ plan, publisher: 3, stamped: true });
}

describe('frame blocks', () => {
  it('hold whole frames whose parts lie where the index says', () => {
    const size = { kind: 'range', minBytes: 14, maxBytes: 500 } as const;
    for (const block of blocksOf({ size, subjects: 5 })) {
      const text = block.bytes.toString('latin1');
      for (let frame = 0; frame < block.frames; frame++) {
        const [start, body, end] = [
          block.starts[frame]!,
          block.bodies[frame]!,
          block.starts[frame + 1]!,
        ];
        const bytes = block.bodyBytesBefore[frame + 1]! - block.bodyBytesBefore[frame]!;
        expect(text.slice(start, body)).toBe(`PUB ${block.subjects[frame]} ${bytes}\r\n`);
        expect(end - body).toBe(bytes + 2);
        expect(text.slice(end - 2, end)).toBe('\r\n');
      }
      expect(block.starts.at(-1)).toBe(block.bytes.length);
    }
  });

  it('hold every subject at least once', () => {
    const subjects = new Set(blocksOf({ subjects: 20_000 }).flatMap((block) => block.subjects));
    expect(subjects.size).toBe(20_000);
  });

  it('carry the stamps of the frames that are sent, and of no others', () => {
    const blocks = blocksOf({});
    stampOrigin(blocks, 3, 9);
    const block = blocks[0];
    stampFrames(block, { from: 1, to: 3, sequence: 70 }, 'sequence-and-time', 123_456);
    const read = [1, 2].map((frame) => {
      const at = block.bodies[frame]!;
      return [
        readSequence(block.bytes, at),
        readPublisher(block.bytes, at),
        readPass(block.bytes, at),
        readTime(block.bytes, at),
      ];
    });
    expect(read).toEqual([
      [70, 3, 9, 123_456],
      [71, 3, 9, 123_456],
    ]);
    expect(readTime(block.bytes, block.bodies[3]!)).not.toBe(123_456);
  });

  it('are long for one publisher, and shorter for each of many', () => {
    const lengths = [1, 2, 100].map((pubs) => {
      const size = { kind: 'fixed', bytes: 1_000 } as const;
      const plan = makePlan({ scenario: 'pub', runId: 'r', cores: 2, subject: 's', pubs, size });
      const blocks = makeBlocks({ plan, publisher: 0, stamped: false });
      expect(blocks).toHaveLength(1);
      return Math.floor(blocks[0].bytes.length / 1024);
    });
    expect(lengths).toEqual([256, 128, 64]);
  });

  it('differ from publisher to publisher and repeat with the seed', () => {
    const plan = makePlan({ scenario: 'pub', runId: 'r', cores: 2, subject: 's' });
    const bytes = (publisher: number): Buffer =>
      makeBlocks({ plan, publisher, stamped: false })[0].bytes;
    expect(bytes(0).equals(bytes(0))).toBe(true);
    expect(bytes(0).equals(bytes(1))).toBe(false);
  });
});
