import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { sendRequests } from '../messaging/run/request.js';
import { BaseCommand } from '../terminal/base-command.js';
import { bodyFlags } from '../messaging/flags/body-input.js';
import { positiveCountFlag, repliesFlag, waitFlag } from '../terminal/flag-types.js';
import { messageFlags } from '../messaging/flags/message-flags.js';
import { makerOf } from '../messaging/flags/message-maker.js';
import { replyPrinter } from '../messaging/console/reply-printer.js';
import { parseDelimiter } from '../core/values/delimiter.js';
import { replyExpectation, requestsFailure } from '../messaging/model/request-outcome.js';
import { requestsJson, requestsSummary } from '../messaging/view/request-text.js';

export default class Request extends BaseCommand {
  static override aliases = ['req'];
  static override summary = 'send a request and print the reply';
  static override description = `The body of the reply goes to stdout, its round trip and headers to stderr. Exit code 6: nobody listens; 5: no reply, or fewer than asked for, within --timeout; 8: the service answered with an error (what it sent is printed).

stdin is read only when asked for: with the body - or --stdin.`;
  static override examples = [
    {
      description: 'One request, one reply',
      command: `<%= config.bin %> request example.echo 'Hello NATS!'`,
    },
    {
      description: 'Everybody who answers, until 200ms after the last one',
      command: `<%= config.bin %> request example.echo --replies all --gap 200ms`,
    },
    {
      description: 'How quick is the service? 1000 requests, 10 at the same time',
      command: `<%= config.bin %> request example.echo 'number {{Count}}' --template --count 1000 --concurrency 10 --raw`,
    },
    {
      description: 'As JSON, with the round trip',
      command: `<%= config.bin %> request example.echo '{"id":7}' -H 'Trace: a1' --json`,
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'where to send the request',
      required: true,
      ignoreStdin: true,
    }),
    body: Args.string({
      description: 'what to ask; - takes it from stdin',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...bodyFlags,
    ...messageFlags,
    replies: repliesFlag({ summary: 'wait for so many replies, or for all', default: 1 }),
    gap: waitFlag({
      aliases: ['reply-timeout'],
      summary:
        'no more replies are expected so long after the last one [default: 300ms with --replies all]',
    }),
    'wait-for-empty': Flags.boolean({ summary: 'an empty reply is the end of the answer' }),
    count: positiveCountFlag({ summary: 'send so many requests and tell the round trips' }),
    concurrency: positiveCountFlag({
      summary: 'so many requests at the same time',
      dependsOn: ['count'],
    }),
    raw: Flags.boolean({
      char: 'r',
      summary: 'print the bodies and nothing else',
      exclusive: ['json'],
    }),
    delimiter: Flags.string({
      helpValue: '<text>',
      summary: 'what stands between raw replies: newline, nul, none, or a text',
      default: 'newline',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Request);
    const make = await makerOf(args.subject, args.body, flags, this.life.signal);
    const count = flags.count ?? 1;
    const printer = replyPrinter(this.out, this.notices, {
      type: this.common.json ? 'json' : flags.raw ? 'raw' : 'text',
      delimiter: parseDelimiter(flags.delimiter),
      headings: !this.common.json && !flags.raw && count === 1,
      subject: args.subject,
    });
    const plan = {
      make,
      expected: replyExpectation({
        replies: flags.replies,
        untilEmpty: flags['wait-for-empty'],
        gapMs: flags.gap,
        timeoutMs: this.timeoutMs,
      }),
      count,
      concurrency: flags.concurrency ?? 1,
      onReply: printer.print,
      room: () => this.out.ready(),
    };
    const target = this.target(this.policy('goal', 'reply-missed'));
    const result = await sendRequests(target, plan, this.life.signal);
    printer.end();
    await this.out.drained();
    if (count > 1) {
      if (this.common.json) this.out.json(requestsJson(result));
      this.notices.notice(requestsSummary(result));
    }
    this.failIfInterrupted('every request was answered');
    const failure = requestsFailure(result);
    if (failure !== undefined) throw failure;
  }
}
