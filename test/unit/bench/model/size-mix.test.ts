import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { payloadSource } from '../../../../src/bench/model/payload-source.js';
import { seededRandom } from '../../../../src/core/statistics/random.js';
import {
  drawSize,
  formatSizeSpec,
  maxSize,
  meanSize,
  minSize,
  parseSizeSpec,
} from '../../../../src/bench/model/size-mix.js';

describe('size spec', () => {
  it.each([
    ['0', { kind: 'fixed', bytes: 0 }],
    ['1KiB', { kind: 'fixed', bytes: 1024 }],
    ['64..1k', { kind: 'range', minBytes: 64, maxBytes: 1024 }],
    [
      '128:80,1KiB:15,64KiB:5',
      {
        kind: 'mix',
        parts: [
          { bytes: 128, weight: 80 },
          { bytes: 1024, weight: 15 },
          { bytes: 65536, weight: 5 },
        ],
      },
    ],
  ])('reads %s and writes it so that it reads the same', (text, spec) => {
    expect(parseSizeSpec(text)).toEqual(spec);
    expect(parseSizeSpec(formatSizeSpec(parseSizeSpec(text)))).toEqual(spec);
  });

  it.each([
    ['-1', 'a message cannot have -1 bytes'],
    ['-1..5', 'a message cannot have -1 bytes'],
    ['9..5', 'ends before it begins'],
    ['abc', 'is not a size'],
    ['128:0', 'weight above zero'],
    ['128:', 'weight above zero'],
    ['', 'is not a size'],
  ])('refuses %j', (text, message) => {
    expect(() => parseSizeSpec(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  it.each(['100', '10..20', '10:3,20:1'])(
    'draws %s within its bounds and around its mean',
    (text) => {
      const spec = parseSizeSpec(text);
      const random = seededRandom(3);
      const sizes = Array.from({ length: 20_000 }, () => drawSize(spec, random));
      expect(Math.min(...sizes)).toBe(minSize(spec));
      expect(Math.max(...sizes)).toBe(maxSize(spec));
      expect(
        sizes.reduce((sum, size) => sum + size, 0) / sizes.length / meanSize(spec),
      ).toBeCloseTo(1, 1);
    },
  );
});

describe('payload source', () => {
  it('gives bodies of the asked size, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(), (bytes, seed) => {
        const make = () =>
          payloadSource({
            size: { kind: 'fixed', bytes },
            fixed: undefined,
            seed,
            streamNumber: 0,
          });
        const [a, b] = [make(), make()];
        for (let index = 0; index < 3; index++) {
          const body = Buffer.from(a());
          expect(body).toHaveLength(bytes);
          expect(body.equals(Buffer.from(b()))).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('cannot be compressed', () => {
    const source = payloadSource({
      size: { kind: 'fixed', bytes: 1024 },
      fixed: undefined,
      seed: 1,
      streamNumber: 0,
    });
    const bodies = Buffer.concat(Array.from({ length: 20 }, () => Buffer.from(source())));
    expect(gzipSync(bodies).length).toBeGreaterThan(bodies.length * 0.98);
  });

  it('gives the file when there is one', () => {
    const fixed = Buffer.from('{"a":1}');
    expect(
      payloadSource({ size: { kind: 'fixed', bytes: 7 }, fixed, seed: 1, streamNumber: 0 })(),
    ).toBe(fixed);
  });
});
