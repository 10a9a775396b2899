import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { sendRequests } from '../messaging/run/request.js';
import { BaseCommand } from '../terminal/base-command.js';
import { bodyFlags } from '../messaging/flags/body-input.js';
import { positiveCountFlag, repliesFlag, waitFlag } from '../terminal/flag-types.js';
import { makerOf, messageFlags, unfilledTemplate } from '../messaging/flags/message-flags.js';
import { replyPrinter } from '../messaging/console/reply-printer.js';
import { quoted } from '../core/printable.js';
import { parseDelimiter } from '../core/values/delimiter.js';
import { replyExpectation, requestsFailure } from '../messaging/model/request-outcome.js';
import { requestsJson, requestsSummary } from '../messaging/view/request-text.js';

export default class Request extends BaseCommand {
  static override aliases = ['req'];
  static override summary = 'send a request and print the reply';
  static override description = `The body of the reply goes to stdout, its round-trip time and headers to stderr. Exit code 6: no responders (--wait-for-responder waits for one); 5: no reply, or fewer than requested, within --timeout; 8: the service answered with an error (its reply is printed).

stdin is read only on request: with - as the body, or --stdin.`;
  static override examples = [
    {
      description: 'One request, one reply',
      command: `<%= config.bin %> request example.echo 'Hello NATS!'`,
    },
    {
      description: 'All replies, until none arrives for 200ms',
      command: `<%= config.bin %> request example.echo --replies all --gap 200ms`,
    },
    {
      description: 'How fast is the service? 1000 requests, 10 at a time',
      command: `<%= config.bin %> request example.echo 'number {{Count}}' --template --count 1000 --concurrency 10 --raw`,
    },
    {
      description: 'Wait for a service that is just starting',
      command: `<%= config.bin %> request example.echo ready --wait-for-responder 10s`,
    },
    {
      description: 'As JSON, with the round-trip time',
      command: `<%= config.bin %> request example.echo '{"id":7}' -H 'Trace: a1' --json`,
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'subject to send the request to',
      required: true,
      ignoreStdin: true,
    }),
    body: Args.string({
      description: 'body of the request; - reads it from stdin',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...bodyFlags,
    ...messageFlags,
    replies: repliesFlag({ summary: 'wait for N replies, or "all"', default: 1 }),
    gap: waitFlag({
      aliases: ['reply-timeout'],
      summary:
        'stop waiting when no reply arrives for this long [default: 300ms with --replies all]',
    }),
    'wait-for-empty': Flags.boolean({ summary: 'treat an empty reply as the end of the answer' }),
    'wait-for-responder': waitFlag({
      summary:
        'wait up to this long for a responder, and send the request again until there is one',
    }),
    count: positiveCountFlag({ summary: 'send N requests and report round-trip times' }),
    concurrency: positiveCountFlag({
      summary: 'send up to N requests at a time',
      dependsOn: ['count'],
    }),
    raw: Flags.boolean({
      char: 'r',
      summary: 'print only the bodies',
      exclusive: ['json'],
    }),
    delimiter: Flags.string({
      helpValue: '<text>',
      summary: 'separator between raw replies: newline, nul, none, or a string',
      default: 'newline',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Request);
    const make = await makerOf(args.subject, args.body, flags, this.life.signal);
    const remark = unfilledTemplate([args.subject, args.body], flags);
    if (remark !== undefined) this.notices.notice(remark);
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
      waitForResponderMs: flags['wait-for-responder'] ?? 0,
      onWaiting: () => this.notices.notice(`no responders on ${quoted(args.subject)} yet, waiting`),
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
