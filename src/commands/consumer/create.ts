import { makeConsumer } from '../../streams/run/manage/consumer-create.js';
import { printOutcome } from '../../streams/console/print-outcome.js';
import { answerNatscliFlags, natscliCreateFlags } from '../../streams/flags/natscli-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, dryRunFlag, readConfigInput } from '../../streams/console/config-input.js';
import { consumerConfigFlags } from '../../streams/flags/consumer-config-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { existsDifferently } from '../../streams/model/config-outcome.js';
import { CONSUMER_FLAGS, consumerConfigOf } from '../../streams/model/consumer-config.js';
import { consumerEditCommand } from '../../streams/model/consumer-edit.js';

export default class ConsumerCreate extends BaseCommand {
  static override aliases = ['consumer:add'];
  static override summary = 'create a consumer of a stream';
  static override description =
    'Without flags, creates a durable pull consumer with explicit acknowledgement. Settings are given as flags, or in a JSON file in the format of the server. An existing consumer is never changed: if it has the same settings, the exit code is 0; otherwise, the differences are shown, and the exit code is 8.';
  static override examples = [
    {
      description: 'A consumer of all orders',
      command: '<%= config.bin %> consumer create ORDERS billing',
    },
    {
      description: 'New messages on one subject, at most five deliveries each, with growing delays',
      command:
        '<%= config.bin %> consumer create ORDERS mail --filter orders.paid --deliver new --max-deliver 5 --backoff 1s,10s,1m',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    ...configFlag,
    ...consumerConfigFlags,
    ...dryRunFlag,
    ...natscliCreateFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerCreate);
    const notice = answerNatscliFlags(flags, 'consumer');
    if (notice !== undefined) this.notices.notice(notice);
    const wish = {
      stream: args.stream,
      name: args.consumer,
      flags: consumerConfigOf(CONSUMER_FLAGS, flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    const outcome = await this.withClient('goal', (client) =>
      makeConsumer(client, this.jetStream, { ...wish, apply: !flags['dry-run'] }),
    );
    printOutcome(this.terminal, outcome);
    if (outcome.action === 'different')
      throw existsDifferently(outcome, consumerEditCommand(args, outcome.changes));
  }
}
