import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import type { publishModeFlags } from './publish-mode-flags.js';
import { faultFlags } from '../../faults/flags/flags.js';
import { countFlag, durationFlag, rateFlag } from '../../terminal/flag-types.js';
import { serveFlags } from '../../terminal/listen-flag.js';
import { htmlFlag } from '../../terminal/page-file.js';

const load = { helpGroup: 'LOAD' };
const output = { helpGroup: 'RESULT' };

export const benchSubjectArg = {
  subject: Args.string({
    description: 'subject, or subject prefix [default: a unique one]',
    ignoreStdin: true,
  }),
};

const agents = { helpGroup: 'AGENTS' };

/** Where agents are found: a server of their own, or the system under test. */
export const controlFlags = {
  'control-server': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<url>',
    summary: 'server on which agents are found [default: the server under test]',
    exclusive: ['control-context'],
    ...agents,
  }),
  'control-context': Flags.string({
    helpValue: '<name>',
    summary: 'context of the server on which agents are found',
    ...agents,
  }),
};

/** Which agents run the load. */
export const fleetFlags = {
  agents: Flags.string({
    helpValue: "<n>|all|'k=v'",
    summary: 'run the clients on this many agents, on all, or on those with labels',
    ...agents,
  }),
  place: Flags.string({
    helpValue: '<role:k=v>',
    summary: 'agents for the clients of a role: publisher:zone=a,subscriber:zone=b',
    dependsOn: ['agents'],
    ...agents,
  }),
  'allow-mixed-versions': Flags.boolean({
    summary: 'accept agents of other versions of natsx',
    dependsOn: ['agents'],
    ...agents,
  }),
  ...controlFlags,
};

/** What an agent offers, and to whom. */
export const agentFlags = {
  label: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<k=v>',
    summary: 'label by which this agent can be chosen (repeatable)',
    ...agents,
  }),
  'allow-server': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<url>',
    summary: 'server that may be loaded from here, by host and port (repeatable)',
    ...agents,
  }),
  ...controlFlags,
};

const clientFlags = {
  engine: Flags.option({
    options: ['wire', 'client'] as const,
    default: 'wire' as const,
    summary: 'write frames to the socket, or use the @nats-io client',
    ...load,
  })(),
  clients: Flags.integer({ summary: 'number of connections on the measured side', ...load }),
  workers: Flags.integer({ summary: 'threads for the connections', ...load }),
  subjects: Flags.integer({ summary: 'spread the messages over N subjects', ...load }),
};

/** The number of clients of one group; without a summary it is what `--clients` sets, and not listed. */
export function groupFlag(summary?: string) {
  return Flags.integer(summary === undefined ? { hidden: true, ...load } : { summary, ...load });
}

/** The defaults of a scenario, as the help names them. */
interface UsualLoad {
  readonly msgs?: string;
  readonly duration?: string;
  readonly warmup?: string;
  readonly idle?: string;
}

function passFlags({ duration, warmup = '500ms', idle = '5s' }: UsualLoad, durationIs: string) {
  return {
    duration: durationFlag({ summary: durationIs + defaultOf(duration), ...load }),
    warmup: durationFlag({ summary: `warm-up time, not measured${defaultOf(warmup)}`, ...load }),
    idle: durationFlag({
      summary: `give up after this long without a message${defaultOf(idle)}`,
      ...load,
    }),
    repeat: Flags.integer({
      summary: 'number of repeats, to show the noise [default: 1]',
      ...load,
    }),
  };
}

function defaultOf(words: string | undefined): string {
  return words === undefined ? '' : ` [default: ${words}]`;
}

/** How many messages, from how many clients, for how long. */
function loadFlagsWith(usual: UsualLoad) {
  return {
    ...fleetFlags,
    ...clientFlags,
    msgs: countFlag({ summary: `stop after N messages${defaultOf(usual.msgs)}`, ...load }),
    ...passFlags(usual, 'stop after this long'),
  };
}

const loadFlags = loadFlagsWith({ duration: '5s' });

/** Of a scenario that receives what other clients send: it waits longer for the first message than for the next. */
export const receivingFlags = loadFlagsWith({
  duration: 'until --idle; with --pubs, 5s',
  warmup: '0s; with --pubs, 500ms',
  idle: '5s; for the first message of other clients, 1m',
});

export const answeringFlags = loadFlagsWith({
  duration: 'until Ctrl-C',
  warmup: '0s',
  idle: 'never; with --msgs or --duration, 5s, and 1m for the first request',
});

export const consumingFlags = loadFlagsWith({ msgs: '100000; with --stream, what it holds' });

export const ackFlag = {
  ack: Flags.option({
    options: ['none', 'explicit', 'all'] as const,
    summary: 'how messages are acknowledged [default: explicit]',
    ...load,
  })(),
};

export const batchFlag = {
  batch: Flags.integer({ summary: 'messages per pull request [default: 500]', ...load }),
};

