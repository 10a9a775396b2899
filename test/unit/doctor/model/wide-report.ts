import type { Case } from './readings.js';

const LONG = 'a'.repeat(40);

/** Reports with much to print in one place. */
export const FINDING_WIDTH_CASES: readonly (readonly [string, Case])[] = [
  ['many servers of other versions', versions(12)],
  ['a version with many bugs', { connection: { version: '2.10.22' } }],
  ['an account by its key', { connection: { user: keyUser() } }],
  ['a cluster with a long name', { connection: { cluster: LONG, encrypted: false } }],
];

function versions(count: number): Case {
  return {
    reading: {
      servers: Array.from({ length: count }, (_, place) => ({
        name: `nats-server-${String(place)}`,
        version: `2.15.${String(place % 4)}`,
        cluster: 'prod',
        jetstream: true,
      })),
    },
  };
}

function keyUser(): NonNullable<NonNullable<Case['connection']>['user']> {
  return {
    name: `U${'B'.repeat(55)}`,
    account: `A${'C'.repeat(55)}`,
    publish: { allow: undefined, deny: [] },
    subscribe: { allow: undefined, deny: [] },
    expiresInMs: undefined,
  };
}
