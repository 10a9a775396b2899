import { expect, it } from 'vitest';
import { redact } from '../../../src/core/redact.js';

const seed = `SU${'A'.repeat(56)}`;

it.each([
  ['nats://me:s3cret@host:4222 refused', 'nats://[redacted]@host:4222 refused'],
  ['nats://t0ken@host', 'nats://[redacted]@host'],
  ['nats://a:p@ss@host, tls://b:c@other', 'nats://[redacted]@host, tls://[redacted]@other'],
  [`seed ${seed} is bad`, 'seed [redacted] is bad'],
  ['jwt eyJhbGciOiJ.eyJqdGkiOiJ.c2ln here', 'jwt [redacted] here'],
  ['--password=hunter2 --token=abc', '--password=[redacted] --token=[redacted]'],
  ['Give --password or --token.', 'Give --password or --token.'],
  ['"a.b*": token 2: "*" is odd', '"a.b*": token 2: "*" is odd'],
  ['{"password":"hunter2","user":"me"}', '{"password":"[redacted]","user":"me"}'],
  ['connect to me:s3cret@host:4222', 'connect to [redacted]@host:4222'],
  ['nats://host:4222 refused', 'nats://host:4222 refused'],
  ['"a..passwd": token 2 is empty', '"a..passwd": token 2 is empty'],
  ['{\'token\': \'abc\', "seed": "x"}', '{\'token\': \'[redacted]\', "seed": "[redacted]"}'],
  ['the token is wrong', 'the token is wrong'],
  ['mail me@example.org', 'mail me@example.org'],
  ['subject orders.new', 'subject orders.new'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});
