import * as Flags from '@oclif/core/flags';

import { matchRepliesRequest } from '../messaging/run/reply-matcher.js';
import { subscribe, type SubscribeRequest } from '../messaging/run/subscribe.js';
import type { OpenedStream } from '../streams/run/read/read-stream.js';
import { subscribeStream } from '../streams/run/read/subscribe-stream.js';
import { workAsConsumer } from '../streams/run/work/work-consumer.js';
import { announceStream, announceSubscribed } from '../streams/console/announcement.js';
import { BaseCommand } from '../terminal/base-command.js';
import { createExchangePrinter } from '../messaging/console/exchange-view.js';
import { durableFlags, durablePlan, type DurablePlan } from '../streams/flags/durable-flags.js';
import { DurableWork } from '../streams/console/durable-work.js';
import { newInbox } from '../messaging/flags/inbox.js';
import { checkReportAlone, messageView } from '../messaging/console/message-view.js';
import {
  readingOptions,
  subscriptionPatterns,
  type ReadingOptions,
} from '../messaging/flags/reading-options.js';
import { subjectReportView } from '../messaging/console/reading-views.js';
import { Reading, type ReadingPlan } from '../messaging/console/reading.js';
import { streamFlags, streamPlan, type StreamPlan } from '../streams/flags/stream-flags.js';
import { readingFlags, reportTopFlag, subjectArgs } from '../messaging/flags/sub-flags.js';
import { usageError } from '../core/errors.js';

export default class Sub extends BaseCommand {
  static override summary = 'subscribe to subjects and print what comes';
  static override description = `Prints every message on the subjects until Ctrl-C (exit code 0), or until --count, --wait or --duration ends it. With --count, fewer messages than that are a failure: 5 when the time is over, 130 or 143 after a signal, 3 when there is no server for longer than --timeout.

When the subscriptions stand, "subscribed to …" is written to stderr; scripts can wait for that line. At the end stderr gets a summary. Without a terminal the output is the same text without colours: scripts take --json, --format or --raw.

Messages that come quicker than the output is read are kept up to 64 MiB, then dropped and counted, and the exit code is 9. --slow wait stops reading instead, which makes the server hold what comes, until it cuts a reader that is too slow: that too is told, and is 9.

With --stream, or with a flag of that group, the messages come from a stream: in order and without gaps, whatever happens to the connection, through a consumer that is removed at the end. Nothing is dropped then, as the server waits. A work queue is read without a consumer and keeps its messages. A stream that has nothing ends --until-end at once, and --to-seq or --to-time beyond its end is its end, unless --follow waits for it. Fewer messages than --count at the end are 5.

With --durable it works as a consumer that stays, beside others that do the same: each message is acknowledged when the output has taken it, or when --command has handled it. The command is a line for the shell, with the payload on its stdin and NATS_REQUEST_SUBJECT, NATS_REQUEST_BODY, NATS_REQUEST_HEADERS, NATS_STREAM, NATS_CONSUMER, NATS_STREAM_SEQUENCE and NATS_DELIVERED in its environment; the server is told that the work goes on for as long as it runs. Ctrl-C finishes what was begun and gives the rest back at once. Only what the server has confirmed is reported as acknowledged; what it has not is an error.`;
  static override examples = [
    {
      description: 'Everything below orders, with the time of arrival',
      command: "<%= config.bin %> sub 'orders.>' --timestamps absolute",
    },
    {
      description: 'Three messages for a script, but wait no longer than ten seconds',
      command: '<%= config.bin %> sub orders.new --count 3 --wait 10s --json',
    },
    {
      description: 'Payloads alone, one a line, into a file',
      command: '<%= config.bin %> sub orders.new --raw > orders.txt',
    },
    {
      description: 'Only large orders, one JSON object a line',
      command: "<%= config.bin %> sub 'orders.*' --filter 'json:.total>100' --json",
    },
    {
      description: 'Lines of your own',
      command: String.raw`<%= config.bin %> sub 'orders.*' --format '{time} {subject}: {payload}\n'`,
    },
    {
      description: 'Requests with their replies and how long those took',
      command: "<%= config.bin %> sub 'service.>' --match-replies",
    },
    {
      description: 'All that a stream has, payloads alone',
      command: '<%= config.bin %> sub --stream ORDERS --from-start --until-end --raw',
    },
    {
      description: 'The last hour of a subject, ten times as fast as it was',
      command: '<%= config.bin %> sub orders.new --since 1h --until-end --speed 10x',
    },
    {
      description:
        'Handle what a stream keeps with a program, four at a time, and end after twenty',
      command:
        "<%= config.bin %> sub --stream ORDERS --durable billing --create --command 'wc -c' --concurrency 4 --count 20",
    },
    {
      description: 'How much there is on which subject, for a minute',
      command: "<%= config.bin %> sub '>' --report subjects --duration 1m",
    },
  ];
  static override args = subjectArgs;
  static override flags = {
    ...readingFlags,
    ...streamFlags,
    ...durableFlags,
    'match-replies': Flags.boolean({
      summary: 'print requests with their replies; how long to wait for one is --timeout',
      description:
        'Replies are looked for below the --inbox-prefix of the requesters (_INBOX unless they have another one); requests without a reply in time are told as such.',
      helpGroup: 'MESSAGES',
    }),
    inbox: Flags.boolean({
      char: 'i',
      summary: 'subscribe to a new subject of your own as well, and say which',
      helpGroup: 'MESSAGES',
    }),
    report: Flags.option({
      options: ['subjects'] as const,
      helpValue: 'subjects',
      summary: 'a table of subjects in place of the messages; live on a terminal',
      helpGroup: 'OUTPUT OF MESSAGES',
    })(),
    top: reportTopFlag,
    queue: Flags.string({ hidden: true }),
    'report-subjects': Flags.boolean({ hidden: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sub);
    const options = readingOptions(flags);
    const { inboxPrefix } = this.dial();
    const inboxes = flags.inbox ? [newInbox(inboxPrefix)] : [];
    const patterns = [...subscriptionPatterns(args.subject ?? []), ...inboxes];
    const isReport = flags.report !== undefined || flags['report-subjects'];
    const work = durablePlan(flags, patterns);
    if (work !== undefined) {
      if (isReport) throw usageError('--report does not go with --durable', 'leave one out');
      await this.#work(work, options);
      return;
    }
    const stream = streamPlan(flags);
    if (stream !== undefined) {
      await this.#readStream(stream, { patterns, options, isReport, top: flags.top });
      return;
    }
    if (patterns.length === 0) throw usageError('no subject is given', "natsx sub 'orders.>'");
    const plan = {
      limits: options.limits,
      slow: options.slow,
      announce: () => announceSubscribed(this.notices, patterns, { queue: flags.queue }),
    };
    const { reading, request } = flags['match-replies']
      ? this.#exchanges(plan, { patterns, options, isReport, inboxPrefix })
      : this.#messages(plan, { patterns, options, isReport, queue: flags.queue, top: flags.top });
    const target = this.target(
      this.policy(options.limits.count === undefined ? 'endless' : 'goal', 'missed'),
    );
    reading.finish(await subscribe(target, request, reading.sink, this.life.signal));
  }

  async #work(plan: DurablePlan, options: ReadingOptions): Promise<void> {
    const { limits } = options;
    const durable = new DurableWork(this.terminal, plan, options);
    const target = this.target(
      this.policy(limits.count === undefined ? 'endless' : 'goal', 'redelivered'),
    );
    const { opened, disturbed, idle } = durable;
    const request = { ...plan, scope: this.jetStream, limits, opened, disturbed, idle };
    durable.finish(await workAsConsumer(target, request, durable.work, this.life.signal));
  }

