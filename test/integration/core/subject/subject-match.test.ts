import { connect, type NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileSubjectMatcher } from '../../../../src/core/subject/subject-match.js';
import {
  parsePublishSubject,
  parseSubscriptionPattern,
} from '../../../../src/core/subject/subject.js';
import { type NatsServer, startNatsServer } from '../../../support/nats-server.js';

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

const token = fc.constantFrom('a', 'b', 'ü', 'a*', '$x', 'a-b', '>b');
const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
const patternToken = fc.constantFrom('a', 'b', 'ü', '$x', 'a-b', '*', '*');
const pattern = fc
  .tuple(fc.array(patternToken, { maxLength: 4 }), fc.boolean())
  .map(([tokens, open]) => [...tokens, ...(open || tokens.length === 0 ? ['>'] : [])].join('.'));

/** Which of the subjects a real server delivers to a subscription of the pattern. */
async function delivered(wanted: string, subjects: readonly string[]): Promise<readonly string[]> {
  const seen: string[] = [];
  const subscription = connection.subscribe(wanted, {
    callback: (_error, message) => void seen.push(message.subject),
  });
  for (const each of subjects) connection.publish(each);
  await connection.flush();
  subscription.unsubscribe();
  return seen;
}

it('matches what a real server delivers', async () => {
  await fc.assert(
    fc.asyncProperty(
      pattern,
      fc.array(subject, { minLength: 1, maxLength: 20 }),
      async (wanted, subjects) => {
        const matches = compileSubjectMatcher(parseSubscriptionPattern(wanted));
        const expected = subjects.map(parsePublishSubject).filter(matches);
        expect(await delivered(wanted, subjects)).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});
