import { peek } from '../../backlog/run/peek.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag } from '../../terminal/flag-types.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { peekJson, peekText } from '../../backlog/view/peek-text.js';

export default class BacklogPeek extends BaseCommand {
  static override summary = 'show the messages that a consumer is stuck on or gets next';
  static override description =
    'Reads the messages from the stream itself: this does not count as a delivery, and no consumer is created.';
  static override examples = [
    {
      description: 'What is it stuck on?',
      command: '<%= config.bin %> backlog peek ORDERS billing',
    },
    {
      description: 'The next ten, as JSON lines',
      command: '<%= config.bin %> backlog peek ORDERS billing --count 10 --json',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };
  static override flags = {
    count: countFlag({ char: 'n', default: 1, summary: 'number of messages' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BacklogPeek);
    const request = { ...args, count: flags.count, scope: this.jetStream };
    const result = await this.withClient('goal', ({ connection }) => peek(connection, request));
    if (this.common.json) for (const line of peekJson(result)) this.out.line(line);
    else this.out.text(peekText(result, this.style));
  }
}
