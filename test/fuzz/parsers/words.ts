import { parseFailCondition } from '../../../src/backlog/model/fail-condition.js';
import { parseBenchThreshold } from '../../../src/bench/model/report-thresholds.js';
import { drawSize, formatSizeSpec, parseSizeSpec } from '../../../src/bench/model/size-mix.js';
import { resolveSettings } from '../../../src/connection/model/connection-settings.js';
import {
  parseConsumerName,
  parseQueueGroup,
  parseStreamName,
} from '../../../src/core/entity-name.js';
import { parseStartTime } from '../../../src/streams/model/consumer-config.js';
import { parseTimeToLive } from '../../../src/core/message/publish-headers.js';
import { parseHeaderFlags } from '../../../src/core/message/header-flag.js';
import { compileJsonPath } from '../../../src/core/message/json-path.js';
import { compileMessageFilters } from '../../../src/core/message/message-filter.js';
import { compileMessageFormat } from '../../../src/core/message/message-format.js';
import type { ReceivedMessage } from '../../../src/core/message/message.js';
import { compileTemplate } from '../../../src/core/message/template.js';
import { parsePlaceTime } from '../../../src/core/message/stream-place.js';
import { parseTimeMs } from '../../../src/core/values/time.js';
import { compileSubjectMapping } from '../../../src/core/subject/subject-mapping.js';
import { compileSubjectMatcher } from '../../../src/core/subject/subject-match.js';
import { parseSubjectPrefix } from '../../../src/core/subject/subject-prefix.js';
import {
  parsePublishSubject,
  parseSubscriptionPattern,
} from '../../../src/core/subject/subject.js';
import { formatByteSizeExact, parseByteSize } from '../../../src/core/values/byte-size.js';
import { parseCount, parseShare } from '../../../src/core/values/count.js';
import { parseDelimiter } from '../../../src/core/values/delimiter.js';
import {
  formatDurationPrecise,
  parseDurationMs,
  parseDurationNs,
  parseWaitMs,
} from '../../../src/core/values/duration.js';
import { parseRate } from '../../../src/core/values/rate.js';
import { parseReplyDelay } from '../../../src/core/values/reply-delay.js';
import { parseWorkTime } from '../../../src/core/values/work-time.js';
import { parseServers } from '../../../src/connection/model/server-url.js';
import { parseRunId } from '../../../src/verify/model/run-id.js';
import { parseServerAddress } from '../../../src/wire/server-address.js';
import { NatsxError } from '../../../src/core/errors.js';
import fc from 'fast-check';
import { DEEP_JSON, near } from './mutations.js';
import { parser, type ParserUnderTest } from './parser.js';

const message: ReceivedMessage = {
  subject: 'orders.new',
  reply: '_INBOX.1',
  headers: new Map([
    ['Region', ['eu', 'us']],
    ['__proto__', ['x']],
  ]),
  payload: Buffer.from('{"id":7,"total":120.5,"items":[{"sku":"a.b"}],"none":null,"text":"7"}'),
  receivedAtMs: 1_700_000_000_000,
};
const messages: readonly ReceivedMessage[] = [
  message,
  { subject: 'a', payload: Buffer.alloc(0), receivedAtMs: 0 },
  { subject: 'a', payload: Buffer.from([0xff, 0xfe]), receivedAtMs: 0 },
  { subject: 'a', payload: Buffer.from('[[]]'), receivedAtMs: 0 },
  {
    subject: 'a',
    payload: Buffer.from(String.raw`{"id":"\u0000n:x","total":12345678901234567890}`),
    receivedAtMs: 0,
  },
  { subject: 'a', payload: Buffer.from(`{"id":${DEEP_JSON}}`), receivedAtMs: 0 },
];

const environment = {
  epochNs: () => 1_700_000_000_000_000_000n,
  random: () => 0.5,
  newId: () => 'an-id',
};

const subjects = [
  'a',
  'orders.new',
  'orders.*',
  'orders.>',
  '>',
  '*',
  '_INBOX.a.b',
  '$JS.API.>',
  'ü.水',
];

