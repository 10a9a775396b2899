import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { parseTimeToLive } from '../../core/message/publish-headers.js';
import { parsePublishSubject } from '../../core/subject/subject.js';
import { parseDurationMs } from '../../core/values/duration.js';
import { parseTimeMs } from '../../core/values/time.js';
import { durationFlag } from '../../terminal/flag-types.js';
import { chooseSchedule, type NewSchedule } from '../model/message-schedule.js';

const helpGroup = 'SCHEDULE';
const dependsOn = ['jetstream'];
const when = ['schedule-at', 'schedule-after', 'schedule-every', 'schedule-cron'];
const otherThan = (name: string): string[] => when.filter((one) => one !== name);

const subjectFlag = Flags.custom({
  helpValue: '<subject>',
  helpGroup,
  dependsOn,
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parsePublishSubject(text),
});

/** The flags for a message that a stream publishes later. */
export const scheduleFlags = {
  'schedule-at': Flags.custom<number>({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => parseTimeMs(text, Date.now(), 'future'),
  })({
    helpValue: '<time>',
    summary: 'publish once at this time: 2026-12-24T18:00:00Z, tomorrow 08:00 (server 2.12)',
    helpGroup,
    dependsOn,
    exclusive: otherThan('schedule-at'),
  }),
  'schedule-after': Flags.custom<number>({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => Date.now() + parseDurationMs(text),
  })({
    helpValue: '<duration>',
    summary: 'publish once, this long from now',
    helpGroup,
    dependsOn,
    exclusive: otherThan('schedule-after'),
  }),
  'schedule-every': durationFlag({
    summary: 'publish again and again at this interval, 1s or longer (server 2.14)',
    helpGroup,
    dependsOn,
    exclusive: otherThan('schedule-every'),
  }),
  'schedule-cron': Flags.string({
    helpValue: '<expression>',
    summary: "publish by the clock: '0 30 9 * * 1-5' (seconds first), @daily (server 2.14)",
    helpGroup,
    dependsOn,
    exclusive: otherThan('schedule-cron'),
  }),
  'schedule-target': subjectFlag({
    aliases: ['schedule-dest'],
    summary: 'subject to publish to, in the same stream',
  }),
  'schedule-source': subjectFlag({
    summary: 'publish the last message of this subject instead of the body (server 2.14)',
  }),
  'schedule-ttl': Flags.custom({
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => parseTimeToLive(text),
  })({
    helpValue: '<duration>|never',
    summary: 'how long the stream keeps what is published',
    helpGroup,
    dependsOn,
  }),
  'schedule-time-zone': Flags.string({
    helpValue: '<zone>',
    summary: 'time zone of --schedule-cron, such as Europe/Berlin [default: UTC]',
    helpGroup,
    dependsOn,
  }),
} as const;

/** The values of these flags, as parsed. */
export type ScheduleFlagValues = Partial<InferredFlags<typeof scheduleFlags>>;

/** The schedule that the flags name; undefined without any. @throws {NatsxError} usage */
export function scheduleIn(flags: ScheduleFlagValues): NewSchedule | undefined {
  return chooseSchedule({
    at: flags['schedule-at'] ?? flags['schedule-after'],
    every: flags['schedule-every'],
    cron: flags['schedule-cron'],
    timeZone: flags['schedule-time-zone'],
    target: flags['schedule-target'],
    source: flags['schedule-source'],
    ttl: flags['schedule-ttl'],
  });
}
