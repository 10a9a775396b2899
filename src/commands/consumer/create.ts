import { makeConsumer } from '../../streams/run/manage/consumer-create.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
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
  static override summary = 'make a consumer of a stream';
  static override description =
    "A durable pull consumer that acknowledges each message, unless flags or a JSON file in the server's own shape say otherwise. A consumer of that name that exists is never changed: when it is the same the exit code is 0, when it differs the differences are shown and the exit code is 8.";
  static override examples = [
    {
      description: 'A consumer of all orders',
      command: '<%= config.bin %> consumer create ORDERS billing',
    },
    {
      description: 'New messages of one subject, five tries each with growing waits',
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
    if (this.common.json) this.out.line(configOutcomeJson(outcome));
    else this.out.text(configOutcomeText(outcome, { style: this.style, width: this.out.width }));
    if (outcome.action !== 'different') return;
    const command = consumerEditCommand(args, outcome.changes);
    throw new NatsxError(
      'rejected',
      `the consumer "${args.consumer}" of "${args.stream}" exists and is different`,
      {
        hint:
          command === undefined
            ? 'such a consumer cannot be changed into the other: choose another name, or remove it first'
            : `look at the differences, then: ${command}`,
        details: { ...args, changes: outcome.changes.length },
      },
    );
  }
}
