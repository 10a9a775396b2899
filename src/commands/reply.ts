import * as Args from '@oclif/core/args';

import { answerRequests, delayed, hasReachedGoal, replyFailure } from '../messaging/run/reply.js';
import { answerSource } from '../messaging/console/answer-source.js';
import { BaseCommand } from '../terminal/base-command.js';
import { unfilledTemplate } from '../messaging/flags/message-flags.js';
import { replyFlags } from '../messaging/flags/reply-flags.js';
import type { AnsweredRequest } from '../core/message/answer.js';
import { parseQueueGroup } from '../core/entity-name.js';
import { failing } from '../core/message/answerers.js';
import { usageError, type NatsxError } from '../core/errors.js';
import { printableText } from '../core/printable.js';
import { parseSubscriptionPattern } from '../core/subject/subject.js';
import { answeredJson, answeredLine, replySummary } from '../messaging/view/reply-text.js';

export default class Reply extends BaseCommand {
  static override summary = 'answer requests';
  static override description = `Answers with a fixed body, a template or the output of a command, or echoes the request (the default). On Ctrl-C it stops accepting requests, finishes the pending ones, and exits with 0.

The command is a shell command line. It gets the payload on stdin, and NATS_REQUEST_SUBJECT, NATS_REQUEST_BODY (if it is text), NATS_REQUEST_REPLY and NATS_REQUEST_HEADERS (JSON) in its environment; its stdout is the reply. If it fails, the reply has the headers Nats-Service-Error, with the last line of its stderr, and Nats-Service-Error-Code, with its exit code. A command that takes too long is stopped; its code is 124.`;
  static override examples = [
    {
      description: 'Echo every request',
      command: `<%= config.bin %> reply example.echo --echo`,
    },
    {
      description: 'A template',
      command: `<%= config.bin %> reply example.time 'It is {{TimeStamp}}, you said {{Request}}' --template`,
    },
    {
      description: 'The output of a command',
      command: `<%= config.bin %> reply example.upper --command 'tr a-z A-Z'`,
    },
    {
      description: 'A slow service that sometimes fails, sharing requests in a queue group',
      command: `<%= config.bin %> reply example.slow done --queue workers --delay 5ms..50ms --error-rate 5%`,
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'subject or pattern to answer requests on',
      required: true,
      ignoreStdin: true,
    }),
    body: Args.string({
      description: 'body of the reply; - reads it from stdin',
      ignoreStdin: true,
    }),
  };
  static override flags = replyFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Reply);
    const subject = parseSubscriptionPattern(args.subject);
    if (flags.count === 0) {
      throw usageError('--count 0 would answer nothing', 'leave it out to answer until Ctrl-C');
    }
    const remark = unfilledTemplate([args.body], { ...flags, count: flags.count ?? Infinity });
    if (remark !== undefined) this.notices.notice(remark);
    const source = await answerSource(args.body, flags, this.notices, this.life.signal);
    const plan = {
      subject,
      queue: flags.queue === undefined ? undefined : parseQueueGroup(flags.queue),
      count: flags.count,
      durationMs: flags.duration,
      concurrency: flags.concurrency,
      answer: delayed(
        flags.delay ?? flags.sleep,
        Math.random,
        failing(flags['error-rate'], Math.random, source),
      ),
      drainMs: this.timeoutMs,
      onReady: () => this.notices.notice(`listening on ${printableText(subject)}`),
      onAnswered: (answered: AnsweredRequest) => this.#print(answered),
      onWithoutReply: () =>
        this.notices.warn(
          'received a message without a reply subject; such messages are only counted',
        ),
      onNotSent: (reason: NatsxError, isReplaced: boolean) =>
        this.notices.warn(
          `${reason.message}; ${isReplaced ? 'an error was sent instead' : 'nothing was sent instead'}`,
        ),
      onRefused: (error: NatsxError) => this.notices.warn(error.message),
    };
    const target = this.target(
      this.policy(flags.count === undefined ? 'endless' : 'goal', 'unanswered'),
    );
    const result = await answerRequests(target, plan, this.life.signal);
    this.notices.notice(replySummary(result));
    const failure = replyFailure(result, flags);
    if (failure !== undefined) throw failure;
    if (!hasReachedGoal(result, flags)) {
      this.failIfInterrupted(
        flags.count === undefined ? 'the time was up' : 'every request was answered',
      );
    }
  }

  #print(answered: AnsweredRequest): void {
    if (this.common.json) this.out.line(answeredJson(answered));
    else if (!this.common.quiet) this.out.line(answeredLine(answered, this.style));
  }
}
