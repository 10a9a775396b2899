import { makeConsumer } from '../../streams/run/manage/consumer-create.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { isConfirmation } from '../../streams/model/config-outcome.js';
import { consumerConfigFlags } from '../../streams/flags/consumer-config-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { NatsxError } from '../../core/errors.js';
import { configFromFlags } from '../../streams/model/config-flags.js';
import {
  CONSUMER_FLAGS,
  deliverConfig,
  filterConfig,
} from '../../streams/model/consumer-config.js';
import { consumerEditCommand } from '../../streams/model/consumer-edit.js';
import { configOutcomeJson, configOutcomeText } from '../../streams/view/config-outcome-text.js';

export default class ConsumerCreate extends BaseCommand {
  static override aliases = ['consumer:add'];
  static override summary = 'create a consumer of a stream';
  static override description =
    'Without flags, a durable pull consumer with explicit acknowledgement; settings are flags, or a JSON file in the format of the server. An existing consumer is never changed: if it has the same settings, the exit code is 0; otherwise, the differences are shown, and the exit code is 8.';
  static override examples = [
    {
      description: 'A consumer of all orders',
      command: '<%= config.bin %> consumer create ORDERS billing',
    },
    {
      description: 'New messages of one subject, five deliveries each with growing waits',
      command:
        '<%= config.bin %> consumer create ORDERS mail --filter orders.paid --deliver new --max-deliver 5 --backoff 1s,10s,1m',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = { ...configFlag, ...consumerConfigFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerCreate);
    const wish = {
      stream: args.stream,
      name: args.consumer,
      flags: {
        ...configFromFlags(CONSUMER_FLAGS, flags),
        ...filterConfig(flags.filter),
        ...deliverConfig({
          deliver: flags.deliver,
          startSeq: flags['start-seq'],
          startTime: flags['start-time'],
        }),
      },
      file: await readConfigInput(flags.config, this.life.signal),
    };
    const outcome = await this.withClient('goal', (client) =>
      makeConsumer(client, this.jetStream, wish),
    );
    printChange(this.terminal, {
      done: isConfirmation(outcome),
      json: configOutcomeJson(outcome),
      text: (view) => configOutcomeText(outcome, view),
    });
    if (outcome.action !== 'different') return;
    const command = consumerEditCommand(args, outcome.changes);
    throw new NatsxError(
      'rejected',
      `the consumer "${args.consumer}" of "${args.stream}" exists with other settings`,
      {
        hint:
          command === undefined
            ? 'these settings cannot be changed: choose another name, or remove the consumer first'
            : `to change it: ${command}`,
        details: { ...args, changes: outcome.changes.length },
      },
    );
  }
}
