import { describe, expect, it } from 'vitest';

import {
  decodeRecordedLine,
  recordedPlace,
} from '../../../../src/recording/model/recorded-line.js';

const start = '{"stream":"S","seq":7,"time":"2026-11-30T01:26:49.049043837Z"';

describe('the place and subject of a recorded line', () => {
  it.each([
    `${start},"subject":"orders.eu.$1","payload":"a \\" b"}`,
    `${start},"subject":"orders","headers":{"A":["b"]},"payload":{"subject":"other"}}`,
    `${start},"subject":"a-b.c_d","payload":"${'x'.repeat(5000)}"}`,
  ])('are those of the whole line: %.60s', (line) => {
    const whole = decodeRecordedLine(line);
    expect(recordedPlace(Buffer.from(line))).toEqual({
      ...whole,
      message: { subject: whole?.message.subject, payload: new Uint8Array(0) },
    });
  });

  it.each([
    // Of another program, or a person.
    '{"subject":"orders","payload":"a"}',
    `{"seq":7,"stream":"S","time":"x","subject":"orders","payload":"a"}`,
    // Subjects that have to be decoded, or that no server accepts.
    `${start},"subject":"\\u006frders","payload":"a"}`,
    `${start},"subject":"größe","payload":"a"}`,
    `${start},"subject":"a..b","payload":"a"}`,
    `${start},"subject":"a.*","payload":"a"}`,
    `${start},"subject":"","payload":"a"}`,
    '{"natsx_note":"gap","at":"2026-11-30T01:26:49Z","reason":"x"}',
    `${start},"subject":"orders`,
  ])('are left to the whole line: %.80s', (line) => {
    expect(recordedPlace(Buffer.from(line))).toBeUndefined();
  });
});
