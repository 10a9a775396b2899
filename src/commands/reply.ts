import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { delayed } from '../messaging/run/delayed-answers.js';
import { answerRequests } from '../messaging/run/reply.js';
import { answerSource } from '../messaging/console/answer-source.js';
import { BaseCommand } from '../terminal/base-command.js';
import { bodyFlags } from '../messaging/flags/body-input.js';
import {
  countFlag,
  delayFlag,
  positiveCountFlag,
  shareFlag,
  waitFlag,
} from '../terminal/flag-types.js';
import { messageFlags } from '../messaging/flags/message-flags.js';
import type { AnsweredRequest } from '../core/message/answer.js';
import { parseQueueGroup } from '../core/entity-name.js';
import { failing } from '../core/message/answerers.js';
import { usageError, type NatsxError } from '../core/errors.js';
import { printableText } from '../core/printable.js';
import { parseSubscriptionPattern } from '../core/subject/subject.js';
import { answeredJson, answeredLine, replySummary } from '../messaging/view/reply-text.js';

export default class Reply extends BaseCommand {
  static override summary = 'answer requests';
  static override description = `Answers with a fixed body, with a template, with what a command writes, or with the request itself (when nothing else is said). Ctrl-C takes no more requests, finishes those that have arrived, and exits with 0.

A command is a line for the shell. The payload is on its stdin; NATS_REQUEST_SUBJECT, NATS_REQUEST_BODY (when it is text), NATS_REQUEST_REPLY and NATS_REQUEST_HEADERS (JSON) are in its environment; its stdout is the answer. When it fails, the answer carries Nats-Service-Error, with the last line of its stderr, and Nats-Service-Error-Code, its exit code. A command that takes too long is ended, and its code is 124.`;
  static override examples = [
    {
      description: 'Give everybody back what they sent',
      command: `<%= config.bin %> reply example.echo --echo`,
    },
    {
      description: 'A template',
      command: `<%= config.bin %> reply example.time 'It is {{TimeStamp}}, you said {{Request}}' --template`,
    },
    {
      description: 'What a command says',
      command: `<%= config.bin %> reply example.upper --command 'tr a-z A-Z'`,
    },
    {
      description: 'A slow service that fails now and then, sharing the work with others',
      command: `<%= config.bin %> reply example.slow done --queue workers --delay 5ms..50ms --error-rate 5%`,
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'what to listen to; wildcards are allowed',
      required: true,
      ignoreStdin: true,
    }),
    body: Args.string({
      description: 'the answer; - takes it from stdin',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...bodyFlags,
    ...messageFlags,
    template: Flags.boolean({
      ...messageFlags.template,
      summary: `${messageFlags.template.summary ?? ''}, and of the request {{Request}}`,
    }),
    echo: Flags.boolean({
      summary: 'answer with the request, headers included',
      exclusive: ['command', 'template'],
    }),
    command: Flags.string({
      helpValue: '<line>',
      summary: 'answer with what this command writes',
      exclusive: ['template'],
    }),
    'command-timeout': waitFlag({
      summary: 'how long the command may take for one request [default: 1m]',
      dependsOn: ['command'],
    }),
    queue: Flags.string({
      helpValue: '<name>',
      summary: 'share the requests with this queue group',
    }),
    count: countFlag({ summary: 'end after so many requests' }),
    concurrency: positiveCountFlag({ summary: 'requests handled at the same time', default: 1 }),
    delay: delayFlag({ summary: 'wait before answering: 20ms, 1ms..20ms or "exponential 10ms"' }),
    sleep: delayFlag({ hidden: true, exclusive: ['delay'] }),
    'error-rate': shareFlag({
      summary: 'answer such a share of the requests with an error',
      default: 0,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Reply);
    const subject = parseSubscriptionPattern(args.subject);
    if (flags.count === 0) {
      throw usageError('--count 0 would answer nothing', 'leave it out to answer without an end');
    }
    const source = await answerSource(args.body, flags, this.notices, this.life.signal);
    const plan = {
      subject,
      queue: flags.queue === undefined ? undefined : parseQueueGroup(flags.queue),
      count: flags.count,
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
        this.notices.warn('a message came that names no reply subject; such messages are counted'),
      onNotSent: (reason: NatsxError, isReplaced: boolean) =>
        this.notices.warn(
          `${reason.message}; ${isReplaced ? 'the requester got an error in its place' : 'the requester got no answer'}`,
        ),
      onRefused: (error: NatsxError) => this.notices.warn(error.message),
    };
    const target = this.target(
      this.policy(flags.count === undefined ? 'endless' : 'goal', 'unanswered'),
    );
    const result = await answerRequests(target, plan, this.life.signal);
    this.notices.notice(replySummary(result));
    if (result.failure !== undefined) throw result.failure;
    if (flags.count !== undefined && result.answered + result.unanswered < flags.count) {
      this.failIfInterrupted('every request was answered');
    }
  }

  #print(answered: AnsweredRequest): void {
    if (this.common.json) this.out.line(answeredJson(answered));
    else if (!this.common.quiet) this.out.line(answeredLine(answered, this.style));
  }
}
