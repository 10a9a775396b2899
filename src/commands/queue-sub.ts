import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { memberNames, queueSubscription } from '../messaging/run/queue-workers.js';
import { subscribe } from '../messaging/run/subscribe.js';
import { announceSubscribed } from '../streams/console/announcement.js';
import { BaseCommand } from '../terminal/base-command.js';
import { queueView } from '../messaging/console/reading-views.js';
import { readingOptions, subscriptionPatterns } from '../messaging/flags/reading-options.js';
import { SubscriptionRun } from '../messaging/console/subscription-run.js';
import { readingFlags, reportTopFlag, workTimeFlag } from '../messaging/flags/sub-flags.js';
import { parseQueueGroup } from '../core/entity-name.js';

export default class QueueSub extends BaseCommand {
  static override summary = "subscribe as members of a queue group and show each member's share";
  static override description = `The server delivers each message to one member of the group. This process can act as several members (--workers) that take some time for each message (--work). It shows the share of each of its members, with every message and as a table at the end. Members in other processes are not shown.

It prints and ends like "natsx sub". On Ctrl-C the members leave the group and finish the messages that they have.`;
  static override examples = [
    {
      description: 'One member of the group "billing"',
      command: '<%= config.bin %> queue-sub orders.new billing',
    },
    {
      description: 'Three members that take 20ms per message, until 100 messages are done',
      command: '<%= config.bin %> queue-sub orders.new billing --workers 3 --work 20ms --count 100',
    },
    {
      description: 'Only the shares, with one connection per member, for ten seconds',
      command:
        "<%= config.bin %> queue-sub 'orders.*' billing --workers 4 --own-connections --report members --duration 10s",
    },
  ];
  static override args = {
    subject: Args.string({
      description: "subject or pattern, in quotes: 'orders.*'",
      required: true,
      ignoreStdin: true,
    }),
    queue: Args.string({
      description: 'name of the queue group',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...readingFlags,
    workers: Flags.integer({
      char: 'w',
      min: 1,
      max: 1000,
      default: 1,
      helpValue: '<number>',
      summary: 'members of the group in this process',
      helpGroup: 'WORKERS',
    }),
    work: workTimeFlag({
      summary:
        'how long a member takes for a message: 20ms, or 10ms..30ms for a random time in this range',
      helpGroup: 'WORKERS',
    }),
    'own-connections': Flags.boolean({
      summary: 'one connection per member',
      helpGroup: 'WORKERS',
    }),
    report: Flags.option({
      options: ['members', 'subjects'] as const,
      helpValue: '<members|subjects>',
      summary: 'print a table instead of messages; live on a terminal',
      helpGroup: 'OUTPUT OF MESSAGES',
    })(),
    top: reportTopFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(QueueSub);
    const options = readingOptions(flags);
    const { limits, accepts, slow } = options;
    const patterns = subscriptionPatterns([args.subject]);
    const queue = parseQueueGroup(args.queue);
    const members = memberNames(flags.workers);
    const reading = new SubscriptionRun(this.terminal, {
      limits,
      slow,
      patterns: accepts === undefined && flags.report === undefined ? patterns : [],
      view: queueView(this.terminal, options, {
        queue,
        members,
        report: flags.report,
        top: flags.top,
      }),
      announce: () =>
        announceSubscribed(this.notices, patterns, { queue, members: members.length }),
    });
    const request = queueSubscription(
      {
        pattern: args.subject,
        queue,
        members,
        ownConnections: flags['own-connections'],
        limits,
        accepts,
        work: flags.work,
        holdBack: slow === 'wait',
      },
      reading.sink,
    );
    const target = this.target(
      this.policy(limits.count === undefined ? 'endless' : 'goal', 'missed'),
    );
    reading.finish(await subscribe(target, request, reading.sink, this.life.signal));
  }
}