/** What people write on a command line. */
export const wordParsers: readonly ParserUnderTest[] = [
  parser(
    'durations',
    near(['1h30m', '90s', '7d', '1.5ms', '10us', '-1s', '1h 2m', 'never']),
    (text) => {
      formatDurationPrecise(parseDurationNs(text));
      parseDurationMs(text);
      parseWaitMs(text);
    },
  ),
  parser(
    'times',
    near([
      '2026-11-22T22:30:00Z',
      '2026-11-22',
      '2026-11-22 22:30:00.123456789+01:00',
      '1h',
      '90s',
      'yesterday 08:00',
    ]),
    (text) => {
      parsePlaceTime(text);
      allOf(
        () => parseTimeMs(text, 1_700_000_000_000),
        () => parseStartTime(text, 1_700_000_000_000),
        () => parseTimeToLive(text),
      );
    },
  ),
  parser(
    'sizes',
    near(['128', '4KiB', '1.5MB', '16-1024', '128:90,4096:10', 'uniform:1-10', '1e3B']),
    (text) => {
      allOf(
        () => formatByteSizeExact(parseByteSize(text)),
        () => {
          const spec = parseSizeSpec(text);
          formatSizeSpec(spec);
          drawSize(spec, () => 0.99);
        },
      );
    },
  ),
  parser(
    'numbers',
    near(['100', '1k', '10/s', '0.5', '50%', '1e6', '10x', '5ms', '1ms-10ms', '20ms..80ms']),
    (text) => {
      allOf(
        () => parseCount(text),
        () => parseRate(text),
        () => parseShare(text),
        () => parseReplyDelay(text),
        () => parseWorkTime(text),
        () => parseDelimiter(text),
      );
    },
  ),
  parser(
    'thresholds',
    near(['pending>100', 'p99<5ms', 'rate>=10k', 'oldest_age > 1h', 'p50<=baseline+10%', 'lost>0']),
    (text) => {
      allOf(
        () => parseFailCondition(text),
        () => parseBenchThreshold(text),
      );
    },
  ),
  parser(
    'subjects and patterns',
    fc.tuple(near(subjects, ['.', '*', '>', '..']), near(['orders.new', 'a.b.c'])),
    ([pattern, subject]) => {
      allOf(
        () => parsePublishSubject(pattern),
        () => compileSubjectMatcher(parseSubscriptionPattern(pattern))(subject),
        () => parseSubjectPrefix(pattern, 'prefix'),
      );
    },
  ),
  parser(
    'mappings',
    fc.tuple(
      fc.array(
        near(
          ['orders.>=copy.orders.>', 'a.*.b=b.*.a', 'a=b', '*.*={{wildcard(2)}}.x', '>=x.>'],
          ['=', '*', '>'],
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      near(['orders.new', 'a.x.b']),
    ),
    ([mappings, subject]) => compileSubjectMapping(mappings)(subject),
  ),
  parser(
    'templates',
    near(
      [
        '{{Count}}',
        '{{ID}} {{.Time}}',
        '{{Random 1 10}}',
        '{{TimeStamp}}{{Unix}}{{UnixNano}}',
        '{{Request}}',
        'text {{ Cnt }}',
      ],
      ['{{', '}}', 'Random', 'Count', '1000000000'],
    ),
    (text) => {
      const template = compileTemplate(text, { environment, allowRequest: text.length % 2 === 0 });
      const values = { count: 3, request: message.payload };
      template.render(values);
      template.renderBytes(values);
    },
  ),
  parser(
    'formats',
    near(
      [
        '{time} {subject}: {payload}\\n',
        '{json:.items[0].sku} {header:Region}',
        '{{x}} \\t\\0',
        '{payload:hex}{payload:base64}{payload:json}',
        '{headers:json}{count}{queue}{stream}{seq}',
      ],
      ['{', '}', '\\', 'json:', 'header:', '["a"]'],
    ),
    (text) => {
      for (const printable of [true, false]) {
        const format = compileMessageFormat(text, { printable });
        for (const each of messages) format(each, { count: 1 });
      }
    },
  ),
  parser(
    'filters',
    fc.array(
      near(
        [
          'header:Region=eu',
          'json:.total>100',
          'json:.id==7',
          'header:Region!=us',
          'json:.items[0].sku~"a"',
          "json:.text='7'",
          'json:.none=null',
          'header:Region',
        ],
        ['==', '!=', '>=', '<', '~', '=', 'json:', 'header:', 'subject:', '"a b"'],
      ),
      { minLength: 1, maxLength: 2 },
    ),
    (tests) => {
      const filter = compileMessageFilters(tests);
      for (const each of messages) filter(each);
    },
  ),
  parser(
    'JSON paths',
    near(['.a.b', '.items[0].sku', '.["a b"]', '[0][1]', '.'], ['[', ']', '["', '"]']),
    (path) => {
      const lookup = compileJsonPath(path);
      for (const document of [{ a: { b: 1 } }, [[1]], null, 'text', undefined]) lookup(document);
    },
  ),
  parser(
    'header flags',
    fc.array(near(['Trace: a1', 'Name:value', 'X-A:  b ', 'A: b: c', ': x', 'No colon']), {
      maxLength: 3,
    }),
    (flags) => parseHeaderFlags(flags),
  ),
  parser('names', near(['ORDERS', 'billing', 'a b', 'a.b', 'a/b', '8e021d8d']), (text) => {
    allOf(
      () => parseStreamName(text),
      () => parseConsumerName(text),
      () => parseQueueGroup(text),
      () => parseRunId(text),
    );
  }),
  parser(
    'server URLs',
    near(
      [
        'nats://127.0.0.1:4222',
        'tls://user:p%40ss@host:1',
        'demo.nats.io',
        'ws://h',
        '[::1]:4222',
        'nats://token@h,nats://b:2',
        'nats://a:b^c@d:99999',
      ],
      ['://', '@', ':', '%', '%zz', '[', ']', ',', '/', '?', '#'],
    ),
    (servers) => {
      const source = (): string => '--server';
      resolveSettings([{ origin: 'flag', values: { servers }, source }]);
      for (const { url } of parseServers(servers)) parseServerAddress(url);
    },
  ),
];

/** Runs all, so that one that refuses keeps no other from being tried; what they refuse with is looked at outside. */
function allOf(...actions: readonly (() => unknown)[]): void {
  let refused: unknown;
  for (const action of actions) {
    try {
      action();
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      refused = error;
    }
  }
  if (refused !== undefined) throw refused as Error;
}
