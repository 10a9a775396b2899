import { streamInfo } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { stringifyExactJson } from '../../core/message/exact-json.js';
import { serverNowMs } from '../../streams/model/stream-info.js';
import { streamInfoText } from '../../streams/view/stream-info-text.js';

export default class StreamInfo extends BaseCommand {
  static override summary = 'show the state and the settings of a stream';
  static override description =
    "With --json, prints the server's answer, unchanged. natsx backlog STREAM shows what it means.";
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
      streamInfo(connection, args.stream, this.jetStream),
    );
    const view = { style: this.style, width: this.out.width };
    if (this.common.json) this.out.line(stringifyExactJson(info));
    else this.out.text(streamInfoText(info, serverNowMs(info, Date.now()), view));
  }
}
