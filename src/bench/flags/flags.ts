import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { countFlag, durationFlag, rateFlag } from '../../terminal/flag-types.js';

const load = { helpGroup: 'LOAD' };
const output = { helpGroup: 'RESULT' };

export const benchSubjectArg = {
  subject: Args.string({
    description: 'subject, or prefix of the subjects; an own one when it is left out',
    ignoreStdin: true,
  }),
};

const clientFlags = {
  engine: Flags.option({
    options: ['wire', 'client'] as const,
    default: 'wire' as const,
    summary: 'frames straight onto the socket, or through the @nats-io client',
    ...load,
  })(),
  clients: Flags.integer({ summary: 'connections of the measured side', ...load }),
  workers: Flags.integer({ summary: 'threads for the connections', ...load }),
  subjects: Flags.integer({ summary: 'spread the messages over so many subjects', ...load }),
};

/** What a scenario does where a flag is left out, in words. */
interface UsualLoad {
  readonly msgs?: string;
  readonly duration?: string;
  readonly warmup?: string;
  readonly idle?: string;
}

function passFlags({ duration, warmup = '500ms', idle = '5s' }: UsualLoad, durationIs: string) {
  return {
    duration: durationFlag({ summary: durationIs + defaultOf(duration), ...load }),
    warmup: durationFlag({
      summary: `time before measuring that does not count${defaultOf(warmup)}`,
      ...load,
    }),
    idle: durationFlag({
      summary: `give up when nothing comes for so long${defaultOf(idle)}`,
      ...load,
    }),
    repeat: Flags.integer({ summary: 'measure so often, to see the noise [default: 1]', ...load }),
  };
}

function defaultOf(words: string | undefined): string {
  return words === undefined ? '' : ` [default: ${words}]`;
}

/** How much of what is sent by how many. */
function loadFlagsWith(usual: UsualLoad) {
  return {
    ...clientFlags,
    msgs: countFlag({ summary: `end after so many messages${defaultOf(usual.msgs)}`, ...load }),
    ...passFlags(usual, 'end after so long'),
  };
}

const loadFlags = loadFlagsWith({ duration: '5s' });

/** Of who hears what others send, unless it is fed: the first message is awaited for longer than the next. */
export const receivingFlags = loadFlagsWith({
  duration: 'until --idle; with --pubs, 5s',
  warmup: '0s; with --pubs, 500ms',
  idle: '5s; 1m for the first message of others',
});

export const answeringFlags = loadFlagsWith({
  duration: 'until Ctrl-C',
  warmup: '0s',
  idle: 'never; with a goal 5s, 1m for the first request',
});

export const consumingFlags = loadFlagsWith({ msgs: '100000; with --stream, what it holds' });

/** Of a search: time ends each of its steps. */
export const searchingFlags = {
  ...clientFlags,
  ...passFlags({ duration: 'what --max-time allows', warmup: '200ms' }, 'time of each step'),
};

/** What the messages are. */
export const bodyLoadFlags = {
  size: Flags.string({
    helpValue: '<size>',
    summary: 'size of the bodies: 128, 64..1KiB, or 128:80,64KiB:20 [default: 128]',
    ...load,
  }),
  'payload-file': Flags.string({ helpValue: '<file>', summary: 'body of all messages', ...load }),
  header: Flags.string({
    char: 'H',
    aliases: ['headers'],
    multiple: true,
    multipleNonGreedy: true,
    helpValue: "'Name: value'",
    summary: 'header of all messages; repeat it for several',
    ...load,
  }),
  'random-seed': Flags.integer({
    summary: 'seed of the random bodies and gaps [default: 1]',
    ...load,
  }),
};

const paceFlags = {
  rate: rateFlag({
    summary: 'messages a second of all clients together, in an open loop',
    ...load,
  }),
  schedule: Flags.option({
    options: ['constant', 'poisson'] as const,
    summary: 'even gaps or random ones, for --rate',
    dependsOn: ['rate'],
    ...load,
  })(),
};

/** Of every scenario that sends the load itself, flat out or at a rate. */
export const sendingFlags = { ...loadFlags, ...bodyLoadFlags, ...paceFlags };

export const windowFlag = {
  window: Flags.integer({
    summary:
      'unanswered messages of each client, at most [default: 1; js-pub: 500; with a rate: 10000]',
    ...load,
  }),
};

export const useExistingFlag = {
  'use-existing': Flags.boolean({ summary: 'write into --stream even if it exists', ...load }),
};

export const streamLoadFlags = {
  stream: Flags.string({
    helpValue: '<name>',
    summary: 'an existing stream instead of an own one',
    ...load,
  }),
  storage: Flags.option({
    options: ['file', 'memory'] as const,
    summary: 'storage of the own stream [default: file]',
    ...load,
  })(),
  replicas: Flags.integer({ summary: 'replicas of the own stream [default: 1]', ...load }),
};

/** Where the result goes, and what makes it a failure. */
export const resultFlags = {
  csv: Flags.string({ helpValue: '<file>', summary: 'write CSV; - is stdout', ...output }),
  save: Flags.string({
    helpValue: '<file>',
    summary: 'write the report, for bench compare',
    ...output,
  }),
  hdr: Flags.string({
    helpValue: '<file>',
    summary: "write the latencies in HdrHistogram's percentile format",
    ...output,
  }),
  'fail-if': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<comparison>',
    summary: "exit 9 when true: 'rate<500k', 'p99>2ms', 'p99>baseline+10%'",
    ...output,
  }),
  baseline: Flags.string({
    helpValue: '<file>',
    summary: 'earlier report, for --fail-if',
    ...output,
  }),
};
