import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import type { DialOptions } from '../../connection/model/dial.js';
import type { BacklogRequest } from '../../backlog/model/request.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { stretchFlags } from '../../history/flags/history-flags.js';

export const bundleArg = {
  file: Args.string({ description: 'zip file', required: true, ignoreStdin: true }),
} as const;

/** What only a look at the present can do. */
const LIVE_ONLY = [
  'watch',
  'serve',
  'taps',
  'max-rate',
  'window',
  'system-context',
  'monitor',
  'from',
  'at',
];

/** What a bundle has, instead of a look at the servers. */
export const offlineFlags = {
  bundle: Flags.string({
    helpValue: '<file>',
    summary: 'judge a natsx bundle, or an archive of nats audit gather, without a server',
    helpGroup: 'BUNDLE',
    exclusive: LIVE_ONLY,
  }),
  account: Flags.string({
    helpValue: '<name>',
    summary: 'account to judge, for an archive with streams of several accounts',
    helpGroup: 'BUNDLE',
    dependsOn: ['bundle'],
  }),
} as const;

/** What goes into a bundle. */
export const contentFlags = {
  obfuscate: Flags.boolean({
    default: false,
    summary: 'replace names; equal names stay equal within the bundle',
    helpGroup: 'CONTENTS',
  }),
  history: Flags.string({
    helpValue: '<folder>',
    summary: 'include this history, as natsx history record writes it',
    helpGroup: 'CONTENTS',
  }),
  since: { ...stretchFlags.since, dependsOn: ['history'], helpGroup: 'CONTENTS' },
  until: { ...stretchFlags.until, dependsOn: ['history'], helpGroup: 'CONTENTS' },
  overwrite: Flags.boolean({ default: false, summary: 'replace the file if it exists' }),
};

interface LookChoice {
  readonly window: number;
  readonly taps: boolean;
  readonly 'max-rate'?: number | undefined;
}

/** A look at the whole account. */
export function lookRequest(choice: LookChoice, scope: JetStreamScope): BacklogRequest {
  return {
    windowMs: choice.window,
    taps: choice.taps,
    maxPerSecond: choice['max-rate'],
    coreOnly: false,
    scope,
  };
}

/** What is proved to servers, so that none of it gets into a bundle. */
export function secretsOf(dials: readonly (DialOptions | undefined)[]): readonly string[] {
  return dials.flatMap((dial) =>
    (dial?.servers ?? []).flatMap((_, place) => {
      const { password, token, jwt, seed } = dial?.credentials(place) ?? {};
      const text = seed === undefined ? undefined : new TextDecoder().decode(seed);
      return [password, token, jwt, text].flatMap((secret) => secret ?? []);
    }),
  );
}
