import * as Flags from '@oclif/core/flags';

import { matchRepliesRequest } from '../app/match-replies.js';
import { subscribe, type SubscribeRequest } from '../app/subscribe.js';
import { announceSubscribed } from '../cli/announcement.js';
import { BaseCommand } from '../cli/base-command.js';
import { createExchangePrinter } from '../cli/exchange-view.js';
import { newInbox } from '../cli/inbox.js';
import { checkReportAlone, messageView } from '../cli/message-view.js';
import { readingOptions, subscriptionPatterns } from '../cli/reading-options.js';
import { subjectReportView } from '../cli/reading-views.js';
import { Reading, type ReadingPlan } from '../cli/reading.js';
import { readingFlags, reportTopFlag, subjectArgs } from '../cli/sub-flags.js';
import { usageError } from '../domain/errors.js';

export default class Sub extends BaseCommand {
  static override summary = 'subscribe to subjects and print what comes';
  static override description = `Prints every message on the subjects until Ctrl-C (exit code 0), or until --count, --wait or --duration ends it. With --count, fewer messages than that are a failure: 5 when the time is over, 130 or 143 after a signal, 3 when there is no server for longer than --timeout.

When the subscriptions stand, "subscribed to …" is written to stderr; scripts can wait for that line. At the end stderr gets a summary. Without a terminal the output is the same text without colours: scripts take --json, --format or --raw.

Messages that come quicker than the output is read are kept up to 64 MiB, then dropped and counted, and the exit code is 9. --slow wait stops reading instead, which makes the server hold what comes, until it cuts a reader that is too slow: that too is told, and is 9.`;
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
      description: 'Only large orders, as a line of your own',
      command: String.raw`<%= config.bin %> sub 'orders.*' --filter 'json:.total>100' --format '{time} {subject} {json:.total}\n'`,
    },
    {
      description: 'Requests with their replies and how long those took',
      command: "<%= config.bin %> sub 'service.>' --match-replies",
    },
    {
      description: 'How much there is on which subject, for a minute',
      command: "<%= config.bin %> sub '>' --report subjects --duration 1m",
    },
  ];
  static override args = subjectArgs;
  static override flags = {
    ...readingFlags,
    'match-replies': Flags.boolean({
      summary: 'print requests with their replies; how long to wait for one is --timeout',
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
    const dial = this.dial();
    const inboxes = flags.inbox ? [newInbox(dial.inboxPrefix)] : [];
    const patterns = [...subscriptionPatterns(args.subject ?? []), ...inboxes];
    if (patterns.length === 0) throw usageError('no subject is given', "natsx sub 'orders.>'");
    const { limits, accepts, slow } = options;
    const queue = flags.queue;
    const announce = (): void => announceSubscribed(this.notices, patterns);
    const plan: Omit<ReadingPlan, 'view'> = { limits, slow, announce };
    const isReport = flags.report !== undefined || flags['report-subjects'];
    if (isReport) checkReportAlone(options);

    let reading: Reading;
    let request: SubscribeRequest;
    if (flags['match-replies']) {
      if (isReport) throw usageError('--report does not go with --match-replies');
      const print = createExchangePrinter(this.desk, options);
      reading = new Reading(this.desk, { ...plan, view: { message: () => undefined } });
      request = matchRepliesRequest(patterns, {
        limits,
        accepts,
        inboxPattern: `${dial.inboxPrefix}.>`,
        timeoutMs: this.timeoutMs,
        onExchange: (exchange) => print(exchange, reading.guard),
        ready: () => this.out.ready(),
      });
    } else {
      const view = isReport
        ? subjectReportView(this.desk, flags.top)
        : messageView(this.desk, options, { queue });
      reading = new Reading(this.desk, { ...plan, view });
      request = { connections: [patterns.map((pattern) => ({ pattern, queue }))], limits, accepts };
    }
    const policy = this.policy(limits.count === undefined ? 'endless' : 'goal');
    const target = { dial, policy, version: this.config.version };
    reading.finish(await subscribe(target, request, reading.sink, this.life.signal));
  }
}
