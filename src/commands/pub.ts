import * as Args from '@oclif/core/args';

import { publishAll } from '../messaging/run/publish.js';
import { BaseCommand } from '../terminal/base-command.js';
import { unfilledTemplate } from '../messaging/flags/message-flags.js';
import { publishFlags } from '../messaging/flags/publish-flags.js';
import type { JetStreamPublishFlagValues } from '../streams/flags/jetstream-publish-flags.js';
import { jetStreamPublishFlags } from '../streams/flags/jetstream-publish-flags.js';
import type { PublishPlan } from '../messaging/console/publish-plan.js';
import { publishPlan } from '../messaging/console/publish-plan.js';
import { slowProgress } from '../terminal/slow-progress.js';
import type { PublishTotals } from '../messaging/model/publish-ledger.js';
import { publishFailure } from '../messaging/model/publish-result.js';
import { publishJson, publishProgress, publishSummary } from '../messaging/view/publish-text.js';

export default class Pub extends BaseCommand {
  static override summary = 'publish messages';
  static override description = `Success means that the server has received all messages and refused none of them. If the connection breaks, natsx waits for the server for up to --timeout, continues, and reports how many messages are unconfirmed.

With --jetstream, success means that a stream has stored every message. Messages that get no acknowledgement are sent again: always if they have a message id (--msg-id, --msg-id-from), because the stream detects duplicates; without one, only if they were certainly not stored.

stdin is read only on request: with - as the body, --stdin, --lines or --jsonl.`;
  static override examples = [
    {
      description: 'One message',
      command: `<%= config.bin %> pub example 'Hello NATS!'`,
    },
    {
      description: 'With headers',
      command: `<%= config.bin %> pub orders.new '{"id":7}' -H 'Trace: a1' -H 'Tag: x' -H 'Tag: y'`,
    },
    {
      description: 'A thousand different messages, 500 per second',
      command: `<%= config.bin %> pub 'orders.{{Count}}' 'number {{Count}}' --template --count 1000 --rate 500`,
    },
    {
      description: 'One message per line',
      command: `printf 'one\\ntwo\\n' | <%= config.bin %> pub lines --lines`,
    },
    {
      description: 'Into a stream, complete and without duplicates even if the server restarts',
      command: `printf 'one\\ntwo\\n' | <%= config.bin %> pub orders.new --lines --jetstream --msg-id '{{ID}}'`,
    },
    {
      description: 'Into a stream, all lines or none',
      command: `printf 'one\\ntwo\\n' | <%= config.bin %> pub orders.new --lines --jetstream --atomic`,
    },
    {
      description: 'A message that the stream publishes on weekdays at 9:30',
      command: `<%= config.bin %> pub schedules.report 'go' --jetstream --schedule-cron '0 30 9 * * 1-5' --schedule-target orders.report`,
    },
    {
      description: 'What sub --json printed, to another subject',
      command: `echo '{"subject":"a","payload":{"id":7}}' | <%= config.bin %> pub copy --jsonl`,
    },
    {
      description: 'The same, each message to a subject below copy',
      command: `echo '{"subject":"a.b","payload":7}' | <%= config.bin %> pub --jsonl --map '>=copy.>'`,
    },
  ];
  static override args = {
    subject: Args.string({
      description: 'subject to publish to; with --jsonl it replaces the subject of each line',
      ignoreStdin: true,
    }),
    body: Args.string({
      description: 'body of the message; - reads it from stdin',
      ignoreStdin: true,
    }),
  };
  static override flags = { ...publishFlags, ...jetStreamPublishFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Pub);
    const plan = await publishPlan(args, flags, this.life.signal);
    const remark = unfilledTemplate([args.subject, args.body], flags);
    if (remark !== undefined) this.notices.notice(remark);
    if (flags.jetstream) {
      await this.#publishToStreams(plan, flags, flags.file);
      return;
    }
    const target = this.target(this.policy('goal', 'unconfirmed'));
    let endProgress = (): void => undefined;
    const request = {
      ...plan,
      timeoutMs: this.timeoutMs,
      watch: (totals: () => PublishTotals) => {
        const startedMs = performance.now();
        endProgress = slowProgress(this.notices, () =>
          publishProgress(totals(), performance.now() - startedMs, plan.goal),
        );
      },
    };
    const result = await publishAll(target, request, this.life.signal).finally(() => endProgress());
    if (this.common.json) this.out.json(publishJson(result));
    const failure = publishFailure(result);
    if (failure !== undefined) throw failure;
    this.#warnUnused(plan);
    this.notices.notice(publishSummary(result));
    this.failIfInterrupted('everything was published');
  }

  #warnUnused({ unusedMappings }: PublishPlan): void {
    for (const text of unusedMappings()) this.notices.warn(`no message matched --map '${text}'`);
  }

  /** Loaded only when needed: most messages are published without it. */
  async #publishToStreams(
    basis: PublishPlan,
    flags: JetStreamPublishFlagValues,
    inputFile: string | undefined,
  ): Promise<void> {
    const [{ jetStreamPublishPlan }, { AckReporter }, { publisherOf }] = await Promise.all([
      import('../streams/console/jetstream-publish-plan.js'),
      import('../streams/console/ack-reporter.js'),
      import('../streams/console/publisher-of.js'),
    ]);
    const plan = jetStreamPublishPlan(basis, flags, inputFile);
    const reporter = new AckReporter(this.terminal, plan);
    const giveUpAfterMs =
      this.common['give-up-after'] ?? Math.max(plan.enduranceMs, this.timeoutMs);
    const target = this.target({ ...this.policy('goal', 'retried'), giveUpAfterMs });
    const { ready, settled, watch } = reporter;
    const request = { ...plan, scope: this.jetStream, onSettled: settled, ready, watch };
    const publish = await publisherOf(plan);
    const result = await publish(target, request, this.life.signal).finally(() => reporter.ended());
    this.#warnUnused(basis);
    reporter.report(result);
    this.failIfInterrupted('everything was stored');
  }
}
