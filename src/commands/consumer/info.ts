import { consumerInfo } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { stringifyExactJson } from '../../core/message/exact-json.js';
import { serverNowMs } from '../../streams/model/stream-info.js';
import { consumerInfoText } from '../../streams/view/consumer-info-text.js';

export default class ConsumerInfo extends BaseCommand {
  static override summary = 'show the state and the settings of a consumer';
  static override description =
    "With --json, prints the server's answer, unchanged. natsx backlog STREAM CONSUMER shows what it means.";
  static override examples = [
    {
      description: 'Its state and settings',
      command: '<%= config.bin %> consumer info ORDERS billing',
    },
    {
      description: 'How many messages are waiting?',
      command: '<%= config.bin %> consumer info ORDERS billing --json | jq .num_pending',
    },
  ];
  static override args = { ...streamArg, ...consumerArg };

  async run(): Promise<void> {
    const { args } = await this.parse(ConsumerInfo);
    const info = await this.withClient('goal', ({ connection }) =>
      consumerInfo(connection, args, this.jetStream),
    );
    const view = { style: this.style, width: this.out.width };
    if (this.common.json) this.out.line(stringifyExactJson(info));
    else this.out.text(consumerInfoText(info, serverNowMs(info, Date.now()), view));
  }
}
