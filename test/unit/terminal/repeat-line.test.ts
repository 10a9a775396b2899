import { expect, test } from 'vitest';

import { repeatLine } from '../../../src/terminal/repeat-line.js';

test.each([
  [['subject one', '--json'], "natsx bench pub 'subject one' --json"],
  [['--serve=127.0.0.1:0', '--json'], 'natsx bench pub --serve --json'],
  [['--password', 'hunter2', '--user', 'ann'], "--password '[redacted]' --user ann"],
  [['--token=hunter2'], "'--token=[redacted]'"],
  [['--password=hunter2=x'], "'--password=[redacted]'"],
  [['-s', 'nats://ann:hunter2@host:4222'], "'nats://[redacted]@host:4222'"],
  [['-H', 'Authorization: Bearer hunter2'], "'Authorization: [redacted]'"],
  [['--header', 'Trace: a1'], "'Trace: a1'"],
  [['--header=X-Api-Key: hunter2'], "'--header=X-Api-Key: [redacted]'"],
  [['-HX-Token: hunter2'], "'-HX-Token: [redacted]'"],
])('%j repeats as a shell would read it, without secrets', (argv, part) => {
  const line = repeatLine('bench:pub', argv);
  expect(line).toContain(part);
  expect(line).not.toContain('hunter2');
});
