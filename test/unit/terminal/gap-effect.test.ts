import { describe, expect, it } from 'vitest';

import { Notices } from '../../../src/terminal/notices.js';
import type { GapEffect } from '../../../src/terminal/gap-effect.js';
import { createStyle } from '../../../src/terminal/text/style.js';

/** What a command of this kind says when its connection is back. */
function printed(after: GapEffect): string {
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
    ['missed', '; messages published in between were not received'],
    ['unanswered', '; requests sent in between were not answered'],
    ['reply-missed', '; a reply sent in between was not received'],
    ['read-on', '; reading continues after the last message'],
    ['redelivered', '; messages that were not acknowledged will be delivered again'],
    ['unconfirmed', '; publishing continues; messages sent just before may be lost'],
    ['retried', '; messages that were not acknowledged are sent again'],
    ['reported', '; the report will show what was lost'],
    ['nothing', ''],
  ] as const)('says what it means to the command: %s', (after, words) => {
    expect(printed(after)).toBe(`connected again to nats://a:4222 after 1.5s${words}\n`);
  });
});
