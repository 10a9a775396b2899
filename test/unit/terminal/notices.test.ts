import { expect, it } from 'vitest';

import { Notices } from '../../../src/terminal/notices.js';
import { createStyle } from '../../../src/terminal/text/style.js';

function recorded(): { readonly notices: Notices; readonly events: string[] } {
  const events: string[] = [];
  const stream = {
    isTTY: true,
    on: () => undefined,
    write: (line: string) => events.push(line.trimEnd()),
  };
  const notices = new Notices(
    stream as unknown as NodeJS.WriteStream,
    createStyle(false),
    'normal',
  );
  return { notices, events };
}

it('erases a drawing before it writes what is buffered, and both before a line', () => {
  const { notices, events } = recorded();
  notices.prepareLines(() => events.push('flush'));
  const end = notices.prepareLines(() => events.push('erase'));
  notices.notice('one');
  end();
  notices.notice('two');
  expect(events).toEqual(['erase', 'flush', 'one', 'flush', 'two']);
});

it('passes lines and connection events to a full-screen view while there is one', () => {
  const { notices, events } = recorded();
  const end = notices.divert({
    line: (text) => events.push(`view: ${text}`),
    connection: ({ type }) => events.push(`view: ${type}`),
  });
  notices.connection({ type: 'lame-duck', server: 'n1' }, 'nothing');
  end();
  notices.notice('after');
  expect(events).toEqual([
    'view: lame-duck',
    'view: n1 is shutting down and asks its clients to leave',
    'after',
  ]);
});
