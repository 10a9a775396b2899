import { assetInfo } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { stringifyExactJson } from '../../core/message/exact-json.js';
import { infoText } from '../../streams/view/listing-text.js';

export default class StreamInfo extends BaseCommand {
  static override summary = 'show the state and the settings of a stream';
  static override description =
    "With --json, the server's answer, unchanged. natsx backlog STREAM shows what it means.";
  static override examples = [
    { description: 'Its state and settings', command: '<%= config.bin %> stream info ORDERS' },
    {
      description: 'How many messages?',
      command: '<%= config.bin %> stream info ORDERS --json | jq .state.messages',
    },
  ];
  static override args = streamArg;

  async run(): Promise<void> {
    const { args } = await this.parse(StreamInfo);
    const info = await this.withClient('goal', ({ connection }) =>
      assetInfo(connection, args, this.jetStream),
    );
    if (this.common.json) this.out.line(stringifyExactJson(info));
    else this.out.text(infoText(info, this.style));
  }
}