/** Of a search: each step ends after a time. */
export const searchingFlags = {
  ...fleetFlags,
  ...clientFlags,
  ...passFlags({ duration: 'from --max-time', warmup: '200ms' }, 'time of each step'),
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
    summary: 'header to add to every message (repeatable)',
    ...load,
  }),
  'random-seed': Flags.integer({
    summary: 'seed of the random bodies and gaps [default: 1]',
    ...load,
  }),
};

const paceFlags = {
  rate: rateFlag({
    summary: 'messages per second over all clients, sent on schedule (open loop)',
    ...load,
  }),
  schedule: Flags.option({
    options: ['constant', 'poisson'] as const,
    summary: 'even or random gaps between messages, for --rate',
    dependsOn: ['rate'],
    ...load,
  })(),
};

/** Of every scenario that sends its load itself, as fast as possible or at a rate. */
export const sendingFlags = { ...loadFlags, ...bodyLoadFlags, ...paceFlags };

export const windowFlag = {
  window: Flags.integer({
    summary:
      'maximum unanswered messages per client [default: 1; js-pub: 500, in batches 4 of them; with --rate: 10000]',
    ...load,
  }),
};

export const answerDelayFlag = (summary: string) => ({ delay: durationFlag({ summary, ...load }) });

export const useExistingFlag = (summary: string) => ({
  'use-existing': Flags.boolean({ summary, ...load }),
});

export const streamLoadFlags = {
  stream: Flags.string({
    helpValue: '<name>',
    summary: 'use an existing stream instead of a temporary one',
    ...load,
  }),
  storage: Flags.option({
    options: ['file', 'memory'] as const,
    summary: 'storage of the temporary stream [default: file]',
    ...load,
  })(),
  replicas: Flags.integer({ summary: 'replicas of the temporary stream [default: 1]', ...load }),
};

/** What is injected into the run, where the result goes, and what makes it a failure. */
export const resultFlags = {
  ...faultFlags,
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
  ...htmlFlag(output.helpGroup),
  ...serveFlags(),
  'fail-if': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<comparison>',
    summary: "exit with 9 if true: 'rate<500k', 'p99>2ms', 'p99>baseline+10%'",
    ...output,
  }),
  baseline: Flags.string({
    helpValue: '<file>',
    summary: 'earlier report, for --fail-if',
    ...output,
  }),
};

/** What the search needs to know. */
export const searchFlags = {
  slo: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<comparison>',
    summary: "objective (repeatable); all must be met [default: 'p99<5ms']",
    helpGroup: 'SEARCH',
  }),
  'max-time': durationFlag({ summary: 'time for the search [default: 1m]', helpGroup: 'SEARCH' }),
  'start-rate': rateFlag({ summary: 'first rate to try [default: 10k]', helpGroup: 'SEARCH' }),
  'max-rate': rateFlag({ summary: 'highest rate to try', helpGroup: 'SEARCH' }),
};

export const searchResultFlag = {
  save: Flags.string({ helpValue: '<file>', summary: 'write the result as JSON', ...output }),
  ...htmlFlag(output.helpGroup),
  ...serveFlags(),
};

/** The flags of the suite. */
export const suiteFlags = {
  plan: Flags.string({
    helpValue: '<file>',
    summary: 'run the scenarios and stages of a YAML or JSON file',
    exclusive: ['size', 'duration', 'repeat', 'csv', 'engine', 'html', 'serve'],
    ...load,
  }),
  ...fleetFlags,
  engine: Flags.option({
    options: ['wire', 'client'] as const,
    summary: 'write frames to the socket (default), or use the @nats-io client',
    ...load,
  })(),
  size: Flags.string({
    helpValue: '<size>',
    summary: 'size of the bodies [default: 128]',
    ...load,
  }),
  duration: durationFlag({ summary: 'time for each scenario [default: 1.2s]', ...load }),
  repeat: Flags.integer({
    summary: 'repeats of each scenario, to show the noise [default: 1]',
    ...load,
  }),
  csv: Flags.string({ helpValue: '<file>', summary: 'write CSV; - is stdout', ...output }),
  save: Flags.string({
    helpValue: '<file>',
    summary: 'write the reports, for bench compare',
    ...output,
  }),
  ...htmlFlag(output.helpGroup),
  ...serveFlags(),
};

/** All flags that a load may have, as parsed. */
export type BenchFlags = Partial<
  InferredFlags<
    typeof sendingFlags &
      typeof faultFlags &
      typeof windowFlag &
      typeof ackFlag &
      typeof batchFlag &
      typeof publishModeFlags &
      typeof streamLoadFlags &
      ReturnType<typeof answerDelayFlag> &
      ReturnType<typeof useExistingFlag> &
      Readonly<Record<'pubs' | 'subs' | 'responders', ReturnType<typeof groupFlag>>>
  >
>;

/** A live page, as parsed. */
export type ServeChoice = Partial<InferredFlags<ReturnType<typeof serveFlags>>>;

/** The flags of a result, as parsed. */
export type ResultFlags = InferredFlags<typeof resultFlags>;

export type ControlFlags = Partial<InferredFlags<typeof controlFlags>>;
export type FleetFlags = Partial<InferredFlags<typeof fleetFlags>>;
export type AgentFlags = Partial<InferredFlags<typeof agentFlags>>;
