import { listing } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { consumerJson, consumerListText, missingJson } from '../../streams/view/listing-text.js';

export default class ConsumerLs extends BaseCommand {
  static override summary = 'list the consumers of a stream';
  static override description =
    'One line per consumer; with --json, one object per line. natsx backlog STREAM shows which consumers are behind, and why.';
  static override examples = [
    { description: 'All consumers', command: '<%= config.bin %> consumer ls ORDERS' },
    {
      description: 'Only the names',
      command: '<%= config.bin %> consumer ls ORDERS --json | jq -r .name',
    },
  ];
  static override args = streamArg;

  async run(): Promise<void> {
    const { args } = await this.parse(ConsumerLs);
    const request = { stream: args.stream, scope: this.jetStream };
    const found = await this.withClient('goal', ({ connection }) => listing(connection, request));
    const objects = [...found.consumers.map(consumerJson), ...found.missing.map(missingJson)];
    if (this.common.json) for (const object of objects) this.out.json(object);
    else this.out.text(consumerListText(found, { style: this.style, width: this.out.width }));
  }
}
