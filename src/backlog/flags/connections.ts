import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { namePattern } from '../../streams/model/name-pattern.js';
import { patternsOverlap } from '../../core/subject/subject-match.js';
import { countFlag, durationFlag, patternFlag } from '../../terminal/flag-types.js';
import { CONNECTION_ORDERS, type ConnectionFilter } from '../model/connection-list.js';

const filter = 'FILTER';

export const connectionFlagsOfList = {
  'all-accounts': Flags.boolean({
    summary: 'list the connections of all accounts, as a user of the system account',
    helpGroup: 'READING',
    exclusive: ['system-context', 'monitor'],
  }),
  window: durationFlag({
    default: 1000,
    summary: 'time over which rates are measured, and between two readings with --watch',
    helpGroup: 'READING',
  }),
  subject: patternFlag({
    summary: 'only connections with a subscription that matches',
    helpGroup: filter,
  }),
  account: Flags.string({
    helpValue: '<name>',
    summary: 'only connections of this account',
    helpGroup: filter,
  }),
  'user-name': Flags.string({
    helpValue: '<name>',
    summary: 'only connections of this user',
    helpGroup: filter,
  }),
  idle: durationFlag({
    summary: 'only connections that have been idle for this long or longer',
    helpGroup: filter,
  }),
  pending: Flags.boolean({
    summary: 'only connections that have not read everything yet',
    helpGroup: filter,
  }),
  sort: Flags.option({
    options: CONNECTION_ORDERS,
    default: 'traffic' as const,
    helpValue: `<${CONNECTION_ORDERS.join('|')}>`,
    summary: 'sort order',
    helpGroup: 'OUTPUT',
  })(),
  top: countFlag({
    char: 'n',
    default: 50,
    summary: 'maximum connections in the table; JSON has all of them',
    helpGroup: 'OUTPUT',
  }),
  watch: Flags.boolean({
    summary: 'refresh continuously until Ctrl-C; one line per refresh if stdout is not a terminal',
    helpGroup: 'OUTPUT',
  }),
} as const;

type ListFlags = InferredFlags<typeof connectionFlagsOfList>;

type FilterChoice = Readonly<Partial<ListFlags> & Pick<ListFlags, 'pending'>>;

/** @throws {NatsxError} usage — the name is not a regular expression */
export function connectionFilter(name: string | undefined, flags: FilterChoice): ConnectionFilter {
  const { subject } = flags;
  return {
    name: name === undefined ? undefined : namePattern(name).matches,
    subject: subject === undefined ? undefined : (one) => patternsOverlap(subject, one),
    account: flags.account,
    user: flags['user-name'],
    idleMs: flags.idle,
    onlyPending: flags.pending,
  };
}
