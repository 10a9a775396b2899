import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import '../../support/property-runs.js';
import { Cleaning } from '../../../src/bundle/model/cleaning.js';
import { cleanLook } from '../../../src/bundle/model/clean-look.js';
import { Disguise } from '../../../src/bundle/model/disguise.js';
import { auditOfLook, wholeBacklogOfLook } from '../../../src/bundle/model/judge-look.js';
import { lookTexts } from '../../../src/bundle/model/look-files.js';
import { Redaction } from '../../../src/bundle/model/redaction.js';
import { compileSubjectMatcher } from '../../../src/core/subject/subject-match.js';
import { lookWith } from './looks.js';

const plain = lookWith({
  text: 'worker-7 of ORDERS by n1',
  key: 'team',
  secret: 'Payments',
  words: 'Client Closed',
});
const disguised = cleanLook(plain, new Redaction(), new Disguise());

describe('an obfuscated bundle', () => {
  it('has none of the names', () => {
    const all = Object.values(lookTexts(disguised)).join('\n');
    const names = [
      'ORDERS',
      'JOBS',
      'worker-7',
      'Payments',
      '"team"',
      '10.1.2.3',
      '127.0.0.1',
      '"n1"',
    ];
    expect(names.filter((name) => all.includes(name))).toEqual([]);
    expect(disguised.window.core.open?.[0]?.[0]?.name).toBe('client-1');
    expect(disguised.window.streams.map(({ name }) => name)).toEqual(['stream-2', 'stream-1']);
  });

  it('has the same verdicts', () => {
    const verdicts = (look: typeof plain) => ({
      streams: wholeBacklogOfLook(look).streams.map(({ verdict, consumers }) => [
        verdict,
        consumers.map((consumer) => [consumer.verdict, consumer.findings.map(({ id }) => id)]),
      ]),
      audit: auditOfLook(look).findings.map(({ id }) => id),
    });
    expect(verdicts(disguised)).toEqual(verdicts(plain));
  });

  const token = fc.constantFrom('orders', 'eu', 'a', 'jobs', 'Kiel', 'ABCDEFGHIJKLMNOPQRSTUVWX1');
  const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
  const filter = fc
    .tuple(
      fc.array(fc.oneof(token, fc.constant('*')), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([tokens, isOpen]) => [...tokens, ...(isOpen ? ['>'] : [])].join('.'));

  it('has filters that match the same subjects', () => {
    fc.assert(
      fc.property(fc.array(subject, { minLength: 1, maxLength: 5 }), filter, (subjects, one) => {
        const disguise = new Disguise();
        const cleaning = new Cleaning(new Redaction(), disguise);
        for (const text of [...subjects, one]) cleaning.text('subject', text);
        disguise.begin();
        const shown = (text: string): string => cleaning.text('subject', text);
        const before = subjects.filter(compileSubjectMatcher(one));
        const after = subjects.map(shown).filter(compileSubjectMatcher(shown(one)));
        expect(after).toEqual(before.map(shown));
        expect(new Set(subjects.map(shown)).size).toBe(new Set(subjects).size);
      }),
    );
  });

  it.each([
    [
      'subject',
      '$JS.API.CONSUMER.INFO.ORDERS.billing',
      '$JS.API.CONSUMER.INFO.stream-2.consumer-2',
    ],
    ['subject', '_INBOX.ABCDEFGHIJKLMNOPQRSTUV.*', '_INBOX.t0001xxxxxxxxxxxxxxxxx.*'],
    ['stream', 'KV_profiles', 'KV_stream-1'],
    ['consumer', 'JS_SRC_abc', 'JS_SRC_consumer-1'],
    ['client', 'natsx backlog', 'natsx backlog'],
    ['client', 'NATS CLI Version v0.5.1', 'NATS CLI client-2'],
    ['account', '$G', '$G'],
    ['address', '[::1]:4222', 'localhost:4222'],
    ['address', '10.0.0.7:4222', 'host-1:4222'],
    [
      'text',
      'no answer from 10.0.0.7:8222 about ORDERS/billing',
      'no answer from host-1:8222 about stream-2/consumer-2',
    ],
  ] as const)('shows the %s %s as %s', (kind, text, expected) => {
    const disguise = new Disguise();
    disguise.replace('stream', 'KV_profiles');
    disguise.replace('stream', 'ORDERS');
    disguise.replace('consumer', 'billing');
    disguise.replace('consumer', 'JS_SRC_abc');
    disguise.replace('client', 'NATS CLI Version v0.5.1');
    disguise.replace('client', 'Big Worker');
    disguise.replace('address', '10.0.0.7:4222');
    disguise.begin();
    expect(disguise.replace(kind, text)).toBe(expected);
  });
});
