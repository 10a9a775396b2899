import { describe, expect, it } from 'vitest';

import { Notices } from '../../../src/terminal/notices.js';
import type { AfterGap } from '../../../src/terminal/after-gap.js';
import { createStyle } from '../../../src/terminal/text/style.js';

/** What a command of this kind says when its connection is back. */
function told(after: AfterGap): string {
  let text = '';
  const stream = { isTTY: false, on: () => undefined, write: (line: string) => (text += line) };
  const notices = new Notices(
    stream as unknown as NodeJS.WriteStream,
    createStyle(false),
    'normal',
  );
  notices.connection({ type: 'reconnected', server: 'nats://a:4222', gapMs: 1_500 }, after);
  return text;
}

describe('a connection that is back', () => {
  it.each([
    ['missed', '; what was published meanwhile was not seen here'],
    ['unanswered', '; requests that came meanwhile were not answered here'],
    ['reply-missed', '; a reply that came meanwhile was not seen here'],
    ['read-on', '; reading goes on behind the last message'],
    ['redelivered', '; what was not acknowledged is delivered again'],
    ['unconfirmed', '; publishing goes on; what was on its way then may be lost'],
    ['retried', '; what was not acknowledged is tried again'],
    ['reported', '; the report tells what it cost'],
    ['nothing', ''],
  ] as const)('is told as it matters: %s', (after, words) => {
    expect(told(after)).toBe(`connected again to nats://a:4222 after 1.5s${words}\n`);
  });
});