  async #readStream(
    { stream, range, pace }: StreamPlan,
    { patterns, options, isReport, top }: Wanted & { readonly top: number },
  ): Promise<void> {
    if (isReport) checkReportAlone(options);
    const { limits, accepts } = options;
    const view = isReport
      ? subjectReportView(this.terminal, top)
      : messageView(this.terminal, options);
    // The server waits for a reader of a stream: nothing has to be dropped.
    const reading = new Reading(this.terminal, {
      view,
      limits,
      slow: 'wait',
      announce: () => undefined,
    });
    const { atEnd, seq, timeMs } = range.end;
    const hasEnd = atEnd || seq !== undefined || timeMs !== undefined;
    const target = this.target(
      this.policy(hasEnd || limits.count !== undefined ? 'goal' : 'endless', 'read-on'),
    );
    const request = {
      read: { scope: this.jetStream, stream, filters: patterns, range },
      limits,
      accepts,
      pace,
      opened: ({ info, direct, remarks }: OpenedStream) =>
        announceStream(this.notices, info, { direct, patterns, remarks }),
    };
    const outcome = await subscribeStream(target, request, reading.sink, this.life.signal);
    reading.finish(outcome);
    if (hasEnd && outcome.end === 'stopped') this.failIfInterrupted('the end of the range');
  }

  #messages(
    plan: Omit<ReadingPlan, 'view'>,
    wanted: Wanted & { readonly queue: string | undefined; readonly top: number },
  ): Subscription {
    const { patterns, options, queue } = wanted;
    if (wanted.isReport) checkReportAlone(options);
    const view = wanted.isReport
      ? subjectReportView(this.terminal, wanted.top)
      : messageView(this.terminal, options, { queue });
    const { limits, accepts } = options;
    return {
      reading: new Reading(this.terminal, { ...plan, view }),
      request: { connections: [patterns.map((pattern) => ({ pattern, queue }))], limits, accepts },
    };
  }

  #exchanges(
    plan: Omit<ReadingPlan, 'view'>,
    { patterns, options, isReport, inboxPrefix }: Wanted & { readonly inboxPrefix: string },
  ): Subscription {
    if (isReport) throw usageError('--report does not go with --match-replies', 'leave one out');
    const print = createExchangePrinter(this.terminal, options);
    const reading = new Reading(this.terminal, { ...plan, view: { message: () => undefined } });
    const request = matchRepliesRequest(patterns, {
      limits: options.limits,
      accepts: options.accepts,
      inboxPattern: `${inboxPrefix}.>`,
      timeoutMs: this.timeoutMs,
      onExchange: (exchange) => print(exchange, reading.guard),
      ready: () => this.out.ready(),
    });
    return { reading, request };
  }
}

/** What the command line asks for, checked. */
interface Wanted {
  readonly patterns: readonly string[];
  readonly options: ReadingOptions;
  readonly isReport: boolean;
}

interface Subscription {
  readonly reading: Reading;
  readonly request: SubscribeRequest;
}
